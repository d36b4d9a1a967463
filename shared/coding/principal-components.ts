/** Principal components of queries, by randomized subspace iteration (Halko, Martinsson, Tropp, SIAM Review 2011). */

import { EVD, Matrix, QR } from "ml-matrix";
import { normal } from "../random/draws.ts";
import type { RandomSource } from "../random/random.ts";
import type { QueryNumbers } from "./query-numbers.ts";

/** As good as 32 for neighbours on MNIST and Fashion-MNIST, within .2 points; 16 cost one to two. */
const COMPONENTS_MAX = 24;
/** More directions than are wanted, so that the last ones wanted come out well. */
const OVERSAMPLING = 8;
const SUBSPACE_ITERATIONS = 2;
const SAMPLE_QUERIES_MAX = 600;
/** A sample of wide queries is smaller, or finding components would take longer than projecting on them. */
const SAMPLE_ENTRIES_MAX = 2_000_000;
const POWER_ITERATIONS = 24;
/** A direction to split by is that of so many items. */
const DIRECTION_ITEMS_MAX = 256;
/**
 * Wider queries are folded to so many entries first: each entry is added to one of them, drawn at random, with a random sign, which
 * keeps distances about as they are (Charikar, Chen, Farach-Colton, 2002). Of CIFAR-10, 3,072 wide, neighbours hit as many labels within
 * a point, in a tenth of the time; of MNIST, 784, it would cost a point.
 */
const FOLDED_SIZE = 256;
const FOLDED_FROM = 1_025;

export interface Projection {
  /** n x componentCount, row-major. Not centred: distances and directions do not notice. */
  readonly projected: Float32Array;
  readonly componentCount: number;
}

/**
 * @param queries n x D, row-major
 * @example principalProjection(Float32Array.of(0, 0, 3, 4), 2, 2, simulationRandom(1)).componentCount // -> 2
 */
export function principalProjection(
  queries: QueryNumbers,
  queryCount: number,
  inputSize: number,
  random: RandomSource,
): Projection {
  if (inputSize >= FOLDED_FROM) {
    const folded = foldedRows(queries, queryCount, foldOf(inputSize, random));
    return principalProjection(folded, queryCount, FOLDED_SIZE, random);
  }
  const axes = principalAxes(queries, queryCount, inputSize, random);
  const componentCount = axes.length / inputSize;
  return { projected: projectOn(axes, queries, queryCount, inputSize), componentCount };
}

/**
 * Principal directions of a sample of the queries, the one of largest variance first.
 * @param queries n x D, row-major
 * @returns componentCount x D; the rows orthonormal, but for wide queries, whose directions are those of folded ones
 * @example principalAxes(Float32Array.of(0, 0, 3, 4), 2, 2, simulationRandom(1)).slice(0, 2).map(Math.abs) // -> [0.6, 0.8]
 */
export function principalAxes(
  queries: QueryNumbers,
  queryCount: number,
  inputSize: number,
  random: RandomSource,
): Float64Array {
  if (inputSize >= FOLDED_FROM) {
    const fold = foldOf(inputSize, random);
    const ofFolded = principalAxes(foldedRows(queries, queryCount, fold), queryCount, FOLDED_SIZE, random);
    return unfoldedAxes(ofFolded, fold);
  }
  const sample = centredSample(queries, queryCount, inputSize, random);
  return Float64Array.from(principalComponents(sample, random).to1DArray());
}

/**
 * @param axes componentCount x D
 * @param queries n x D
 * @returns n x componentCount
 * @example projectOn(Float64Array.of(0, 1), Float32Array.of(5, 6, 7, 8), 2, 2) // -> [6, 8]
 */
export function projectOn(
  axes: Float64Array,
  queries: QueryNumbers,
  queryCount: number,
  inputSize: number,
): Float32Array {
  const projected = new Float32Array((queryCount * axes.length) / inputSize);
  dotProducts(queries, queryCount, axes, inputSize, projected);
  return projected;
}

/** Where each entry of a wide query goes, and with which sign. */
interface Fold {
  readonly width: number;
  readonly places: Uint32Array;
  readonly signs: Float64Array;
}

function foldOf(width: number, random: RandomSource): Fold {
  const places = new Uint32Array(width);
  const signs = new Float64Array(width);
  for (let entry = 0; entry < width; entry++) {
    places[entry] = random.integer(FOLDED_SIZE);
    signs[entry] = 1 - 2 * random.integer(2);
  }
  return { width, places, signs };
}

