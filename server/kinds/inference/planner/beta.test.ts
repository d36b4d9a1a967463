import { expect, test } from "vitest";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { betaCumulative, betaMean, betaQuantile, drawBeta, posterior } from "./beta.ts";

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

test("draws have the mean and the points of the distribution", () => {
  const beta = posterior({ alpha: 1, beta: 9 }, 12, 90);
  const random = simulationRandom(31);
  const draws = Array.from({ length: 20_000 }, () => drawBeta(random, beta));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  // Standard deviation of one draw: .033.
  expect(Math.abs(mean - betaMean(beta))).toBeLessThan(0.001);
  const below = draws.filter((draw) => draw <= betaQuantile(beta, 0.95)).length / draws.length;
  expect(Math.abs(below - 0.95)).toBeLessThan(0.007);
});

test("more of the same narrows the interval, and what was seen has to be part of what was looked at", () => {
  const width = (times: number) => {
    const known = posterior({ alpha: 1, beta: 9 }, times, 10 * times);
    return betaQuantile(known, 0.95) - betaQuantile(known, 0.05);
  };
  expect(width(100)).toBeLessThan(width(10));
  expect(width(10)).toBeLessThan(width(1));
  expect(() => posterior({ alpha: 1, beta: 1 }, 3, 2)).toThrow(/seen <= outOf/);
});
