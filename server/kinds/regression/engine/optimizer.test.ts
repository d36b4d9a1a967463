import { expect, test } from "vitest";
import { descend, penalty, requireSettings, type Weights, zeroWeights } from "./optimizer.ts";

/** Descends on (a/2) x^2, whose gradient is a x. @returns |x| after so many steps */
function descendQuadratic(curvature: number, momentum: number, steps: number): number {
  let weights: Weights = { weights: Float64Array.of(1), lookahead: Float64Array.of(1) };
  for (let i = 0; i < steps; i++) {
    const gradient = Float64Array.of(curvature * weights.lookahead[0]!);
    weights = descend(weights, gradient, 1, { rate: 1, momentum, l2: 0 });
  }
  return Math.abs(weights.weights[0]!);
}

test("without momentum a step is W - rate (G/m + l2 W)", () => {
  const start = { weights: Float64Array.of(2, -1), lookahead: Float64Array.of(2, -1) };
  const { weights, lookahead } = descend(start, Float64Array.of(30, 10), 10, { rate: 0.5, momentum: 0, l2: 0.1 });
  expect(weights[0]).toBeCloseTo(2 - 0.5 * (3 + 0.2), 15);
  expect(weights[1]).toBeCloseTo(-1 - 0.5 * (1 - 0.1), 15);
  expect(lookahead).toEqual(weights);
});

test("Nesterov's momentum is faster where curvature is small", () => {
  expect(descendQuadratic(0.01, 0.8, 50)).toBeLessThan(0.5 * descendQuadratic(0.01, 0, 50));
});

test("the penalty's gradient is l2 W; zero weights cost nothing", () => {
  expect(penalty(Float64Array.of(3, 4), 0.5)).toBe(6.25);
  expect(penalty(zeroWeights(3).lookahead, 0.5)).toBe(0);
});

test.each([
  { rate: 0, momentum: 0, l2: 0 },
  { rate: Number.NaN, momentum: 0, l2: 0 },
  { rate: 0.1, momentum: 1, l2: 0 },
  { rate: 0.1, momentum: 0, l2: -1 },
])("%o is refused", (settings) => {
  expect(() => requireSettings(settings)).toThrow(/rate > 0, momentum in \[0, 1\), l2 >= 0/);
});
