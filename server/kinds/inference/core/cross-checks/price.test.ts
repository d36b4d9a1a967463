import { expect, test } from "vitest";
import { crowd } from "../../testing/cross-checked-story.ts";
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
  expect(large.duplicateRows).toBeCloseTo(0.02 * 1_000_000, -3);
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
