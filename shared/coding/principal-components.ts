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
  const sample = centredSample(queries, queryCount, inputSize, random);
  const components = principalComponents(sample, random);
  const componentCount = components.rows;
  const axes = components.to1DArray();
  const projected = new Float32Array(queryCount * componentCount);
  for (let q = 0; q < queryCount; q++) {
    const query = queries.subarray(q * inputSize, (q + 1) * inputSize);
    for (let c = 0; c < componentCount; c++) projected[q * componentCount + c] = dot(query, axes, c * inputSize);
  }
  return { projected, componentCount };
}

function dot(query: ArrayLike<number>, axes: readonly number[], at: number): number {
  let sum = 0;
  for (let d = 0; d < query.length; d++) sum += query[d]! * axes[at + d]!;
  return sum;
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
  const transposed = sample.transpose();
  let basis = Matrix.zeros(sample.columns, rank);
  for (let d = 0; d < basis.rows; d++) for (let c = 0; c < rank; c++) basis.set(d, c, normal(random));
  for (let iteration = 0; iteration < SUBSPACE_ITERATIONS; iteration++) {
    basis = new QR(transposed.mmul(sample.mmul(basis))).orthogonalMatrix;
  }
  // Rayleigh and Ritz: the principal components within the subspace.
  const within = sample.mmul(basis);
  const { eigenvectorMatrix } = new EVD(within.transpose().mmul(within), { assumeSymmetric: true });
  const componentCount = Math.min(COMPONENTS_MAX, rank);
  // Eigenvalues ascend.
  const largestFirst = Array.from({ length: componentCount }, (_, c) => rank - 1 - c);
  const chosen = eigenvectorMatrix.subMatrixColumn(largestFirst);
  return basis.mmul(chosen).transpose();
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
