import { describe, expect, test } from "vitest";
import { addMod } from "../field/arithmetic.ts";
import { MODULUS } from "../field/modulus.ts";
import { evaluatePolynomial } from "../field/polynomial.ts";
import { matrixProduct } from "../field/products.ts";
import { randomResidues } from "../field/random-residues.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { LagrangeCode } from "./lagrange-code.ts";
import { locateErrors } from "./reed-solomon.ts";
import { decodeCorrecting } from "./reed-solomon-results.ts";

function choices(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  if (size > count) return [];
  return [...choices(count - 1, size), ...choices(count - 1, size - 1).map((choice) => [...choice, count - 1])];
}

describe.each([13, 65_537, MODULUS, 2 ** 32 - 5])("locateErrors mod %i", (modulus) => {
  test("finds every pattern of at most (n-k)/2 errors, for all n up to 9 and all k", () => {
    const random = simulationRandom(30_080);
    let [patternCount, expectedCount] = [0, 0];
    for (let n = 1; n <= 9; n++) {
      const points = Array.from({ length: n }, (_, i) => i + 2);
      for (let k = 1; k <= n; k++) {
        const values = points.map((x) => x);
        const polynomial = [...randomResidues(k, modulus, random)];
        points.forEach((x, i) => {
          values[i] = evaluatePolynomial(polynomial, x, modulus);
        });
        for (let errorCount = 0; 2 * errorCount <= n - k; errorCount++) {
          for (const places of choices(n, errorCount)) {
            const received = [...values];
            for (const place of places) {
              received[place] = addMod(received[place]!, 1 + random.integer(modulus - 1), modulus);
            }
            expect(locateErrors(points, received, k, modulus)).toEqual(places);
            patternCount++;
          }
          expectedCount += choices(n, errorCount).length;
        }
      }
    }
    expect(patternCount).toBe(expectedCount);
    // sum over n <= 9, k <= n, e <= (n-k)/2 of C(n, e)
    expect(patternCount).toBe(1_161);
  });
});

test("one error more than the budget is noticed, or takes another polynomial for the right one: never the true places", () => {
  const points = [1, 2, 3, 4, 5, 6, 7];
  const [k, modulus] = [3, 13];
  const outcomes = { noticed: 0, deceived: 0 };
  const random = simulationRandom(30_081);
  for (const places of choices(7, 3)) {
    for (let draw = 0; draw < 20; draw++) {
      const polynomial = [...randomResidues(k, modulus, random)];
      const received = points.map((x) => evaluatePolynomial(polynomial, x, modulus));
      for (const place of places) received[place] = addMod(received[place]!, 1 + random.integer(12), modulus);
      const located = locateErrors(points, received, k, modulus);
      expect(located).not.toEqual(places);
      outcomes[located === null ? "noticed" : "deceived"]++;
    }
  }
  expect(outcomes.noticed + outcomes.deceived).toBe(35 * 20);
  // In a field of 13 both are common; mod q deception takes liars who agree on another polynomial.
  expect(outcomes.noticed).toBeGreaterThan(0);
  expect(outcomes.deceived).toBeGreaterThan(0);
});

test("sizes that do not fit are refused", () => {
  expect(() => locateErrors([1, 2], [1], 1, 13)).toThrow(CodingError);
  expect(() => locateErrors([1, 2], [1, 1], 3, 13)).toThrow(CodingError);
  expect(() => locateErrors([1, 2], [1, 1], 0, 13)).toThrow(CodingError);
});

describe("results as vectors", () => {
  const LENGTH = 9;
  const code = new LagrangeCode({ blockCount: 4, maskCount: 0, workerCount: 9, degree: 1, modulus: MODULUS });
  const random = simulationRandom(30_082);
  const blocks = Array.from({ length: 4 }, () => randomResidues(LENGTH * 3, MODULUS, random));
  const vector = randomResidues(3, MODULUS, random);
  const product = (block: Uint32Array) => matrixProduct(block, LENGTH, 3, vector, 1, MODULUS);
  const honest = Array.from({ length: 9 }, (_, i) => product(code.encode(i, blocks)));

  test("every pattern of stragglers and liars within the budget is corrected, and the liars named", () => {
    let caseCount = 0;
    for (let size = code.threshold; size <= 9; size++) {
      const liarCount = Math.floor((size - code.threshold) / 2);
      for (const arrived of choices(9, size)) {
        for (const liars of choices(size, liarCount)) {
          const results = arrived.map((i) => honest[i]!.slice());
          // The second lie changes one entry; two liars' lies differ.
          liars.forEach((place, which) => {
            const result = results[place]!;
            if (which === 0) result.reverse();
            else result[place % LENGTH] = addMod(result[place % LENGTH]!, 1, MODULUS);
          });
          const outcome = decodeCorrecting(code, arrived, results, random);
          expect(outcome).toEqual({
            kind: "decoded",
            blocks: blocks.map(product),
            wrongWorkers: liars.map((place) => arrived[place]),
          });
          caseCount++;
        }
      }
    }
    // n = 4..9: C(9,n) C(n, floor((n-4)/2)) = 126 + 126 + 84 * 6 + 36 * 7 + 9 * 28 + 36
    expect(caseCount).toBe(126 + 126 + 84 * 6 + 36 * 7 + 9 * 28 + 36);
  });

  test("beyond the budget random lies are noticed", () => {
    for (const liars of choices(9, 3)) {
      const results = honest.map((result, i) => (liars.includes(i) ? randomResidues(LENGTH, MODULUS, random) : result));
      expect(decodeCorrecting(code, [0, 1, 2, 3, 4, 5, 6, 7, 8], results, random).kind).toBe("undecodable");
    }
  });

  test("beyond the budget liars who agree on another code word are believed: LCC's limit", () => {
    const others = blocks.map((block) => block.map((value) => addMod(value, 1, MODULUS)));
    const results = honest.map((result, i) => (i < 7 ? product(code.encode(i, others)) : result));
    const outcome = decodeCorrecting(code, [0, 1, 2, 3, 4, 5, 6, 7, 8], results, random);
    expect(outcome).toEqual({ kind: "decoded", blocks: others.map(product), wrongWorkers: [7, 8] });
  });

  test("too few results, and results of different lengths, are refused", () => {
    expect(() => decodeCorrecting(code, [0, 1, 2], honest.slice(0, 3), random)).toThrow(CodingError);
    const short = [...honest.slice(0, 4), honest[4]!.slice(1)];
    expect(() => decodeCorrecting(code, [0, 1, 2, 3, 4], short, random)).toThrow(CodingError);
  });
});
