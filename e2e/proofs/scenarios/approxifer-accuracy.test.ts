/**
 * The coded accuracies on real digits, against a second implementation that stands in this file: loops straight from the
 * paper's formulas, nothing from shared/coding.
 */
import { beforeAll, describe, expect, test } from "vitest";
import {
  AUTHORS_ACCURACY,
  arrivedWorkers,
  codedAccuracy,
  K,
  randomOrder,
  STRAGGLER_COUNTS,
  similarOrder,
} from "./approxifer-accuracy.ts";
import { type MnistBase, mnistBase, runAll } from "./mnist-base.ts";

const SEED = 1;
let base: MnistBase;
beforeAll(async () => {
  base = await mnistBase(10_000);
});

/** sum_j (-1)^j y_j / (z - x_j), over the same with y = 1; the nodes' own values where z is one of them. */
function berrut(z: number, nodes: number[], values: number[]): number {
  let above = 0;
  let below = 0;
  for (let j = 0; j < nodes.length; j++) {
    if (Math.abs(z - nodes[j]!) < 1e-12) return values[j]!;
    const weight = (j % 2 === 0 ? 1 : -1) / (z - nodes[j]!);
    above += weight * values[j]!;
    below += weight;
  }
  return above / below;
}

/** Encode, run, lose, decode, count, one number at a time. Points descend, so their order is that of the indices. */
async function straightLineAccuracy(stragglerCount: number): Promise<number> {
  const { inputSize, outputSize } = base.model.facts;
  const workerCount = K + stragglerCount;
  const order = randomOrder(SEED, base.count);
  const dataPoints: number[] = [];
  for (let j = 0; j < K; j++) dataPoints.push(Math.cos(((2 * j + 1) * Math.PI) / (2 * K)));
  const evaluationPoints: number[] = [];
  for (let i = 0; i < workerCount; i++) evaluationPoints.push(Math.cos((i * Math.PI) / workerCount));

  // The encoding weights are the interpolant of unit vectors: the same for every pixel.
  const results: Float32Array[] = [];
  for (let i = 0; i < workerCount; i++) {
    const weights: number[] = [];
    for (let j = 0; j < K; j++) {
      const unit = dataPoints.map((_, other) => (other === j ? 1 : 0));
      weights.push(berrut(evaluationPoints[i]!, dataPoints, unit));
    }
    const coded = new Float32Array((base.count / K) * inputSize);
    for (let group = 0; group < base.count / K; group++) {
      for (let d = 0; d < inputSize; d++) {
        let sum = 0;
        for (let j = 0; j < K; j++) sum += weights[j]! * base.queries[order[group * K + j]! * inputSize + d]!;
        coded[group * inputSize + d] = sum;
      }
    }
    results.push(await runAll(base.model, coded, base.count / K));
  }

  let hits = 0;
  for (let group = 0; group < base.count / K; group++) {
    const arrived = arrivedWorkers(SEED, stragglerCount, group);
    const points = arrived.map((i) => evaluationPoints[i]!);
    for (let j = 0; j < K; j++) {
      let best = 0;
      let bestLogit = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < outputSize; c++) {
        const values = arrived.map((i) => results[i]![group * outputSize + c]!);
        const logit = berrut(dataPoints[j]!, points, values);
        if (logit > bestLogit) [best, bestLogit] = [c, logit];
      }
      if (best === base.labels[order[group * K + j]!]) hits++;
    }
  }
  return hits / base.count;
}

describe("approxifer on 10,000 test images agrees with the straight-line implementation within 0.1 point", () => {
  test.each(STRAGGLER_COUNTS)("S = %i", async (stragglers) => {
    const ours = await codedAccuracy("approxifer", stragglers, base, randomOrder(SEED, base.count), SEED);
    const theirs = await straightLineAccuracy(stragglers);
    const authors = AUTHORS_ACCURACY[stragglers]!;
    console.log(`approxifer S=${stragglers}: ${ours.overall}, straight line ${theirs}, authors' ResNet-18 ${authors}`);
    expect(Math.abs(ours.overall - theirs)).toBeLessThanOrEqual(0.001);
    expect(Math.abs(ours.overall - authors)).toBeLessThanOrEqual(0.03);
  });
});

describe("systematic with similar queries in a group, lost answers from parities alone", () => {
  test.each([
    [1, 0.955],
    [2, 0.945],
    [3, 0.935],
  ])("S = %i: at least %f of all answers are right", async (stragglers, least) => {
    const { overall, degraded, estimatedCount } = await codedAccuracy(
      "systematic",
      stragglers,
      base,
      similarOrder(base, SEED),
      SEED,
    );
    console.log(`systematic S=${stragglers}: ${overall}, of ${estimatedCount} estimates ${degraded}`);
    expect(estimatedCount).toBeGreaterThan(0);
    expect(overall).toBeGreaterThanOrEqual(least);
  });
});

test("without losses to make up for, systematic answers as the model does", async () => {
  const { overall, estimatedCount } = await codedAccuracy("systematic", 0, base, randomOrder(SEED, base.count), SEED);
  expect(estimatedCount).toBe(0);
  expect(overall).toBe(base.accuracy);
});

test("a group loses exactly S workers, and each worker is lost equally often", () => {
  const lost = new Uint32Array(K + 2);
  for (let group = 0; group < 5_000; group++) {
    const arrived = arrivedWorkers(SEED, 2, group);
    expect(arrived).toHaveLength(K);
    for (let i = 0; i < K + 2; i++) if (!arrived.includes(i)) lost[i]! += 1;
  }
  // 1,000 expected, standard deviation 28.
  for (const count of lost) expect(Math.abs(count - 1_000)).toBeLessThan(140);
});
