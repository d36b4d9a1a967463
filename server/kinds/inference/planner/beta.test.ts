import { expect, test } from "vitest";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { betaQuantile } from "../../../../shared/verify/beta-distribution.ts";
import { betaMean, drawBeta, posterior } from "./beta.ts";

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
