import { Matrix, QrDecomposition as QR } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { normal, shuffle } from "../random/draws.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { chebyshevBasis } from "./chebyshev-basis.ts";
import { CodingError } from "./coding-error.ts";
import { greedyLocator, groupResults } from "./greedy-locator.ts";
import { makeScheme } from "./make-scheme.ts";
import { placement } from "./placement.ts";
import { evenAnglePoints } from "./points.ts";
import { nullVectorLocator } from "./schemes/approxifer/null-vector-locator.ts";
import { publishedLocator } from "./schemes/approxifer/published-locator.ts";
import { systematicPoints } from "./schemes/systematic/systematic-points.ts";
import { randomRows } from "./testing/codes.ts";

const OUTPUT_SIZE = 10;
const GROUP_COUNT = 8;

/** Batches that are smooth in the point: random polynomials of degree K-1, decaying, plus a little that is not smooth. */
function smoothBatches(seed: number, points: Float64Array, queryCount: number, roughness: number): Float32Array[] {
  const random = simulationRandom(seed);
  const batches = Array.from(points, () => new Float32Array(GROUP_COUNT * OUTPUT_SIZE));
  for (let column = 0; column < GROUP_COUNT * OUTPUT_SIZE; column++) {
    const coefficients = Array.from({ length: queryCount }, (_, power) => normal(random) / (1 + power));
    points.forEach((point, r) => {
      const smooth = coefficients.reduce((sum, c, power) => sum + c * Math.cos(power * Math.acos(point)), 0);
      batches[r]![column] = smooth + roughness * normal(random);
    });
  }
  return batches;
}

/** L1 residual of the fit to all rows but one, by fitting it anew. */
function residualWithout(
  left: number,
  points: Float64Array,
  batches: Float32Array[],
  coefficientCount: number,
): number {
  const rows = batches.map((_, r) => r).filter((r) => r !== left);
  const basis = chebyshevBasis(
    rows.map((r) => points[r]!),
    coefficientCount,
  );
  const values = new Matrix(rows.map((r) => [...batches[r]!]));
  const residual = basis.mmul(new QR(basis).solve(values)).sub(values);
  return residual.to1DArray().reduce((sum, value) => sum + Math.abs(value), 0);
}

describe("greedyLocator", () => {
  test.each([
    { queryCount: 4, liarCount: 1, workerCount: 9 },
    { queryCount: 4, liarCount: 2, workerCount: 11 },
    { queryCount: 8, liarCount: 3, workerCount: 22 },
    { queryCount: 8, liarCount: 1, workerCount: 17 },
    // The fewest that it works with: next to the last points it may take one worker for its neighbour.
    { queryCount: 8, liarCount: 1, workerCount: 12 },
  ])("names nearly every liar that stands out: K = $queryCount, E = $liarCount, N = $workerCount", (row) => {
    const { queryCount, liarCount, workerCount } = row;
    const points = evenAnglePoints(queryCount, workerCount).evaluationPoints;
    let namedCount = 0;
    for (let seed = 0; seed < 30; seed++) {
      const random = simulationRandom(seed);
      const batches = smoothBatches(seed, points, queryCount, 0.02);
      const liars = shuffle([...batches.keys()], random).slice(0, liarCount);
      for (const liar of liars) batches[liar] = batches[liar]!.map((value) => value + 2 * normal(random));
      const suspects = greedyLocator({
        points,
        batches,
        groupCount: GROUP_COUNT,
        outputSize: OUTPUT_SIZE,
        queryCount,
        liarCount,
      });
      namedCount += suspects.filter(({ row }) => liars.includes(row)).length;
      expect(suspects.at(-1)!.residualShare).toBeLessThan(0.3);
    }
    const share = namedCount / (30 * liarCount);
    console.log(`greedy, K=${queryCount} E=${liarCount} N=${workerCount}: ${share.toFixed(3)} of the liars named`);
    expect(share).toBeGreaterThanOrEqual(workerCount === 12 ? 0.8 : 0.9);
  });

  test("the first dropped is the one without which a new fit to the others is best, and its share is told", () => {
    const points = evenAnglePoints(4, 10).evaluationPoints;
    for (let seed = 0; seed < 20; seed++) {
      const batches = smoothBatches(seed, points, 4, 0.3);
      const without = batches.map((_, r) => residualWithout(r, points, batches, 6));
      const all = residualWithout(-1, points, batches, 6);
      const input = { points, batches, groupCount: GROUP_COUNT, outputSize: OUTPUT_SIZE, queryCount: 4, liarCount: 1 };
      const [suspect] = greedyLocator(input);
      expect(suspect!.row).toBe(without.indexOf(Math.min(...without)));
      expect(suspect!.residualShare).toBeCloseTo(Math.min(...without) / all, 6);
    }
  });

  test("places dealt anew for each group change nothing but the order: the same liar, and its own groups stand out", () => {
    const { dataPoints, evaluationPoints } = systematicPoints(6, 5);
    for (let seed = 0; seed < 20; seed++) {
      const random = simulationRandom(seed);
      const byPosition = smoothBatches(seed, evaluationPoints, 6, 0.02);
      const dealt = Array.from({ length: GROUP_COUNT }, () => placement(random, 6));
      const workerAt = (g: number, position: number) => dealt[g]![position] ?? position;
      const batches = byPosition.map((batch) => new Float32Array(batch.length));
      const points = dealt.map(() => new Float64Array(evaluationPoints.length));
      for (let g = 0; g < GROUP_COUNT; g++) {
        byPosition.forEach((batch, position) => {
          const row = batch.subarray(g * OUTPUT_SIZE, (g + 1) * OUTPUT_SIZE);
          batches[workerAt(g, position)]!.set(row, g * OUTPUT_SIZE);
          points[g]![workerAt(g, position)] = evaluationPoints[position]!;
        });
      }
      const liar = random.integer(dataPoints.length);
      const lies = [1, 4];
      for (const g of lies) {
        for (let c = 0; c < OUTPUT_SIZE; c++) batches[liar]![g * OUTPUT_SIZE + c]! += 3 * normal(random);
      }
      const input = { points, batches, groupCount: GROUP_COUNT, outputSize: OUTPUT_SIZE, queryCount: 6, liarCount: 1 };
      const [suspect] = greedyLocator(input);
      expect(suspect!.row).toBe(liar);
      const worst = [...suspect!.misfits.keys()].sort((a, b) => suspect!.misfits[b]! - suspect!.misfits[a]!);
      expect(new Set(worst.slice(0, 2))).toEqual(new Set(lies));
    }
  });

  test("without redundancy it refuses: fewer than K+3+E results, or lengths that do not fit", () => {
    const input = { groupCount: 2, outputSize: 3, queryCount: 4, liarCount: 1 };
    const of = (count: number) => ({
      points: evenAnglePoints(4, count).evaluationPoints,
      batches: [] as Float32Array[],
    });
    const seven = { ...of(7), batches: Array.from({ length: 7 }, (_, r) => randomRows(r, 2, 3)) };
    expect(() => greedyLocator({ ...input, ...seven })).toThrow(/at least K\+3\+E = 8 results/);
    const eight = { ...of(8), batches: Array.from({ length: 8 }, (_, r) => randomRows(r, 2, 3)) };
    expect(greedyLocator({ ...input, ...eight })).toHaveLength(1);
    expect(() => greedyLocator({ ...input, ...eight, groupCount: 3 })).toThrow(CodingError);
    expect(() => greedyLocator({ ...input, ...eight, points: eight.points.subarray(1) })).toThrow(CodingError);
    expect(() => greedyLocator({ ...input, ...eight, points: [eight.points] })).toThrow(/points of 2 groups/);
  });
});

