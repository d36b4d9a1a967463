import { expect, test } from "vitest";
import type { SizedRounds } from "../../records.ts";
import { begun, checkedJob, crowd, toEnd } from "../../testing/cross-checked-story.ts";
import { priceInWords, priceOf } from "./price.ts";

const LARGE = { settings: { crossChecks: "where better" } } as const;
const job = (queryCount: number, answerBound = 1e-3) => ({ queryCount, answerBound });

test("[CC11] a job that would be audited has no price: by the operator's setting, or too small for a certificate", () => {
  expect(priceOf(crowd({ settings: { crossChecks: "off" } }).state, job(20_000))).toBeNull();
  expect(priceOf(crowd(LARGE).state, job(800))).toBeNull();
});

test("[CC11] the price of a clean job is some duplicates and few rows of the coordinator's, and its bound is kept", () => {
  const { state } = crowd(LARGE);
  const [small, large] = [priceOf(state, job(10_000))!, priceOf(state, job(1_000_000))!];
  expect(large.duplicateRows).toBeCloseTo((0.04 / (1 + 2 / 5)) * 1_000_000, -3);
  expect(large.coordinatorRows / small.coordinatorRows).toBeLessThan(11);
  for (const { boundIfNobodyLies } of [small, large]) expect(boundIfNobodyLies).toBeLessThanOrEqual(1e-3);
});

test("[CC11] under attack rows of each volunteer decide, and as many as it names suffice", () => {
  const { state } = crowd(LARGE);
  const few = priceOf(state, job(4_000))!;
  expect(few.boundUnderAttack).toBeGreaterThan(1e-3);
  expect(few.rowsForBound).toBeGreaterThan(4_000);
  expect(priceInWords(few, job(4_000))).toContain(few.rowsForBound.toLocaleString("en"));
  const enough = priceOf(state, job(few.rowsForBound))!;
  expect(enough.boundUnderAttack).toBeLessThanOrEqual(1e-3);
  expect(priceInWords(enough, job(few.rowsForBound))).toContain("within reach");
  // A looser bound takes fewer.
  expect(priceOf(state, job(4_000, 1e-2))!.rowsForBound).toBeLessThan(few.rowsForBound);
});

test("[CC11] with volunteers of too few addresses it says that results are audited until others come", () => {
  const { state } = crowd(LARGE, 5);
  const price = priceOf(state, job(20_000))!;
  expect(price).toMatchObject({ hasStrangers: false, addressGroups: 5, addressGroupsNeeded: 6 });
  expect(priceInWords(price, job(20_000))).toContain("6 addresses");
  expect(priceOf(crowd(LARGE).state, job(20_000))!.hasStrangers).toBe(true);
});

/** Of two sizes, each of which has half of the rows. */
function twoSizes(rows: number): SizedRounds[] {
  const firstPlace = rows / 2;
  return [
    { fromRound: 0, firstPlace: 0, groupsPerRound: GROUPS },
    { fromRound: firstPlace / (4 * GROUPS), firstPlace, groupsPerRound: GROUPS / 4 },
  ];
}

const GROUPS = 64;

test.each([
  ["one window", 6_400, {}, { batchRows: GROUPS }],
  ["two windows", 24_576, {}, { batchRows: GROUPS }],
  [
    "several windows of rounds of two sizes",
    6_400,
    { roundSizes: twoSizes(6_400), inputSize: 200_000 },
    { batchRows: GROUPS / 4, isShown: true },
  ],
])(
  "[CC11] a clean job of %s costs tabs and coordinator about what its price says, and no more",
  (_, rows, changes, priced) => {
    const settings = { ...LARGE.settings, firstAuditedRows: 400 } as const;
    const price = priceOf(crowd({ settings }).state, { ...job(rows), ...priced })!;
    const story = begun({ settings }, 12, checkedJob(changes, rows, { groupsPerRound: GROUPS }));
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    const computed = sum([
      ...story
        .asked("audit")
        .map(({ randomRows, classRows, crossChecked }) => randomRows + classRows + (crossChecked?.anchors.length ?? 0)),
      ...story.asked("sample").map((sample) => sample.rows),
      ...story.asked("settle").map((settle) => settle.rows.length),
    ]);
    const { duplicatesSent } = story.job("job").checks!;
    // Coins hit a few rows more or fewer.
    const chance = (count: number) => 3 * Math.sqrt(count);
    expect(duplicatesSent).toBeLessThan(price.duplicateRows + chance(price.duplicateRows));
    expect(price.duplicateRows).toBeLessThan(1.2 * duplicatesSent + chance(duplicatesSent));
    expect(computed).toBeLessThan(price.coordinatorRows + chance(price.coordinatorRows));
    expect(price.coordinatorRows).toBeLessThan(1.5 * computed);
  },
);
