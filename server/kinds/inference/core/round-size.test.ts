import { expect, test } from "vitest";
import {
  BATCH_BYTES_MAX,
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  TAB_MEMORY_BYTES_MAX,
} from "../../../../shared/protocol/limits.ts";
import { MACS_PER_MS_ASSUMED } from "../planner/crowd-facts.ts";
import { groupsPerRoundOf, roundsInFlightFor } from "./round-size.ts";
import { tabBytes } from "./tab-bytes.ts";

const SMALL = {
  inputSize: 784,
  outputSize: 10,
  macsPerQuery: 1e5,
  weightBytes: 1e6,
  activationsPerQuery: 2_000,
  numbersPerRun: 0,
};

/** A crowd of which nothing is known but how many are ready. */
const ASSUMED = { macsPerMs: MACS_PER_MS_ASSUMED, volunteers: 16 };

test("[DP3] where nobody says how many rounds may be open, a slow tab each may hold one, and one more is there", () => {
  expect([0, 3, 16, 62, 63, 10_000].map(roundsInFlightFor)).toEqual([4, 4, 17, 63, 64, 64]);
});

test("small jobs have rounds of ten groups, large ones of forty, and those between sixteen rounds", () => {
  const groups = (queryCount: number) => groupsPerRoundOf(queryCount, 4, 7, SMALL, ASSUMED);
  expect([1, 40, 640].map(groups)).toEqual([10, 10, 10]);
  expect(groups(1_280)).toBe(20);
  expect([2_560, 10_000, 1e6].map(groups)).toEqual([40, 40, 40]);
});

test("[VF1] between twenty and forty rows it is twenty: an audit more for a few rows more would be a larger share", () => {
  const groups = (queryCount: number) => groupsPerRoundOf(queryCount, 4, 7, SMALL, ASSUMED);
  expect([1_200, 1_279, 1_281, 1_920, 2_496].map(groups)).toEqual([19, 20, 20, 20, 20]);
});

test("batches of a heavy model take a second of a tab, three where that halves the audits, and have ten rows at least", () => {
  const groups = (macsPerQuery: number) => groupsPerRoundOf(1e6, 4, 7, { ...SMALL, macsPerQuery }, ASSUMED);
  expect([2e7, 5e7, 1e8, 3e8, 3.1e8, 1e10].map(groups)).toEqual([40, 40, 20, 20, 10, 10]);
});

test("a crowd that was measured has batches by its own speed", () => {
  const groups = (macsPerMs: number) =>
    groupsPerRoundOf(1e6, 4, 7, { ...SMALL, macsPerQuery: 5e7 }, { macsPerMs, volunteers: 16 });
  expect([5e6, 2e6, 1.9e6, 4e5, 3e5].map(groups)).toEqual([40, 40, 20, 20, 10]);
});

test("rounds are as small as a tab's memory, a batch and what may be in flight ask for, and one group at least", () => {
  const wide = { ...SMALL, inputSize: 1_000_000 };
  expect(groupsPerRoundOf(1e6, 1, 1, wide, ASSUMED)).toBe(Math.floor(BATCH_BYTES_MAX / 4e6));
  expect(groupsPerRoundOf(1e6, 4, 7, wide, ASSUMED)).toBe(
    Math.floor(BYTES_IN_FLIGHT_PER_JOB_MAX / (7 * 4 * (1e6 + 10))),
  );
  const deep = { ...SMALL, activationsPerQuery: 20_000_000 };
  const ofDeep = groupsPerRoundOf(1e6, 4, 7, deep, ASSUMED);
  expect(tabBytes(deep, ofDeep)).toBeLessThanOrEqual(TAB_MEMORY_BYTES_MAX);
  expect(tabBytes(deep, ofDeep + 1)).toBeGreaterThan(TAB_MEMORY_BYTES_MAX);
  expect(groupsPerRoundOf(1e6, 4, 7, { ...SMALL, activationsPerQuery: 1e12 }, ASSUMED)).toBe(1);
});

test("where each query goes out once batches are larger, as long as a tab takes a second and everybody has four of them", () => {
  const groups = (queryCount: number, volunteers: number, macsPerQuery = 1e5) =>
    groupsPerRoundOf(queryCount, 4, 4, { ...SMALL, macsPerQuery }, { ...ASSUMED, volunteers });
  expect([640, 2_560, 5_120, 10_000, 20_000, 1e6].map((queries) => groups(queries, 16))).toEqual([
    10, 40, 80, 140, 160, 160,
  ]);
  // Many share it: no batch is smaller than it is in a code with spares.
  expect([16, 32, 64, 256, 10_000].map((volunteers) => groups(20_000, volunteers))).toEqual([160, 140, 60, 40, 40]);
  expect([1e7, 2e7, 5e7, 1e8, 1e10].map((macs) => groups(1e6, 16, macs))).toEqual([160, 100, 40, 20, 10]);
});
