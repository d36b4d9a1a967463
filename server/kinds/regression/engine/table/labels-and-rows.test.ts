/** Which model labels call for, which rows are held out, and the intercept that goes with scores. */
import { describe, expect, test } from "vitest";
import { link } from "../link.ts";
import { bestIntercept, withIntercept } from "./best-intercept.ts";
import { classesOfLabels, modelForLabels, targetsOfRows } from "./classes.ts";
import { drawHeldOut, heldOutCount } from "./hold-out.ts";

describe("the model that labels call for", () => {
  test.each([
    [[0, 1, 1], false, "logistic"],
    [[-1, 1, 1], false, "logistic"],
    [[1, 2, 3, 1], false, "softmax"],
    [[0, 1, 2], true, "softmax"],
    [[0.5, 1, 2], false, "linear"],
    [Array.from({ length: 30 }, (_, i) => i), false, "linear"],
    [Array.from({ length: 30 }, (_, i) => i), true, "softmax"],
  ] as const)("%j, words: %s: %s", (labels, areWords, model) => {
    expect(modelForLabels(labels, areWords)).toBe(model);
  });

  test("classes are those that there are: labels need not count from 0", () => {
    const classes = classesOfLabels("softmax", [7, 3, 9, 3], null)!;
    expect(classes.labels).toEqual([3, 7, 9]);
    expect([...targetsOfRows("softmax", Float64Array.of(), classes, Uint32Array.of(0, 1))]).toEqual([0, 1, 0, 1, 0, 0]);
  });

  test("what a model does not learn is said with the one that does", () => {
    expect(() => classesOfLabels("logistic", [1, 2, 3], null)).toThrow(/got 3; the model "softmax" learns more/);
    expect(() => classesOfLabels("linear", [0, 1], ["no", "yes"])).toThrow("expected numbers as labels, got words");
    const many = Array.from({ length: 300 }, (_, i) => i);
    expect(() => classesOfLabels("softmax", many, null)).toThrow(/at most 256 .* the model "linear" learns any/);
    expect(() => classesOfLabels("logistic", [0, 2], ["no", "yes"])).toThrow(/places 0 to 1 of labelNames, got 2/);
  });
});

describe("rows that are held out", () => {
  test("a class of one row is trained on, whatever is drawn", () => {
    const classOf = Uint16Array.from({ length: 40 }, (_, row) => (row === 17 ? 1 : 0));
    for (let seed = 0; seed < 50; seed++) {
      const { trained, heldOut } = drawHeldOut(40, 0.5, seed, classOf);
      expect([trained.length, heldOut.length]).toEqual([20, 20]);
      expect(trained).toContain(17);
    }
  });

  test("as many as were announced, in the order of the upload, each row once", () => {
    const classOf = Uint16Array.from({ length: 9 }, (_, row) => row % 5);
    const { trained, heldOut } = drawHeldOut(9, 0.5, 3, classOf);
    expect(heldOut).toHaveLength(heldOutCount(9, 0.5, 5));
    expect([...trained, ...heldOut].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...heldOut].sort((a, b) => a - b)).toEqual([...heldOut]);
    expect(drawHeldOut(5, 0.2, 1, Uint16Array.of(0, 1, 2, 3, 4)).heldOut).toHaveLength(0);
  });
});

describe("the best intercept", () => {
  const means = (
    kind: "linear" | "logistic" | "softmax",
    scores: Float64Array,
    targets: Float64Array,
    size: number,
  ) => {
    const intercept = bestIntercept(kind, scores, targets, size, new Float64Array(size));
    const { residuals } = link(kind, withIntercept(scores, intercept), targets, size);
    const sums = new Float64Array(size);
    residuals.forEach((residual, i) => {
      sums[i % size]! += residual;
    });
    return { intercept, largest: Math.max(...sums.map(Math.abs)) };
  };

  test("residuals sum to 0, also where nearly all probabilities are 0 or 1", () => {
    for (const size of [0, 1, 30, 400]) {
      const scores = Float64Array.from({ length: 60 }, (_, row) => size * Math.sin(7 * row));
      const targets = Float64Array.from({ length: 60 }, (_, row) => (Math.sin(7 * row) + Math.sin(row) > 0.3 ? 1 : 0));
      expect(means("logistic", scores, targets, 1).largest).toBeLessThan(1e-9);
      const three = Float64Array.from({ length: 180 }, (_, i) => size * Math.sin(3 * i));
      const oneHot = Float64Array.from({ length: 180 }, (_, i) => (i % 3 === (Math.floor(i / 3) * 7) % 3 ? 1 : 0));
      const { intercept, largest } = means("softmax", three, oneHot, 3);
      expect(largest).toBeLessThan(1e-6);
      expect(intercept.reduce((a, b) => a + b)).toBeCloseTo(0, 9);
    }
  });

  test("of numbers it is their mean", () => {
    expect([...means("linear", new Float64Array(4), Float64Array.of(1, 2, 3, 6), 1).intercept]).toEqual([3]);
  });
});
