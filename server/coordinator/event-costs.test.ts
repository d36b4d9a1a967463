/** What an event costs is counted in entries that it was handed: time would say something of this machine. */
import { expect, test } from "vitest";
import { msPerWork, predictMs } from "./response-times.ts";
import type { ResponseSample, Session } from "./state.ts";

test("[EV5] medians of a tab's answers are taken when one comes, and not at each event of its session", () => {
  let reads = 0;
  const watched = (samples: ResponseSample[]) =>
    new Proxy(samples, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) reads++;
        return Reflect.get(target, key, target);
      },
    });
  const responses: ResponseSample[] = watched(
    Array.from({ length: 9 }, (_, n) => ({ ms: 10 + n, work: 100, tripMs: null })),
  );
  const session = { responses } as unknown as Session;
  const asked = () => [predictMs(session, 0), predictMs(session, 500), msPerWork(session)];
  expect(asked()).toEqual([14, 70, 0.14]);
  reads = 0;
  for (let n = 0; n < 100; n++) expect(asked()).toEqual([14, 70, 0.14]);
  // Each looks which is the latest answer.
  expect(reads).toBe(300);
  responses.push({ ms: 1, work: 100, tripMs: null });
  responses.shift();
  expect(asked()).toEqual([14, 70, 0.14]);
  responses.push({ ms: 1, work: 100, tripMs: null });
  responses.shift();
  expect(asked()).toEqual([14, 70, 0.14]);
  for (let n = 0; n < 4; n++) {
    responses.push({ ms: 1, work: 100, tripMs: null });
    responses.shift();
  }
  expect(asked()).toEqual([1, 5, 0.01]);
});
