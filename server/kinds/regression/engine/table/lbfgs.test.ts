import { expect, test } from "vitest";
import { Lbfgs } from "./lbfgs.ts";

const SIZE = 12;
/** Curvatures from 1e-2 to 1e2, and an optimum of like sizes. */
const curvature = Float64Array.from({ length: SIZE }, (_, i) => 10 ** (-2 + (4 * i) / (SIZE - 1)));
const optimum = Float64Array.from({ length: SIZE }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i / SIZE));

function bowl(point: Float64Array, noise = 0) {
  const off = point.map((value, i) => value - optimum[i]!);
  const loss = off.reduce((sum, value, i) => sum + (curvature[i]! * value * value) / 2, 0);
  return { loss, gradient: off.map((value, i) => curvature[i]! * value + noise * Math.sin(1e6 * value + i)) };
}

function descend(lbfgs: Lbfgs, steps: number, noise = 0): void {
  for (let step = 0; step < steps && !lbfgs.isStuck; step++) {
    const { loss, gradient } = bowl(lbfgs.point, noise);
    lbfgs.take(loss, gradient);
  }
}

const furthest = (weights: Float64Array) => Math.max(...weights.map((value, i) => Math.abs(value - optimum[i]!)));

test("a narrow valley is descended to its bottom, at a rate that nobody gave", () => {
  const lbfgs = new Lbfgs(SIZE);
  descend(lbfgs, 150);
  expect(furthest(lbfgs.reached!.weights)).toBeLessThan(1e-6);
});

test("the loss of what was reached never grows, whatever was tried", () => {
  const lbfgs = new Lbfgs(SIZE);
  let before = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 80; step++) {
    descend(lbfgs, 1);
    const { loss } = lbfgs.reached!;
    expect(loss).toBeLessThanOrEqual(before + 1e-9 * Math.abs(before));
    before = loss;
  }
});

test("a loss that is not finite is gone back from", () => {
  const lbfgs = new Lbfgs(2);
  lbfgs.take(1, Float64Array.of(1, 1));
  const tried = lbfgs.point.slice();
  expect(lbfgs.take(Number.POSITIVE_INFINITY, Float64Array.of(0, 0))).toBe(false);
  expect(Math.abs(lbfgs.point[0]!)).toBeLessThan(Math.abs(tried[0]!));
  expect([...lbfgs.reached!.weights]).toEqual([0, 0]);
});

test("gradients that are rounded end it near the optimum, and it says that it is stuck", () => {
  const lbfgs = new Lbfgs(SIZE);
  descend(lbfgs, 2_000, 1e-7);
  expect(lbfgs.isStuck).toBe(true);
  expect(furthest(lbfgs.reached!.weights)).toBeLessThan(0.01);
});

test("what is written down and restored goes on, bit for bit", () => {
  for (const cut of [0, 1, 5, 14, 40]) {
    const [whole, first, second] = [new Lbfgs(SIZE), new Lbfgs(SIZE), new Lbfgs(SIZE)];
    descend(first, cut);
    second.restore(first.written());
    descend(second, 60 - cut);
    descend(whole, 60);
    expect(second.written()).toEqual(whole.written());
  }
});
