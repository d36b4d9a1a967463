import { expect, test } from "vitest";
import { runSlowSenders } from "./run-slow-senders.ts";
import { SLOW_KINDS } from "./slow-kinds.ts";

test("[AC12] every kind of slow sender is cut off, and honest people are served meanwhile", {
  timeout: 150_000,
}, async () => {
  const { kinds, honest } = await runSlowSenders({ sockets: 10 * SLOW_KINDS.length, msMax: 90_000 });
  expect(kinds.map(({ kind, cut }) => [kind, cut])).toEqual(SLOW_KINDS.map(({ name }) => [name, 10]));
  expect(honest.attempts).toBeGreaterThan(0);
  expect([honest.failed, honest.reasons]).toEqual([0, []]);
});
