import { Matrix, QrDecomposition as QR } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { normal, shuffle } from "../random/draws.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { chebyshevBasis } from "./chebyshev-basis.ts";
import { CodingError } from "./coding-error.ts";
import { greedyLocator } from "./greedy-locator.ts";
import { placement } from "./placement.ts";
import { evenAnglePoints } from "./points.ts";
import { systematicPoints } from "./schemes/systematic/systematic.ts";
import { randomRows } from "./testing/codes.ts";
import { GROUP_COUNT, OUTPUT_SIZE, smoothBatches } from "./testing/smooth-batches.ts";

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