/** n x FOLDED_SIZE */
function foldedRows(rows: QueryNumbers, rowCount: number, { width, places, signs }: Fold): Float32Array {
  const folded = new Float32Array(rowCount * FOLDED_SIZE);
  const sums = new Float64Array(FOLDED_SIZE);
  for (let r = 0, from = 0; r < rowCount; r++, from += width) {
    sums.fill(0);
    for (let entry = 0; entry < width; entry++) sums[places[entry]!]! += signs[entry]! * rows[from + entry]!;
    folded.set(sums, r * FOLDED_SIZE);
  }
  return folded;
}

/** To project on them is to fold, and to project what comes out. @param axes n x FOLDED_SIZE @returns n x width */
function unfoldedAxes(axes: Float64Array, { width, places, signs }: Fold): Float64Array {
  const count = axes.length / FOLDED_SIZE;
  const unfolded = new Float64Array(count * width);
  for (let c = 0; c < count; c++) {
    for (let entry = 0; entry < width; entry++) {
      unfolded[c * width + entry] = signs[entry]! * axes[c * FOLDED_SIZE + places[entry]!]!;
    }
  }
  return unfolded;
}

/**
 * out = rows axes^T. Two rows and four axes at a time: each number is read from memory once for two or four products.
 * @param rows rowCount x width. @param axes n x width. @param out rowCount x n
 */
function dotProducts(
  rows: QueryNumbers | Float64Array,
  rowCount: number,
  axes: Float64Array,
  width: number,
  out: Float32Array | Float64Array,
): void {
  const count = axes.length / width;
  const inFours = count - (count % 4);
  // As the sums are: bytes would be made into such numbers anew for every four axes.
  const [row, next] = [new Float64Array(width), new Float64Array(width)];
  for (let r = 0; r < rowCount; r += 2) {
    // The last of an odd number of rows is taken twice.
    const other = Math.min(r + 1, rowCount - 1);
    row.set(rows.subarray(r * width, (r + 1) * width));
    next.set(rows.subarray(other * width, (other + 1) * width));
    for (let c = 0; c < inFours; c += 4) {
      const [axis0, axis1, axis2, axis3] = [c * width, (c + 1) * width, (c + 2) * width, (c + 3) * width];
      let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let d = 0; d < width; d++) {
        const a = row[d]!;
        const b = next[d]!;
        const at0 = axes[axis0 + d]!;
        const at1 = axes[axis1 + d]!;
        const at2 = axes[axis2 + d]!;
        const at3 = axes[axis3 + d]!;
        a0 += a * at0;
        a1 += a * at1;
        a2 += a * at2;
        a3 += a * at3;
        b0 += b * at0;
        b1 += b * at1;
        b2 += b * at2;
        b3 += b * at3;
      }
      out.set([a0, a1, a2, a3], r * count + c);
      out.set([b0, b1, b2, b3], other * count + c);
    }
    for (let c = inFours; c < count; c++) {
      let [a, b] = [0, 0];
      for (let d = 0; d < width; d++) {
        a += row[d]! * axes[c * width + d]!;
        b += next[d]! * axes[c * width + d]!;
      }
      out[r * count + c] = a;
      out[other * count + c] = b;
    }
  }
}

/**
 * Queries that directions are taken from: more of them are not looked at.
 * @example sampledQueriesMax(784) // -> 600
 */
export function sampledQueriesMax(inputSize: number): number {
  return Math.min(SAMPLE_QUERIES_MAX, Math.max(2 * COMPONENTS_MAX, Math.floor(SAMPLE_ENTRIES_MAX / inputSize)));
}

/** Up to SAMPLE_QUERIES_MAX different queries, less their mean: sample size x D. */
function centredSample(queries: QueryNumbers, queryCount: number, inputSize: number, random: RandomSource): Matrix {
  const sampleCount = Math.min(queryCount, sampledQueriesMax(inputSize));
  const rows = Uint32Array.from({ length: queryCount }, (_, q) => q);
  const sample = Matrix.zeros(sampleCount, inputSize);
  for (let s = 0; s < sampleCount; s++) {
    // The first sampleCount steps of a shuffle.
    const chosen = s + random.integer(queryCount - s);
    const row = rows[chosen]!;
    rows[chosen] = rows[s]!;
    for (let d = 0; d < inputSize; d++) sample.set(s, d, queries[row * inputSize + d]!);
  }
  return sample.subRowVector(sample.mean("column"));
}

