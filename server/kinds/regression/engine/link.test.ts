import fc from "fast-check";
import { expect, test } from "vitest";
import { REGRESSION_MODELS } from "../../../../shared/kinds/regression/submission.ts";
import { link, sigmoid } from "./link.ts";

const score = fc.double({ min: -30, max: 30, noNaN: true });

test.each(REGRESSION_MODELS)("%s: residuals are the gradient of the loss", (kind) => {
  const classes = kind === "softmax" ? 3 : 1;
  fc.assert(
    fc.property(fc.array(score, { minLength: classes, maxLength: classes }), fc.nat(2), (scores, label) => {
      const targets = new Float64Array(classes);
      if (kind === "softmax") targets[label] = 1;
      else targets[0] = kind === "linear" ? label * 2.5 : label % 2;
      const z = Float64Array.from(scores);
      const { residuals } = link(kind, z, targets, classes);
      const step = 1e-5;
      for (let c = 0; c < classes; c++) {
        const lossAt = (shift: number) => link(kind, z.with(c, z[c]! + shift), targets, classes).loss;
        expect((lossAt(step) - lossAt(-step)) / (2 * step)).toBeCloseTo(residuals[c]!, 4);
      }
    }),
    { seed: 41_002 },
  );
});

test("scores of any size give finite losses and probabilities in [0, 1]", () => {
  for (const z of [-1e300, -800, 0, 800, 1e300]) {
    expect(sigmoid(z)).toBeGreaterThanOrEqual(0);
    expect(sigmoid(z)).toBeLessThanOrEqual(1);
    expect(Number.isFinite(link("logistic", Float64Array.of(z), Float64Array.of(1), 1).loss)).toBe(true);
    const softmax = link("softmax", Float64Array.of(z, 0, -z), Float64Array.of(1, 0, 0), 3);
    expect(Number.isFinite(softmax.loss)).toBe(true);
    expect(softmax.residuals.reduce((sum, residual) => sum + residual, 0)).toBeCloseTo(0, 10);
  }
});

test("the mean over rows: a logistic score of 0 costs log 2", () => {
  expect(link("logistic", new Float64Array(7), new Float64Array(7), 1).loss).toBeCloseTo(Math.log(2), 12);
  expect(link("softmax", new Float64Array(8), Float64Array.of(1, 0, 0, 0, 0, 0, 1, 0), 4).loss).toBeCloseTo(
    Math.log(4),
    12,
  );
});