describe("nullVectorLocator", () => {
  test("an exact rational function with one wrong value gives that value away, also at point 0", () => {
    const points = [0.9, 0.7, 0.4, 0, -0.1, -0.5, -0.8];
    points.forEach((_, wrong) => {
      const results = Float32Array.from(points, (x, r) => 1 / (2 + x) + (r === wrong ? 3 : 0));
      expect(nullVectorLocator({ points, results, outputSize: 1, queryCount: 2, liarCount: 1 })).toEqual([wrong]);
    });
  });

  test("large values do not matter, and as many rows are named as asked for", () => {
    const points = evenAnglePoints(4, 11).evaluationPoints;
    const batches = smoothBatches(3, points, 4, 0);
    batches[2] = batches[2]!.map((value) => value + 1e30);
    const results = groupResults(batches, 0, OUTPUT_SIZE);
    const named = nullVectorLocator({ points, results, outputSize: OUTPUT_SIZE, queryCount: 4, liarCount: 2 });
    expect(named).toHaveLength(2);
    expect(named).toContain(2);
    expect(nullVectorLocator({ points, results, outputSize: OUTPUT_SIZE, queryCount: 4, liarCount: 0 })).toEqual([]);
  });

  test("it finds the liar at point 0, to which the published locator is nearly blind", () => {
    // N = 20 has a worker at 0. Of these seeds 40 and 5 were found.
    const { encodeMatrix } = makeScheme("approxifer", { queryCount: 8, stragglerCount: 3, liarCount: 1 });
    const points = evenAnglePoints(8, 20).evaluationPoints;
    const atZero = points.findIndex((point) => Math.abs(point) < 1e-12);
    const found = { published: 0, nullVector: 0 };
    for (let seed = 0; seed < 60; seed++) {
      const random = simulationRandom(seed);
      // A function that is no polynomial, as models are.
      const features = Float64Array.from({ length: 8 * OUTPUT_SIZE }, () => 2 * normal(random));
      const results = Float32Array.from({ length: 20 * OUTPUT_SIZE }, (_, at) => {
        const [i, c] = [Math.floor(at / OUTPUT_SIZE), at % OUTPUT_SIZE];
        let mixed = 0;
        for (let j = 0; j < 8; j++) mixed += encodeMatrix[i * 8 + j]! * features[j * OUTPUT_SIZE + c]!;
        return 5 * Math.tanh(mixed);
      });
      for (let c = 0; c < OUTPUT_SIZE; c++) results[atZero * OUTPUT_SIZE + c]! += 10 * normal(random);
      const input = { points, results, outputSize: OUTPUT_SIZE, queryCount: 8, liarCount: 1 };
      if (publishedLocator(input)[0] === atZero) found.published++;
      if (nullVectorLocator(input)[0] === atZero) found.nullVector++;
    }
    console.log(`of 60 liars at point 0: published ${found.published}, null vector ${found.nullVector}`);
    expect(found.nullVector).toBeGreaterThanOrEqual(32);
    expect(found.published).toBeLessThanOrEqual(15);
  });
});