/** componentCount x D, the rows orthonormal, the direction of largest variance first. */
function principalComponents(sample: Matrix, random: RandomSource): Matrix {
  const rank = Math.min(COMPONENTS_MAX + OVERSAMPLING, sample.rows, sample.columns);
  const [rows, width] = [Float64Array.from(sample.to1DArray()), sample.columns];
  /** sample basis, m x rank */
  const onto = (basis: Matrix): Float64Array => {
    const out = new Float64Array(sample.rows * rank);
    dotProducts(rows, sample.rows, Float64Array.from(basis.transpose().to1DArray()), width, out);
    return out;
  };
  let basis = Matrix.zeros(sample.columns, rank);
  for (let d = 0; d < basis.rows; d++) for (let c = 0; c < rank; c++) basis.set(d, c, normal(random));
  for (let iteration = 0; iteration < SUBSPACE_ITERATIONS; iteration++) {
    basis = new QR(Matrix.from1DArray(width, rank, spread(rows, onto(basis), width, rank))).orthogonalMatrix;
  }
  // Rayleigh and Ritz: the principal components within the subspace.
  const within = Matrix.from1DArray(sample.rows, rank, onto(basis));
  const { eigenvectorMatrix } = new EVD(within.transpose().mmul(within), { assumeSymmetric: true });
  const componentCount = Math.min(COMPONENTS_MAX, rank);
  // Eigenvalues ascend.
  const largestFirst = Array.from({ length: componentCount }, (_, c) => rank - 1 - c);
  const chosen = eigenvectorMatrix.subMatrixColumn(largestFirst);
  return basis.mmul(chosen).transpose();
}

/**
 * rows^T heights, width x rank.
 * @param rows m x width. @param heights m x rank
 */
function spread(rows: Float64Array, heights: Float64Array, width: number, rank: number): Float64Array {
  const rowCount = rows.length / width;
  const columns = new Float64Array(rows.length);
  for (let r = 0; r < rowCount; r++) for (let d = 0; d < width; d++) columns[d * rowCount + r] = rows[r * width + d]!;
  const axes = new Float64Array(heights.length);
  for (let r = 0; r < rowCount; r++) for (let c = 0; c < rank; c++) axes[c * rowCount + r] = heights[r * rank + c]!;
  const out = new Float64Array(width * rank);
  dotProducts(columns, width, axes, rowCount, out);
  return out;
}

/**
 * The direction in which the items vary most, by power iteration on their covariance, or that of some of them; a few digits are enough
 * to split by. Without any variance, a zero vector or an arbitrary one.
 *
 * @param points rows x width, row-major
 * @param items rows of `points`
 * @example principalDirection(Float32Array.of(0, 0, 0, 2), 2, Uint32Array.of(0, 1)) // -> [0, 2]
 */
export function principalDirection(points: Float32Array, width: number, items: Uint32Array): Float64Array {
  const every = Math.ceil(items.length / DIRECTION_ITEMS_MAX);
  const some = every === 1 ? items : items.filter((_, place) => place % every === 0);
  const covariance = covarianceOf(points, width, some);
  // The row of the largest variance cannot be orthogonal to every leading direction, and costs no draw.
  let widest = 0;
  for (let c = 1; c < width; c++) {
    if (covariance[c * width + c]! > covariance[widest * width + widest]!) widest = c;
  }
  let direction = covariance.slice(widest * width, (widest + 1) * width);
  for (let iteration = 0; iteration < POWER_ITERATIONS; iteration++) {
    let squares = 0;
    for (let c = 0; c < width; c++) squares += direction[c]! ** 2;
    if (squares === 0) return direction;
    const perLength = 1 / Math.sqrt(squares);
    const next = new Float64Array(width);
    for (let r = 0; r < width; r++) {
      let sum = 0;
      for (let c = 0; c < width; c++) sum += covariance[r * width + c]! * direction[c]!;
      next[r] = sum * perLength;
    }
    direction = next;
  }
  return direction;
}

/** width x width sums of products of the centred items. */
function covarianceOf(points: Float32Array, width: number, items: Uint32Array): Float64Array {
  const mean = new Float64Array(width);
  for (const item of items) for (let c = 0; c < width; c++) mean[c]! += points[item * width + c]! / items.length;
  const covariance = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (const item of items) {
    for (let c = 0; c < width; c++) centred[c] = points[item * width + c]! - mean[c]!;
    for (let r = 0; r < width; r++) {
      const height = centred[r]!;
      for (let c = r; c < width; c++) covariance[r * width + c]! += height * centred[c]!;
    }
  }
  for (let r = 0; r < width; r++) for (let c = 0; c < r; c++) covariance[r * width + c] = covariance[c * width + r]!;
  return covariance;
}
