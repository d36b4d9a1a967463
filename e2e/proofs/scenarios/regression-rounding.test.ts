/**
 * Rounding costs next to nothing: weights of ordinary data are within 1e-6 of a descent in Float64. (That a coded run comes to
 * the very bits of the reference is regression-exact.test.ts's.)
 */
import { describe, expect, test } from "vitest";
import { planRounding, type Rounding } from "../../../server/kinds/regression/engine/rounding.ts";
import { type FeatureSource, surveyFeatures } from "../../../server/kinds/regression/engine/survey.ts";
import type { ModelKind } from "../../../server/kinds/regression/engine/targets.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { type ReferenceJob, trainInFloat64, trainOnOneMachine } from "./regression-reference.ts";

const ITERATIONS = 100;
type Draw = (random: ReturnType<typeof simulationRandom>) => number;

/** What columns of people's tables look like. */
const COLUMNS: Readonly<Record<string, Draw>> = {
  normal,
  "between 0 and 1": (random) => random.uniform(),
  "long-tailed": (random) => Math.exp(normal(random)) / 4,
  "whole numbers": (random) => random.integer(7) - 3,
  "prices to the cent": (random) => Math.round(random.uniform() * 400) / 100,
  "mostly 0": (random) => (random.uniform() < 0.9 ? 0 : normal(random)),
};

function jobOf(kind: ModelKind, rows: number, draws: readonly Draw[], seed: number, featureBits: number | null) {
  const random = simulationRandom(seed);
  // An intercept beside them.
  const columns = draws.length + 1;
  const values = Float64Array.from({ length: rows * columns }, (_, i) => draws[i % columns]?.(random) ?? 1);
  const truth = Float64Array.from({ length: columns }, () => normal(random));
  const labels = Float64Array.from({ length: rows }, (_, r) => {
    const score = truth.reduce((sum, weight, j) => sum + weight * values[r * columns + j]!, 0);
    if (kind === "linear") return score + normal(random) / 10;
    if (kind === "logistic") return random.uniform() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
    return score > 1 ? 2 : score > -1 ? 1 : 0;
  });
  if (kind !== "linear") labels.set(kind === "logistic" ? [0, 1] : [0, 1, 2]);
  const features: FeatureSource = { values, rows, columns, inputScale: 1 };
  const rounding: Rounding = planRounding(surveyFeatures(features), featureBits);
  const optimizer = { rate: kind === "linear" ? 0.05 : 0.2, momentum: 0.9, l2: 0 };
  return { kind, features, labels, rounding, optimizer } satisfies ReferenceJob;
}

function largestGap(job: ReferenceJob): number {
  const [fixed, float] = [trainOnOneMachine(job, ITERATIONS), trainInFloat64(job, ITERATIONS)];
  expect(float.every(Number.isFinite)).toBe(true);
  return fixed.reduce((most, weight, i) => Math.max(most, Math.abs(weight - float[i]!)), 0);
}

const KINDS = ["linear", "logistic", "softmax"] as const;
const all = Object.values(COLUMNS);

describe.each(KINDS)("%s", (kind) => {
  test.each(Object.entries(COLUMNS))("columns that are %s", (_, draw) => {
    expect(largestGap(jobOf(kind, 300, [draw, draw, draw], 1, null))).toBeLessThan(1e-6);
  });

  test.each([
    [60, 1],
    [2_000, 2],
    [9_000, 3],
  ])("columns of every sort, %i rows", (rows, seed) => {
    expect(largestGap(jobOf(kind, rows, [...all, ...all], seed, null))).toBeLessThan(1e-6);
  });
});

test("fewer bits are as coarse as they say: 10 of them are 1e-3 off, and a hundred times worse than 22", () => {
  const [coarse, fine] = [10, 22].map((bits) => largestGap(jobOf("logistic", 300, all, 5, bits))) as [number, number];
  expect(coarse).toBeGreaterThan(1e-4);
  expect(coarse).toBeGreaterThan(100 * fine);
});
