import { expect, test } from "vitest";
import {
  BATCH_BYTES_MAX,
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  TAB_MEMORY_BYTES_MAX,
} from "../../../../shared/protocol/limits.ts";
import { MACS_PER_MS_ASSUMED } from "../planner/crowd-facts.ts";
import { type CrowdPace, fastPace, groupsPerRoundOf, roundSizesOf, roundsInFlightFor } from "./round-size.ts";
import { tabBytes } from "./tab-bytes.ts";

const SMALL = {
  inputSize: 784,
  outputSize: 10,
  macsPerQuery: 1e5,
  weightBytes: 1e6,
  activationsPerQuery: 2_000,
  numbersPerRun: 0,
};

/** A crowd of which nothing is known but how many are ready; of the next one its speeds are, as an ordinary tab's or slower. */
const ASSUMED: CrowdPace = { macsPerMs: MACS_PER_MS_ASSUMED, volunteers: 16, measured: [] };
const KNOWN = { ...ASSUMED, measured: [MACS_PER_MS_ASSUMED] };

test("[DP3] where nobody says how many rounds may be open, a slow tab each may hold one, and one more is there", () => {
  expect([roundsInFlightFor(16, 3), roundsInFlightFor(64, 3)]).toEqual([19, 64]);
  expect([0, 3, 16, 62, 63, 10_000].map((tabs) => roundsInFlightFor(tabs))).toEqual([4, 4, 17, 63, 64, 64]);
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
    groupsPerRoundOf(1e6, 4, 7, { ...SMALL, macsPerQuery: 5e7 }, { macsPerMs, volunteers: 16, measured: [] });
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
    groupsPerRoundOf(queryCount, 4, 4, { ...SMALL, macsPerQuery }, { ...KNOWN, volunteers });
  expect([640, 2_560, 5_120, 10_000, 20_000, 1e6].map((queries) => groups(queries, 16))).toEqual([
    10, 40, 80, 140, 160, 160,
  ]);
  // Many share it: no batch is smaller than it is in a code with spares.
  expect([16, 32, 64, 256, 10_000].map((volunteers) => groups(20_000, volunteers))).toEqual([160, 140, 60, 40, 40]);
  expect([1e7, 2e7, 5e7, 1e8, 1e10].map((macs) => groups(1e6, 16, macs))).toEqual([160, 100, 40, 20, 10]);
});

test("[DP12] where each query goes out once the largest batch of an unmeasured crowd is as large as of a measured one", () => {
  const groups = (pace: CrowdPace) => groupsPerRoundOf(1e6, 4, 4, SMALL, pace);
  expect([ASSUMED, KNOWN].map(groups)).toEqual([160, 160]);
});

const JOB = { queryCount: 10_000, queriesPerGroup: 4, macsPerQuery: 1e6 };
/** Tabs that need so many milliseconds for a row. */
const crowdOf = (...msPerRow: number[]): CrowdPace => ({
  macsPerMs: 1,
  volunteers: 16,
  measured: msPerRow.map((ms) => JOB.macsPerQuery / ms),
});

test("[DP12] rounds have one size where it suits every tab that was measured", () => {
  expect(roundSizesOf(JOB, 40, crowdOf(20, 25, 70))).toBeNull();
  expect(roundSizesOf(JOB, 10, crowdOf(20, 25, 300))).toBeNull();
  expect(fastPace(crowdOf(...Array.from({ length: 11 }, (_, n) => 20 + n))).macsPerMs).toBeCloseTo(1e6 / 21, 6);
});

test("[DP12] where tabs are a hundredfold apart each next size is a quarter, and each has what its tabs would compute, and more", () => {
  const sizes = roundSizesOf(JOB, 40, crowdOf(20, 20, 20, 200, 2_000));
  // 40 rows of the fast take .8 s, 10 of the next 2 s, and 5 of the slowest, the fewest that a batch has, 10 s.
  expect(sizes?.map(({ groupsPerRound }) => groupsPerRound)).toEqual([40, 10, 5]);
  const [, middle, last] = sizes!;
  // Of the speed 150, 5 and .5 a second: the twentieth that is the least.
  expect(JOB.queryCount - last!.firstPlace).toBeGreaterThanOrEqual(0.05 * JOB.queryCount);
  expect(JOB.queryCount - middle!.firstPlace).toBeGreaterThanOrEqual(0.1 * JOB.queryCount);
  expect(JOB.queryCount - middle!.firstPlace).toBeLessThan(0.13 * JOB.queryCount);
});

test("[DP12] a crowd that nobody has measured begins with small batches, in jobs whose rounds would be large", () => {
  const sizes = (groups: number) => roundSizesOf(JOB, groups, ASSUMED)?.map(({ groupsPerRound }) => groupsPerRound);
  expect([10, 20, 40].map(sizes)).toEqual([undefined, undefined, [40, 10, 5]]);
});
