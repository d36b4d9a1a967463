import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LagrangeCode } from "../coding/lagrange-code.ts";
import { FieldError } from "../field/field-error.ts";
import { MODULUS } from "../field/modulus.ts";
import { matrixProduct } from "../field/products.ts";
import { randomResidues } from "../field/random-residues.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { combineKeys, makeVerificationKey, soundnessError, verifyProduct, verifyWithAll } from "./freivalds.ts";
import vectors from "./vectors/freivalds.json" with { type: "json" };

describe("reference vectors", () => {
  test("there are eight", () => {
    expect(vectors).toHaveLength(8);
  });

  test.each(vectors)("case %#: key, honest and forged result", (vector) => {
    const { modulus, matrix } = vector;
    const key = makeVerificationKey(vector.secret, matrix.flat(), matrix.length, matrix[0]!.length, modulus);
    expect([...key.product]).toEqual(vector.key);
    expect([...key.secret]).toEqual(vector.secret);
    expect(verifyProduct(key, vector.vector, vector.honestResult, modulus)).toBe(true);
    expect(verifyProduct(key, vector.vector, vector.forgedResult, modulus)).toBe(vector.forgedAccepted);
  });
});

describe.each([7, 257, MODULUS, 2 ** 32 - 5])("mod %i", (modulus) => {
  test("a right result is never refused, whatever the shape, as vector or as thin matrix", () => {
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 20 }),
      columns: fc.integer({ min: 1, max: 20 }),
      width: fc.integer({ min: 1, max: 5 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shape, ({ rows, columns, width, seed }) => {
        const random = simulationRandom(seed);
        const matrix = randomResidues(rows * columns, modulus, random);
        const vector = randomResidues(columns * width, modulus, random);
        const key = makeVerificationKey(randomResidues(rows, modulus, random), matrix, rows, columns, modulus);
        const result = matrixProduct(matrix, rows, columns, vector, width, modulus);
        expect(verifyProduct(key, vector, result, modulus)).toBe(true);
      }),
      { seed: 30_090, numRuns: 300 },
    );
  });
});

test("in a small field a wrong result passes for exactly one secret in 7: all secrets, all errors of two rows", () => {
  const [matrix, vector] = [Uint32Array.of(1, 2, 3, 4), Uint32Array.of(5, 6)];
  const right = matrixProduct(matrix, 2, 2, vector, 1, 7);
  let [passedCount, triedCount] = [0, 0];
  for (let secret = 0; secret < 49; secret++) {
    const key = makeVerificationKey([secret % 7, Math.floor(secret / 7)], matrix, 2, 2, 7);
    for (let error = 1; error < 49; error++, triedCount++) {
      const wrong = [(right[0]! + (error % 7)) % 7, (right[1]! + Math.floor(error / 7)) % 7];
      if (verifyProduct(key, vector, wrong, 7)) passedCount++;
    }
  }
  expect(triedCount).toBe(49 * 48);
  expect(passedCount).toBe(7 * 48);
});

test("[GR4] a wrong result that one key of two lets pass is refused, whichever of them it is", () => {
  const [matrix, vector] = [Uint32Array.of(1, 2, 3, 4), Uint32Array.of(5, 6)];
  const [first, second] = matrixProduct(matrix, 2, 2, vector, 1, MODULUS);
  const blind = makeVerificationKey([1, 0], matrix, 2, 2, MODULUS); // it sees the first row alone
  const seeing = makeVerificationKey([3, 5], matrix, 2, 2, MODULUS);
  const wrong = [first!, second! + 1];
  expect(verifyProduct(blind, vector, wrong, MODULUS)).toBe(true);
  expect(verifyProduct(seeing, vector, wrong, MODULUS)).toBe(false);
  for (const keys of [
    [blind, seeing],
    [seeing, blind],
  ]) {
    expect(verifyWithAll(keys, vector, wrong, MODULUS)).toBe(false);
    expect(verifyWithAll(keys, vector, [first!, second!], MODULUS)).toBe(true);
  }
});

