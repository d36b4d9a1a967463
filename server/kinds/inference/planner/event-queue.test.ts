import { expect, test } from "vitest";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { EventQueue } from "./event-queue.ts";

test("events come in the order of their times, those of one time in the order of asking", () => {
  const random = simulationRandom(14_018);
  const queue = new EventQueue<number>();
  const asked = Array.from({ length: 500 }, (_, value) => ({ atMs: random.integer(100), value }));
  for (const { atMs, value } of asked) queue.push(atMs, value);
  expect(queue.size).toBe(500);
  const sorted = asked.toSorted((a, b) => a.atMs - b.atMs || a.value - b.value);
  expect(asked.map(() => queue.pop())).toEqual(sorted);
  expect(queue.pop()).toBeNull();
});
