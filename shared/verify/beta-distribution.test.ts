import { expect, test } from "vitest";
import { betaCumulative, betaQuantile } from "./beta-distribution.ts";

test("the cumulative of Beta(1, n) is 1 - (1 - x)^n, and that of Beta(2, 2) is 3x^2 - 2x^3", () => {
  for (const x of [0.01, 0.2, 0.5, 0.8, 0.99]) {
    for (const n of [1, 3, 40]) expect(betaCumulative(x, 1, n)).toBeCloseTo(1 - (1 - x) ** n, 10);
    expect(betaCumulative(x, 2, 2)).toBeCloseTo(3 * x * x - 2 * x ** 3, 10);
  }
});

test("points of the distribution and its cumulative are each other's inverse", () => {
  for (const beta of [
    { alpha: 1, beta: 9 },
    { alpha: 0.25, beta: 49.75 },
    { alpha: 40, beta: 360 },
  ]) {
    for (const share of [0.05, 0.5, 0.95]) {
      expect(betaCumulative(betaQuantile(beta, share), beta.alpha, beta.beta)).toBeCloseTo(share, 6);
    }
  }
});
