import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  EVALUATION_PAIRS_MAX,
  EVALUATION_RESIDUALS_MAX,
  EVALUATION_ROC_POINTS_MAX,
} from "../../../../../shared/kinds/regression/limits.ts";
import { normal, simulationRandom } from "../../../../../shared/random/simulation-random.ts";
import { evaluateClasses } from "./by-class.ts";
import { evaluateNumbers } from "./by-number.ts";
import { evaluationOf } from "./evaluation-of.ts";
import { rocOf } from "./roc.ts";

/** Few scores, so that many rows have the same one. */
const scored = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { minLength: 2, maxLength: 60 });

describe("ROC curves", () => {
  test("the area is the share of pairs of a positive and a negative in which the positive scores higher, ties half", () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const [scores, isPositive] = [rows.map(([score]) => score), rows.map(([, one]) => one)];
        const curve = rocOf(scores, isPositive, 1_000);
        const [up, down] = [true, false].map((sort) => rows.filter(([, one]) => one === sort).map(([score]) => score));
        if (up!.length === 0 || down!.length === 0) {
          expect(curve).toBeNull();
          return;
        }
        const wins = up!.flatMap((a) => down!.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        expect(curve!.area).toBeCloseTo(wins.reduce<number>((a, b) => a + b, 0) / wins.length, 12);
      }),
    );
  });

  test("each point is what lies above a threshold, from none to all, and rows of one score come together", () => {
    const { points } = rocOf([0.9, 0.9, 0.5, 0.1], [true, false, true, false], 100)!;
    expect(points).toEqual([
      [0, 0],
      [0.5, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
  });

  test("a long curve keeps few points, its ends and its area, and strays by little more than a point's width", () => {
    const random = simulationRandom(7);
    const isPositive = Array.from({ length: 20_000 }, () => random.uniform() < 0.3);
    const scores = isPositive.map((one) => normal(random) + (one ? 1.5 : 0));
    const [whole, thin] = [rocOf(scores, isPositive, 100_000)!, rocOf(scores, isPositive, EVALUATION_ROC_POINTS_MAX)!];
    expect(whole.points.length).toBeGreaterThan(5_000);
    expect(thin.points.length).toBeLessThanOrEqual(EVALUATION_ROC_POINTS_MAX);
    expect(thin.points.length).toBeGreaterThan(EVALUATION_ROC_POINTS_MAX / 2);
    expect([thin.points[0], thin.points.at(-1)]).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(thin.area).toBe(whole.area);
    const gaps = thin.points.slice(1).map(([x, y], i) => x + y - thin.points[i]![0] - thin.points[i]![1]);
    expect(Math.max(...gaps)).toBeLessThan(3 / EVALUATION_ROC_POINTS_MAX + 2 * (2 / EVALUATION_ROC_POINTS_MAX));
  });
});

describe("classes", () => {
  const labels = ["ash", "elm", "oak"];
  const probabilities = Float64Array.of(0.7, 0.2, 0.1, 0.6, 0.3, 0.1, 0.1, 0.8, 0.1, 0.2, 0.2, 0.6);
  const found = evaluateClasses(probabilities, [0, 0, 1, 2], [0, 1, 1, 2], labels);

  test("rows, predictions and hits of each class, and every pair that occurs, the most rows first", () => {
    expect(found.classes.map(({ label, rows, predicted, right }) => [label, rows, predicted, right])).toEqual([
      ["ash", 1, 2, 1],
      ["elm", 2, 1, 1],
      ["oak", 1, 1, 1],
    ]);
    expect(found.confused).toEqual([
      [0, 0, 1],
      [1, 0, 1],
      [1, 1, 1],
      [2, 2, 1],
    ]);
    expect(found.confusedLeftOut).toBe(0);
    expect(found.roc).toEqual([]);
    expect(found.classes.map(({ area }) => area)).toEqual([1, 1, 1]);
  });

  test("calibration: the rows whose class was told with like probability, and how many of them are right", () => {
    expect(found.calibration).toEqual([
      { rows: 2, told: 0.6, right: 0.5 },
      { rows: 1, told: 0.7, right: 1 },
      { rows: 1, told: 0.8, right: 1 },
    ]);
  });

  test("of very many pairs the rarest are counted together, and no row is lost", () => {
    const count = 60;
    const rows = count * count;
    const truth = Array.from({ length: rows }, (_, row) => row % count);
    const predicted = Array.from({ length: rows }, (_, row) => Math.floor(row / count));
    const names = Array.from({ length: count }, (_, place) => String(place));
    const many = evaluateClasses(new Float64Array(rows * count).fill(1 / count), predicted, truth, names);
    expect(many.confused).toHaveLength(EVALUATION_PAIRS_MAX);
    expect(many.confused.reduce((sum, [, , n]) => sum + n, 0) + many.confusedLeftOut).toBe(rows);
    expect(many.classes.every((one) => one.rows === count && one.right === 1 && one.area === null)).toBe(true);
  });
});

describe("numbers", () => {
  test("what is kept of many residuals holds those furthest off, and errors are of all rows", () => {
    const random = simulationRandom(3);
    const labels = Float64Array.from({ length: 9_000 }, () => normal(random));
    const predicted = labels.map((label, row) => label + (row === 4_321 ? -50 : 0.1));
    const found = evaluateNumbers(predicted, labels);
    expect(found.residuals).toHaveLength(EVALUATION_RESIDUALS_MAX);
    expect(found.residuals.some(([, residual]) => residual === 50)).toBe(true);
    expect(found.meanAbsolute).toBeCloseTo((8_999 * 0.1 + 50) / 9_000, 9);
    expect(found.rootMeanSquare).toBeCloseTo(Math.sqrt((8_999 * 0.01 + 2_500) / 9_000), 9);
  });

  test("labels that are all the same have no differences to explain", () => {
    expect(evaluateNumbers([1, 3], [2, 2]).explained).toBeNull();
  });
});

describe("an evaluation of scores", () => {
  const told = { weightsOf: 9, isHeldOut: true };

  test("logistic: two classes by what their labels are called", () => {
    const targets = { classes: 1, labelOfClass: [-1, 1] };
    const found = evaluationOf("logistic", Float64Array.of(2, -2, -1), Float64Array.of(1, 0, 1), targets, told)!;
    expect(found).toMatchObject({ weightsOf: 9, of: "held-out", rows: 3, byNumber: null });
    expect(found.byClass!.classes.map(({ label, right }) => [label, right])).toEqual([
      ["-1", 1],
      ["1", 1],
    ]);
    expect(found.byClass!.roc.length).toBeGreaterThan(2);
  });

  test("linear: residuals; weights beyond all numbers: none", () => {
    const targets = { classes: 1, labelOfClass: [] };
    const known = Float64Array.of(1, 2);
    const of = (scores: Float64Array) => evaluationOf("linear", scores, known, targets, { ...told, isHeldOut: false });
    expect(of(Float64Array.of(1, 1))).toMatchObject({
      of: "trained-on",
      byClass: null,
      byNumber: { meanAbsolute: 0.5 },
    });
    expect(of(Float64Array.of(1, Number.POSITIVE_INFINITY))).toBeNull();
  });
});
