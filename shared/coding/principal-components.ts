/** Principal components of queries, by randomized subspace iteration (Halko, Martinsson, Tropp, SIAM Review 2011). */
import { EVD, Matrix, QR } from "ml-matrix";
import { normal } from "../random/draws.ts";
import type { RandomSource } from "../random/random.ts";

const COMPONENTS_MAX = 32;
/** More directions than are wanted, so that the last ones wanted come out well. */
const OVERSAMPLING = 8;
const SUBSPACE_ITERATIONS = 3;
const SAMPLE_QUERIES_MAX = 1_000;
/** A sample of wide queries is smaller, or finding components would take longer than projecting on them. */
const SAMPLE_ENTRIES_MAX = 2_000_000;
const POWER_ITERATIONS = 24;

export interface Projection {
  /** n x componentCount, row-major. Not centred: distances and directions do not notice. */
  readonly projected: Float32Array;
  readonly componentCount: number;
}

/** @param queries n x D, row-major */
export function principalProjection(
  queries: Float32Array | Uint8Array,
  queryCount: number,
  inputSize: number,
  random: RandomSource,
): Projection {
  const axes = principalAxes(queries, queryCount, inputSize, random);
  const componentCount = axes.length / inputSize;
  return { projected: projectOn(axes, queries, queryCount, inputSize), componentCount };
}

/**
 * At most 32 principal directions of a sample of the queries, the one of largest variance first.
 * @param queries n x D, row-major
 * @returns componentCount x D, the rows orthonormal
 */
export function principalAxes(
  queries: Float32Array | Uint8Array,
  queryCount: number,
  inputSize: number,
  random: RandomSource,
): Float64Array {
  const sample = centredSample(queries, queryCount, inputSize, random);
  return Float64Array.from(principalComponents(sample, random).to1DArray());
}

/**
 * @param axes componentCount x D
 * @param queries n x D
 * @returns n x componentCount
 */
export function projectOn(
  axes: Float64Array,
  queries: Float32Array | Uint8Array,
  queryCount: number,
  inputSize: number,
): Float32Array {
  const projected = new Float32Array((queryCount * axes.length) / inputSize);
  dotProducts(queries, queryCount, axes, inputSize, projected);
  return projected;
}

/**
 * out = rows axes^T. Four sums at a time: each number of a row is read a quarter as often.
 * @param rows rowCount x width. @param axes n x width. @param out rowCount x n
 */
function dotProducts(
  rows: Float32Array | Float64Array | Uint8Array,
  rowCount: number,
  axes: Float64Array,
  width: number,
  out: Float32Array | Float64Array,
): void {
  const count = axes.length / width;
  const inFours = count - (count % 4);
  for (let r = 0; r < rowCount; r++) {
    const row = rows.subarray(r * width, (r + 1) * width);
    for (let c = 0; c < inFours; c += 4) {
      const [at0, at1, at2, at3] = [c * width, (c + 1) * width, (c + 2) * width, (c + 3) * width];
      let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0];
      for (let d = 0; d < width; d++) {
        const value = row[d]!;
        sum0 += value * axes[at0 + d]!;
        sum1 += value * axes[at1 + d]!;
        sum2 += value * axes[at2 + d]!;
        sum3 += value * axes[at3 + d]!;
      }
      const to = r * count + c;
      out[to] = sum0;
      out[to + 1] = sum1;
      out[to + 2] = sum2;
      out[to + 3] = sum3;
    }
    for (let c = inFours; c < count; c++) {
      let sum = 0;
      for (let d = 0; d < width; d++) sum += row[d]! * axes[c * width + d]!;
      out[r * count + c] = sum;
    }
  }
}

/** Up to SAMPLE_QUERIES_MAX different queries, less their mean: sample size x D. */
function centredSample(
  queries: Float32Array | Uint8Array,
  queryCount: number,
  inputSize: number,
  random: RandomSource,
): Matrix {
  const wanted = Math.max(2 * COMPONENTS_MAX, Math.floor(SAMPLE_ENTRIES_MAX / inputSize));
  const sampleCount = Math.min(queryCount, SAMPLE_QUERIES_MAX, wanted);
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
 * The direction in which the items vary most, by power iteration on their covariance; a few digits are enough to split
 * by. Without any variance, a zero vector or an arbitrary one.
 *
 * @param points rows x width, row-major
 * @param items rows of `points`
 */
export function principalDirection(points: Float32Array, width: number, items: Uint32Array): Float64Array {
  const covariance = covarianceOf(points, width, items);
  // The row of the largest variance cannot be orthogonal to every leading direction, and costs no draw.
  let widest = 0;
  for (let c = 1; c < width; c++) {
    if (covariance[c * width + c]! > covariance[widest * width + widest]!) widest = c;
  }
  let direction = covariance.slice(widest * width, (widest + 1) * width);
  for (let iteration = 0; iteration < POWER_ITERATIONS; iteration++) {
    const length = Math.hypot(...direction);
    if (length === 0) return direction;
    const next = new Float64Array(width);
    for (let r = 0; r < width; r++) {
      for (let c = 0; c < width; c++) next[r]! += (covariance[r * width + c]! * direction[c]!) / length;
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
