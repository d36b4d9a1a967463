import { describe, expect, test } from "vitest";
import { multiplyMod } from "../field/arithmetic.ts";
import { MODULUS } from "../field/modulus.ts";
import { matrixProduct } from "../field/products.ts";
import { randomResidues } from "../field/random-residues.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { LagrangeCode } from "./lagrange-code.ts";
import { avccWorkerCount, correctableCount, lccWorkerCount, recoveryThreshold } from "./lagrange-thresholds.ts";

/** All strictly increasing choices of `size` out of 0..count-1. */
function choices(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  if (size > count) return [];
  return [...choices(count - 1, size), ...choices(count - 1, size - 1).map((choice) => [...choice, count - 1])];
}

function binomial(n: number, k: number): number {
  return k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k;
}

const CASES = [
  { blockCount: 4, maskCount: 0, workerCount: 7, degree: 1 },
  { blockCount: 3, maskCount: 2, workerCount: 8, degree: 1 },
  { blockCount: 2, maskCount: 1, workerCount: 8, degree: 2 },
  { blockCount: 1, maskCount: 0, workerCount: 4, degree: 1 },
];

describe.each(CASES)("K = $blockCount, T = $maskCount, N = $workerCount, degree $degree", (shape) => {
  const { blockCount, maskCount, workerCount, degree } = shape;
  test.each([31, 65_537, MODULUS])("any threshold of results, and more, decodes exactly mod %i", (modulus) => {
    const code = new LagrangeCode({ ...shape, modulus });
    const random = simulationRandom(30_060);
    const blocks = Array.from({ length: blockCount }, () => randomResidues(6, modulus, random));
    const coded = [...blocks, ...code.drawMasks(6, random)];
    // The kernel: each entry to the power of the degree.
    const kernel = (block: Uint32Array) =>
      block.map((value) => (degree === 1 ? value : multiplyMod(value, value, modulus)));
    const results = Array.from({ length: workerCount }, (_, i) => kernel(code.encode(i, coded)));
    const expected = blocks.map(kernel);
    let caseCount = 0;
    let expectedCount = 0;
    for (let size = code.threshold; size <= workerCount; size++) {
      expectedCount += binomial(workerCount, size);
      for (const arrived of choices(workerCount, size)) {
        const decoded = code.decode(
          arrived,
          arrived.map((i) => results[i]!),
        );
        expect(decoded).toEqual(expected);
        caseCount++;
      }
    }
    expect(caseCount).toBe(expectedCount);
    expect(code.threshold).toBe((blockCount + maskCount - 1) * degree + 1);
    const tooFew = Array.from({ length: code.threshold - 1 }, (_, i) => i);
    expect(() => code.decode(tooFew, results.slice(0, tooFew.length))).toThrow(CodingError);
  });
});

test("a tab that joins takes the next point, and its results decode beside the others'", () => {
  const code = new LagrangeCode({ blockCount: 3, maskCount: 0, workerCount: 4, degree: 1, modulus: MODULUS });
  const random = simulationRandom(30_061);
  const blocks = Array.from({ length: 3 }, () => randomResidues(10, MODULUS, random));
  const vector = randomResidues(5, MODULUS, random);
  const product = (block: Uint32Array) => matrixProduct(block, 2, 5, vector, 1, MODULUS);
  expect(code.evaluationPoint(4)).toBe(5);
  const arrived = [1, 4, 9];
  const results = arrived.map((i) => product(code.encode(i, blocks)));
  expect(code.decode(arrived, results)).toEqual(blocks.map(product));
});

test("without masks the first K shards are the blocks themselves", () => {
  const code = new LagrangeCode({ blockCount: 3, maskCount: 0, workerCount: 5, degree: 1, modulus: MODULUS });
  const blocks = [Uint32Array.of(1, 2), Uint32Array.of(3, 4), Uint32Array.of(5, 6)];
  for (const i of [0, 1, 2]) expect(code.encode(i, blocks)).toEqual(blocks[i]);
});

test("decode matrices are worked out once for each set of arrivals", () => {
  const code = new LagrangeCode({ blockCount: 3, maskCount: 0, workerCount: 6, degree: 1, modulus: MODULUS });
  expect(code.decodeMatrix([0, 2, 5])).toBe(code.decodeMatrix([0, 2, 5]));
  expect(code.decodeMatrix([0, 2, 4])).not.toBe(code.decodeMatrix([0, 2, 5]));
  for (let last = 3; last < 400; last++) code.decodeMatrix([0, 2, last]);
  expect([...code.decodeMatrix([0, 1, 2])]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
});

test("results out of order, repeated or of different lengths are refused", () => {
  const code = new LagrangeCode({ blockCount: 2, maskCount: 0, workerCount: 4, degree: 1, modulus: MODULUS });
  const result = Uint32Array.of(1, 2);
  expect(() => code.decode([1, 0], [result, result])).toThrow(CodingError);
  expect(() => code.decode([1, 1], [result, result])).toThrow(CodingError);
  expect(() => code.decode([0, 1], [result])).toThrow(/expected 2 results, got 1/);
  expect(() => code.decode([0, 1], [result, Uint32Array.of(1)])).toThrow(/each row to have 2 entries, got 1/);
  expect(() => code.encode(0, [result])).toThrow(CodingError);
  expect(() => new LagrangeCode({ blockCount: 2, maskCount: 1, workerCount: 4, degree: 1, modulus: 7 })).toThrow(
    CodingError,
  );
});

test("AVCC needs one result less a liar than LCC, at the papers' 12 workers and K = 9", () => {
  const threshold = recoveryThreshold(9, 0, 1);
  expect(threshold).toBe(9);
  expect(lccWorkerCount(threshold, { stragglerCount: 1, liarCount: 1 })).toBe(12);
  for (const [stragglerCount, liarCount] of [
    [2, 1],
    [1, 2],
    [0, 3],
  ] as const) {
    expect(avccWorkerCount(threshold, { stragglerCount, liarCount })).toBe(12);
    expect(lccWorkerCount(threshold, { stragglerCount, liarCount })).toBeGreaterThan(12);
  }
  expect(recoveryThreshold(3, 2, 2)).toBe(9);
  expect([8, 9, 10, 11, 12].map((count) => correctableCount(count, 9))).toEqual([0, 0, 0, 1, 1]);
  expect(() => recoveryThreshold(0, 0, 1)).toThrow(CodingError);
});
