/** Estimates of lost answers that need no code: the mean answer of the most similar queries that were answered. */
import { CodingError } from "./coding-error.ts";
import { CELL_POINTS, cellCentres, cellsOf, findNearest, nearestItems, shortlist } from "./nearest-cells.ts";

/**
 * How many neighbours jobs average: best or within .3 points of the best among 1, 2, 3, 4, 5, 6, 8, 12 and
 * 20 on 10,000 training images of MNIST and of Fashion-MNIST, K = 8, S = 1 and 3 (mean of the lost labels hit; on CIFAR-10
 * 8 to 12 would be 2 to 4 points better, of .30).
 */
export const NEIGHBOURS_AVERAGED = 5;

export interface NeighbourInput {
  /** n x width, row-major: where queries lie, as principalProjection gives it. */
  readonly features: Float32Array;
  readonly width: number;
  /** cellCentres of the features, where they are known already. */
  readonly centres?: Float32Array;
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

/** Queries in a row whose neighbours are sought in the same part of the data. */
const QUERIES_A_SHORTLIST = 8;

/**
 * Nearest neighbours by Euclidean distance; of equal distances the earlier query is nearer. Exact among some hundred answered queries;
 * among more, neighbours are sought in the nearest parts of the data alone (nearest-cells.ts), which finds nearly all of them as long as
 * like queries have near places.
 *
 * @throws CodingError where a length does not fit, or neighbourCount is not a whole number from 1 on
 * @example
 * const [features, answers] = [Float32Array.of(0, 1, 9), Float32Array.of(0, 5, 7)];
 * const answered = { isAnswered: Uint8Array.of(0, 1, 1), answers, outputSize: 1 };
 * neighbourEstimates({ features, width: 1, ...answered, lost: Uint32Array.of(0), neighbourCount: 1 }) // -> { outputs: [5], nearestSquared: [1] }
 */
export function neighbourEstimates(input: NeighbourInput): NeighbourEstimates {
  const { features, width, isAnswered, answers, outputSize, lost, neighbourCount, columns } = input;
  check(input);
  const outputs = new Float32Array(lost.length * outputSize);
  const nearestSquared = new Float64Array(lost.length).fill(Number.POSITIVE_INFINITY);
  const cells = cellsOf(features, width, input.centres ?? cellCentres(features, width), isAnswered);
  const nearest = nearestItems(neighbourCount);
  let near = cells;
  let block = -1;
  for (let place = 0; place < lost.length; place++) {
    const query = lost[place]!;
    if (Math.floor(query / QUERIES_A_SHORTLIST) !== block) {
      block = Math.floor(query / QUERIES_A_SHORTLIST);
      near = shortlist(cells, meanOf(features, width, block * QUERIES_A_SHORTLIST, QUERIES_A_SHORTLIST));
    }
    const column = columns?.[query] ?? 0;
    findNearest(near, features, query * width, nearest, (other) => {
      return isAnswered[other] !== 1 || other === query || (column > 0 && columns![other] === column);
    });
    if (nearest.count === 0) continue;
    nearestSquared[place] = nearest.distances[0]!;
    for (let n = 0; n < nearest.count; n++) {
      const from = nearest.items[n]! * outputSize;
      for (let c = 0, to = place * outputSize; c < outputSize; c++, to++) {
        outputs[to]! += answers[from + c]! / nearest.count;
      }
    }
  }
  return { outputs, nearestSquared };
}

/** Of the rows from `first` on, `count` or as many as there are. */
function meanOf(matrix: Float32Array, width: number, first: number, count: number): Float32Array {
  const mean = new Float32Array(width);
  const end = Math.min(matrix.length / width, first + count);
  for (let row = first; row < end; row++) {
    for (let c = 0; c < width; c++) mean[c]! += matrix[row * width + c]! / (end - first);
  }
  return mean;
}

function check(input: NeighbourInput): void {
  const { features, width, centres, isAnswered, answers, outputSize, lost, neighbourCount, columns } = input;
  const count = isAnswered.length;
  const expect = (what: string, got: number, expected: number) => {
    if (got !== expected) throw new CodingError(`neighbourEstimates: expected ${expected} ${what}, got ${got}`);
  };
  expect(`entries of ${count} x ${width} features`, features.length, count * width);
  expect(`entries of ${count} x ${outputSize} answers`, answers.length, count * outputSize);
  if (columns !== undefined) expect("columns", columns.length, count);
  if (centres !== undefined) expect("entries of centres", centres.length, Math.ceil(count / CELL_POINTS) * width);
  if (!Number.isInteger(neighbourCount) || neighbourCount < 1) {
    throw new CodingError(`neighbourEstimates: expected a whole number of neighbours from 1 on, got ${neighbourCount}`);
  }
  const outside = lost.find((query) => query >= count);
  if (outside !== undefined) {
    throw new CodingError(`neighbourEstimates: expected queries in 0..${count - 1}, got ${outside}`);
  }
}
