import { describe, expect, test } from "vitest";
import type { RegressionHistory } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";
import { jobEvents, slowNow } from "../../coded/job-events.ts";
import { checkingWords, isAlarming } from "../../coded/receipt-words.ts";
import { accuracyCurves, chartMarks, hasHeldOut, lossCurves, rangeOf } from "./chart-data.ts";
import { REGRESSION_WORDS } from "./regression-receipt.ts";

const PRODUCT_WORDS = { ...REGRESSION_WORDS, step: "slice", result: "product" };

const volunteer = {
  volunteerId: "v",
  isPresent: true,
  isSlow: false,
  isLiar: false,
  shards: 1,
  pointsIssued: 1,
  acceptedResults: 9,
};
const history: RegressionHistory = {
  points: [
    { iteration: 0, loss: 0.69, accuracy: 0.5, validationLoss: 0.7, validationAccuracy: 0.52, atMs: 10 },
    { iteration: 1, loss: 0.4, accuracy: 0.9, validationLoss: null, validationAccuracy: null, atMs: 20 },
  ],
  codeChanges: [{ iteration: 2, generation: 2, blockCount: 3, reason: "2 shards short" }],
  liars: [
    { volunteerId: "a", nickname: "swarm 3", iteration: 0 },
    { volunteerId: "b", nickname: "swarm 5", iteration: 0 },
  ],
  volunteers: [
    { ...volunteer, nickname: "quick" },
    { ...volunteer, nickname: "snail", isSlow: true },
    { ...volunteer, nickname: "gone snail", isSlow: true, isPresent: false },
    { ...volunteer, nickname: "slow liar", isSlow: true, isLiar: true },
  ],
};

describe("curves", () => {
  test("loss and accuracy by iteration, counted from 1, a gap where nothing was measured", () => {
    expect(lossCurves(history)).toEqual({ iterations: [1, 2], trained: [0.69, 0.4], heldOut: [0.7, null] });
    expect(accuracyCurves(history)).toEqual({ iterations: [1, 2], trained: [0.5, 0.9], heldOut: [0.52, null] });
  });

  test("a job that predicts numbers has no accuracy; one without held-out rows no second curve", () => {
    const points = history.points.map((point) => ({ ...point, accuracy: null, validationLoss: null }));
    expect(accuracyCurves({ ...history, points })).toBeNull();
    expect(hasHeldOut(lossCurves({ ...history, points }))).toBe(false);
    expect(hasHeldOut(lossCurves(history))).toBe(true);
  });

  test("a loss that is no number is a gap, and does not take the room of the others", () => {
    const points = [...history.points, { ...history.points[0]!, iteration: 3, loss: Number.POSITIVE_INFINITY }];
    const curves = lossCurves({ ...history, points });
    expect(curves.trained).toEqual([0.69, 0.4, null]);
    expect(rangeOf(curves, 0, 1_000)[1]).toBeLessThan(0.8);
  });

  test("the range holds every point, stays within what can be, and never is empty", () => {
    const [low, high] = rangeOf(accuracyCurves(history)!, 0, 1);
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.9);
    expect(rangeOf({ iterations: [1], trained: [1], heldOut: [null] }, 0, 1)).toEqual([0.9, 1]);
    expect(rangeOf({ iterations: [], trained: [], heldOut: [] }, 0, 1)).toEqual([0, 1]);
  });

  test("liars and code changes are marked where they were", () => {
    expect(chartMarks(history)).toEqual([
      { iteration: 1, kind: "liar" },
      { iteration: 2, kind: "code" },
    ]);
  });
});

describe("what happened", () => {
  test("says who lied and why the code changed, the latest first", () => {
    const events = jobEvents(REGRESSION_WORDS, history, true);
    expect(events.map(({ when, kind }) => [when, kind])).toEqual([
      ["After 2", "code"],
      ["Iteration 1", "liar"],
      ["Iteration 1", "liar"],
    ]);
    expect(events[0]!.text).toContain("3 blocks of data): 2 shards short.");
    expect(events[1]!.text).toBe(
      "swarm 3 sent a wrong result and was shut out. The wrong result never reached the weights.",
    );
  });

  test("speaks of slices and the product where matrices are multiplied", () => {
    const [, liar] = jobEvents(PRODUCT_WORDS, history, true);
    expect(liar).toMatchObject({
      when: "Slice 1",
      text: expect.stringMatching(/The wrong result never reached the product\.$/),
    });
  });

  test("does not promise of unchecked results that they never reached the weights", () => {
    expect(jobEvents(REGRESSION_WORDS, history, false)[1]!.text).not.toContain("never");
  });

  test("names who is slow now: not who is gone, not who was shut out", () => {
    expect(slowNow(history)).toContain("Slow now: snail.");
    expect(slowNow({ ...history, volunteers: history.volunteers.slice(0, 1) })).toBeNull();
  });
});

describe("the receipt in words", () => {
  const receipt = (verification: Partial<RegressionReceipt["verification"]>, more: Partial<RegressionReceipt> = {}) =>
    ({
      kind: "regression",
      verification: {
        method: "freivalds",
        keyCount: 2,
        errorPerResult: 2.17e-19,
        resultsChecked: 600,
        errorOfJob: 1.3e-16,
        resultsRejected: 3,
        ...verification,
      },
      correctedResults: 0,
      undecodedRounds: 0,
      ...more,
    }) as RegressionReceipt;

  test("freivalds: the error of one result and of the whole job", () => {
    const words = checkingWords(receipt({}), REGRESSION_WORDS);
    expect(words[0]).toContain("2 secret vectors");
    expect(words[0]).toContain("a chance of at most 2e-19.");
    expect(words.slice(1)).toEqual([
      "Over the 600 results checked, the chance that any wrong result was used is at most 1e-16.",
      "3 results were rejected.",
    ]);
    expect(isAlarming(receipt({}))).toBe(false);
  });

  test("lcc: rounds that were believed beyond the code's power are said last and loudly", () => {
    const lcc = receipt(
      { method: "reed-solomon", errorPerResult: null, errorOfJob: null, keyCount: 0 },
      { correctedResults: 1, undecodedRounds: 4 },
    );
    const words = checkingWords(lcc, REGRESSION_WORDS);
    expect(words[0]).toContain("error-correcting");
    expect(words.at(-1)).toContain("In 4 rounds");
    expect(words.join(" ")).toContain("1 wrong result was corrected.");
    expect(isAlarming(lcc)).toBe(true);
  });

  test("uncoded: nothing was checked, and no number pretends otherwise", () => {
    const uncoded = receipt({ method: "none", errorPerResult: null, errorOfJob: null, resultsChecked: 0 });
    expect(checkingWords(uncoded, REGRESSION_WORDS)).toHaveLength(1);
    expect(checkingWords(uncoded, REGRESSION_WORDS)[0]).toContain("Nothing was checked.");
    expect(isAlarming(uncoded)).toBe(true);
  });
});
