import { expect, test } from "vitest";
import { BATCH_BYTES_MAX, BYTES_IN_FLIGHT_PER_JOB_MAX, TAB_MEMORY_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { groupsPerRoundOf } from "./round-size.ts";
import { tabBytes } from "./tab-bytes.ts";

const SMALL = { inputSize: 784, outputSize: 10, macsPerQuery: 1e5, weightBytes: 1e6, activationsPerQuery: 2_000 };

test("small jobs have rounds of ten groups, large ones of forty, and those between sixteen rounds", () => {
  const groups = (queryCount: number) => groupsPerRoundOf(queryCount, 4, 7, SMALL);
  expect([1, 40, 640].map(groups)).toEqual([10, 10, 10]);
  expect(groups(1_280)).toBe(20);
  expect([2_560, 10_000, 1e6].map(groups)).toEqual([40, 40, 40]);
});

test("batches of a heavy model do not grow beyond a second of a tab, but there are ten rows at least", () => {
  const groups = (macsPerQuery: number) => groupsPerRoundOf(1e6, 4, 7, { ...SMALL, macsPerQuery });
  expect([2e7, 1e8, 2e8, 1e10].map(groups)).toEqual([40, 20, 10, 10]);
});

test("rounds are as small as a tab's memory, a batch and what may be in flight ask for, and one group at least", () => {
  const wide = { ...SMALL, inputSize: 1_000_000 };
  expect(groupsPerRoundOf(1e6, 1, 1, wide)).toBe(Math.floor(BATCH_BYTES_MAX / 4e6));
  expect(groupsPerRoundOf(1e6, 4, 7, wide)).toBe(Math.floor(BYTES_IN_FLIGHT_PER_JOB_MAX / (7 * 4 * (1e6 + 10))));
  const deep = { ...SMALL, activationsPerQuery: 20_000_000 };
  const ofDeep = groupsPerRoundOf(1e6, 4, 7, deep);
  expect(tabBytes(deep, ofDeep)).toBeLessThanOrEqual(TAB_MEMORY_BYTES_MAX);
  expect(tabBytes(deep, ofDeep + 1)).toBeGreaterThan(TAB_MEMORY_BYTES_MAX);
  expect(groupsPerRoundOf(1e6, 4, 7, { ...SMALL, activationsPerQuery: 1e12 })).toBe(1);
});