describe("what a stranger may send", () => {
  const random = simulationRandom(30_091);
  const matrix = randomResidues(6, MODULUS, random);
  const key = makeVerificationKey(randomResidues(3, MODULUS, random), matrix, 3, 2, MODULUS);
  const vector = randomResidues(2, MODULUS, random);
  const right = [...matrixProduct(matrix, 3, 2, vector, 1, MODULUS)];

  test("another length is refused, and so are entries that are no residues, even if they are right mod q", () => {
    expect(verifyProduct(key, vector, right, MODULUS)).toBe(true);
    for (const wrong of [[], right.slice(1), [...right, 0], [...right, ...right]]) {
      expect(verifyProduct(key, vector, wrong, MODULUS)).toBe(false);
    }
    for (const entry of [
      right[0]! + MODULUS,
      right[0]! - MODULUS,
      right[0]! + 0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]) {
      expect(verifyProduct(key, vector, [entry, ...right.slice(1)], MODULUS)).toBe(false);
    }
  });

  test("one wrong column of a thin matrix is refused", () => {
    const thin = randomResidues(8, MODULUS, random);
    const result = matrixProduct(matrix, 3, 2, thin, 4, MODULUS);
    expect(verifyProduct(key, thin, result, MODULUS)).toBe(true);
    for (let at = 0; at < result.length; at++) {
      const wrong = result.slice();
      wrong[at] = (wrong[at]! + 1) % MODULUS;
      expect(verifyProduct(key, thin, wrong, MODULUS)).toBe(false);
    }
    // Columns swapped: each is a right product, of another vector.
    const swapped = result.map((_, at) => result[at - (at % 4) + [1, 0, 2, 3][at % 4]!]!);
    expect(verifyProduct(key, thin, swapped, MODULUS)).toBe(false);
  });

  test("what is ours must fit: keys, vectors and sizes are refused with an error", () => {
    expect(() => verifyProduct(key, [1, 2, 3], right, MODULUS)).toThrow(FieldError);
    expect(() => verifyProduct(key, [], right, MODULUS)).toThrow(FieldError);
    expect(() => verifyProduct(key, [1, MODULUS], right, MODULUS)).toThrow(FieldError);
    expect(() => makeVerificationKey([1, 2], matrix, 3, 2, MODULUS)).toThrow(/the secret to have 3 entries, got 2/);
    expect(() => makeVerificationKey([1, 2, 3], matrix, 3, 3, MODULUS)).toThrow(FieldError);
    expect(() => makeVerificationKey([1, 2, MODULUS], matrix, 3, 2, MODULUS)).toThrow(FieldError);
    expect(() => verifyWithAll([], vector, right, MODULUS)).toThrow(/at least one key/);
  });
});

test("a joining tab's key, made from the blocks' keys, is the key of its shard; with masks too", () => {
  let caseCount = 0;
  for (const maskCount of [0, 2]) {
    const code = new LagrangeCode({ blockCount: 4, maskCount, workerCount: 8, degree: 1, modulus: MODULUS });
    const random = simulationRandom(30_092);
    const [rows, columns] = [5, 7];
    const blocks = Array.from({ length: 4 + maskCount }, () => randomResidues(rows * columns, MODULUS, random));
    const secret = randomResidues(rows, MODULUS, random);
    const blockKeys = blocks.map((block) => makeVerificationKey(secret, block, rows, columns, MODULUS));
    for (const joined of [0, 3, 8, 40]) {
      const key = combineKeys(code.encodeRow(joined), blockKeys, MODULUS);
      expect(key).toEqual(makeVerificationKey(secret, code.encode(joined, blocks), rows, columns, MODULUS));
      caseCount++;
    }
    const foreign = makeVerificationKey(randomResidues(rows, MODULUS, random), blocks[0]!, rows, columns, MODULUS);
    expect(() => combineKeys(code.encodeRow(1), [...blockKeys.slice(1), foreign], MODULUS)).toThrow(/of one secret/);
  }
  expect(caseCount).toBe(8);
  expect(() => combineKeys([], [], MODULUS)).toThrow(/at least one key/);
});

test("keys are of one secret only where every entry is the same, and there are as many", () => {
  const keyOf = (secret: number[]) => ({ secret: Uint32Array.from(secret), product: Uint32Array.of(1, 2) });
  const one = keyOf([5, 6, 7]);
  expect(combineKeys([1, 1], [one, keyOf([5, 6, 7])], MODULUS).product).toEqual(Uint32Array.of(2, 4));
  for (const other of [
    [5, 6, 8],
    [4, 6, 7],
    [5, 6],
    [5, 6, 7, 8],
  ]) {
    expect(() => combineKeys([1, 1], [one, keyOf(other)], MODULUS), other.join()).toThrow(/of one secret/);
    expect(() => combineKeys([1, 1], [keyOf(other), one], MODULUS), other.join()).toThrow(/of one secret/);
  }
});

test("the soundness error is n q^-t: 2e-19 for one submission and two keys, and never above one", () => {
  expect(soundnessError(2, 1, MODULUS)).toBeCloseTo(2.168e-19, 22);
  expect(soundnessError(1, 1, 7)).toBe(1 / 7);
  expect(soundnessError(2, 98, 7)).toBe(1);
  expect(soundnessError(2, 1_000_000, MODULUS) / soundnessError(2, 1, MODULUS)).toBeCloseTo(1_000_000, 3);
});
