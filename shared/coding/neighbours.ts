/** Estimates of lost answers that need no code: the mean answer of the most similar queries that were answered. */
import { rowOf } from "./arrivals.ts";
import { CodingError } from "./coding-error.ts";

/**
 * So many are averaged unless somebody knows better: best or within .3 points of the best among 1, 2, 3, 4, 5, 6, 8, 12 and
 * 20 on 10,000 training images of MNIST and of Fashion-MNIST, K = 8, S = 1 and 3 (mean of the lost labels hit; on CIFAR-10
 * 8 to 12 would be 2 to 4 points better, of .30).
 */
export const NEIGHBOURS_AVERAGED = 5;

export interface NeighbourInput {
  /** n x width, row-major: where queries lie, as principalProjection gives it. */
  readonly features: Float32Array;
  readonly width: number;
  /** n entries, 1 where the query has an answer that may be used. */
  readonly isAnswered: Uint8Array;
  /** n x outputSize, row-major; only answered rows are read. */
  readonly answers: Float32Array;
  readonly outputSize: number;
  /** The queries to estimate. One that is itself answered is not its own neighbour. */
  readonly lost: Uint32Array;
  /** How many neighbours are averaged; where fewer queries are answered, all are. */
  readonly neighbourCount: number;
  /**
   * n entries: the column that a query belongs to, 0 for none. Queries of one column are never each other's neighbours: each is
   * estimated as if its whole column had been lost.
   */
  readonly columns?: ArrayLike<number>;
}

export interface NeighbourEstimates {
  /** |lost| x outputSize, row-major */
  readonly outputs: Float32Array;
  /** |lost| entries: the squared distance to the nearest answered query, in the features' units; infinite if there is none. */
  readonly nearestSquared: Float64Array;
}

/** Components that are compared before a candidate is given up: the first ones carry most of a distance. */
const COMPONENTS_AT_A_TIME = 8;

/**
 * Exact nearest neighbours by Euclidean distance, each candidate given up as soon as it is too far. Of equal distances the
 * earlier query is nearer. Cost: at most |lost| x n x width multiplications; least where like queries have near places.
 *
 * @throws CodingError where a length does not fit, or neighbourCount is not a whole number from 1 on
 */
export function neighbourEstimates(input: NeighbourInput): NeighbourEstimates {
  const { features, width, isAnswered, answers, outputSize, lost, neighbourCount, columns } = input;
  check(input);
  const outputs = new Float32Array(lost.length * outputSize);
  const nearestSquared = new Float64Array(lost.length);
  // Answered queries alone, next to each other in memory.
  const queries = Uint32Array.from(isAnswered.keys()).filter((query) => isAnswered[query] === 1);
  const points = new Float32Array(queries.length * width);
  queries.forEach((query, a) => {
    points.set(rowOf(features, query, width), a * width);
  });
  const candidates = { queries, points, columns: queries.map((query) => columns?.[query] ?? 0) };

  lost.forEach((query, place) => {
    const column = columns?.[query] ?? 0;
    const nearest = nearestOf({ query, column, point: rowOf(features, query, width) }, candidates, neighbourCount);
    nearestSquared[place] = nearest.distances[0] ?? Number.POSITIVE_INFINITY;
    const output = rowOf(outputs, place, outputSize);
    for (const neighbour of nearest.queries) {
      for (let c = 0; c < outputSize; c++) output[c]! += answers[neighbour * outputSize + c]! / nearest.queries.length;
    }
  });
  return { outputs, nearestSquared };
}

interface Candidates {
  /** Ascending. */
  readonly queries: Uint32Array;
  readonly points: Float32Array;
  readonly columns: Uint32Array;
}

/**
 * Up to `count` queries, nearest first, and their squared distances. Candidates are walked outwards from the query's own place:
 * where like queries stand together, the first few are near, and nearly all others are given up early.
 */
function nearestOf(
  { query, column, point }: { readonly query: number; readonly column: number; readonly point: Float32Array },
  candidates: Candidates,
  count: number,
): { queries: number[]; distances: number[] } {
  const { points, columns } = candidates;
  const width = point.length;
  const queries: number[] = [];
  const distances: number[] = [];
  let farthest = Number.POSITIVE_INFINITY;
  let after = firstFrom(candidates.queries, query);
  let before = after - 1;
  for (let isAfter = true; before >= 0 || after < candidates.queries.length; isAfter = !isAfter) {
    const takesAfter = before < 0 || (isAfter && after < candidates.queries.length);
    const a = takesAfter ? after++ : before--;
    let distance = 0;
    for (let c = 0, at = a * width; c < width && distance <= farthest; ) {
      for (const end = Math.min(width, c + COMPONENTS_AT_A_TIME); c < end; c++, at++) {
        const difference = point[c]! - points[at]!;
        distance += difference * difference;
      }
    }
    const candidate = candidates.queries[a]!;
    if (distance > farthest || candidate === query || (column > 0 && columns[a] === column)) continue;
    let place = distances.length;
    while (place > 0 && isNearer(distance, candidate, distances[place - 1]!, queries[place - 1]!)) place--;
    if (place === count) continue;
    distances.splice(place, 0, distance);
    queries.splice(place, 0, candidate);
    if (distances.length > count) {
      distances.pop();
      queries.pop();
    }
    if (distances.length === count) farthest = distances[count - 1]!;
  }
  return { queries, distances };
}

function isNearer(distance: number, query: number, otherDistance: number, otherQuery: number): boolean {
  return distance < otherDistance || (distance === otherDistance && query < otherQuery);
}

/** The first place in ascending numbers whose number is at least `least`. */
function firstFrom(ascending: Uint32Array, least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function check(input: NeighbourInput): void {
  const { features, width, isAnswered, answers, outputSize, lost, neighbourCount, columns } = input;
  const count = isAnswered.length;
  const expect = (what: string, got: number, expected: number) => {
    if (got !== expected) throw new CodingError(`neighbourEstimates: expected ${expected} ${what}, got ${got}`);
  };
  expect(`entries of ${count} x ${width} features`, features.length, count * width);
  expect(`entries of ${count} x ${outputSize} answers`, answers.length, count * outputSize);
  if (columns !== undefined) expect("columns", columns.length, count);
  if (!Number.isInteger(neighbourCount) || neighbourCount < 1) {
    throw new CodingError(`neighbourEstimates: expected a whole number of neighbours from 1 on, got ${neighbourCount}`);
  }
  const outside = lost.find((query) => query >= count);
  if (outside !== undefined) {
    throw new CodingError(`neighbourEstimates: expected queries in 0..${count - 1}, got ${outside}`);
  }
}
