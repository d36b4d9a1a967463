import { expect, test } from "vitest";
import { makeScheme, workerCountOf } from "../../make-scheme.ts";
import { DECODED_HOW } from "../../scheme.ts";
import { atLeast, decodableCount, of, randomRows } from "../../testing/codes.ts";
import { systematicBerrutPoints } from "./berrut-systematic.ts";

test.each([of(1, 0, 0), of(1, 2, 0), of(2, 1, 0), of(3, 2, 1), of(4, 1, 0), of(4, 4, 0)])(
  "K = $queryCount, S = $stragglerCount, E = $liarCount: any K results decode, and no others",
  (parameters) => {
    const scheme = makeScheme("berrut-systematic", parameters);
    expect(decodableCount(scheme)).toBe(atLeast(scheme.workerCount, parameters.queryCount));
  },
);

test.each([[of(8, 1, 3), 9] as const, [of(12, 3, 0), 15] as const])(
  "a code of %o has %i workers",
  (parameters, expected) => {
    expect(workerCountOf("berrut-systematic", parameters)).toBe(expected);
  },
);

test("the first K of N Chebyshev points carry the queries, as the authors' script has it", () => {
  const { dataPoints, evaluationPoints } = systematicBerrutPoints(10, 11);
  for (let i = 0; i < 11; i++) expect(evaluationPoints[i]).toBeCloseTo(Math.cos(((2 * i + 1) * Math.PI) / 22), 14);
  expect([...dataPoints]).toEqual([...evaluationPoints.subarray(0, 10)]);
});

/** The sums of the authors' script, of one query at `z`: signs alternate in the order in which the points are listed. */
function scriptWeights(z: number, points: readonly number[]): number[] {
  const terms = points.map((point, j) => (-1) ** j / (z - point));
  const sum = terms.reduce((total, term) => total + term, 0);
  return terms.map((term) => term / sum);
}

test("mixtures and lost answers have the weights of the authors' script", () => {
  const [queryCount, workerCount] = [10, 12];
  const scheme = makeScheme("berrut-systematic", of(queryCount, 2, 0));
  const points = Array.from({ length: workerCount }, (_, i) => Math.cos(((2 * i + 1) * Math.PI) / (2 * workerCount)));
  for (let i = queryCount; i < workerCount; i++) {
    const expected = scriptWeights(points[i]!, points.slice(0, queryCount));
    const row = scheme.encodeMatrix.subarray(i * queryCount, (i + 1) * queryCount);
    expected.forEach((weight, j) => {
      expect(row[j]).toBeCloseTo(weight, 12);
    });
  }
  const lost = [3, 7];
  const arrived = Array.from({ length: workerCount }, (_, i) => i).filter((i) => !lost.includes(i));
  const results = randomRows(5, arrived.length, 4);
  const { outputs, how } = scheme.decode(arrived, results, 4);
  expect([...how].filter((state) => state === DECODED_HOW.raw)).toHaveLength(8);
  for (const query of lost) {
    const weights = scriptWeights(
      points[query]!,
      arrived.map((i) => points[i]!),
    );
    for (let c = 0; c < 4; c++) {
      const expected = weights.reduce((sum, weight, r) => sum + weight * results[r * 4 + c]!, 0);
      expect(outputs[query * 4 + c]).toBeCloseTo(expected, 5);
    }
    expect(how[query]).toBe(DECODED_HOW.estimated);
  }
});

test("with one query every worker holds it, and the query's first worker is believed over its copies", () => {
  const scheme = makeScheme("berrut-systematic", of(1, 2, 0));
  expect([...scheme.rawQueryOf]).toEqual([0, 0, 0]);
  expect([...scheme.decode([1, 2], Float32Array.of(5, 6), 1).outputs]).toEqual([5]);
});
