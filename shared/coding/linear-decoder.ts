import { matrixRow, pickRows } from "./arrivals.ts";
import { berrutMatrix } from "./berrut.ts";
import { DECODE_MATRICES_HELD_MAX } from "./code-limits.ts";
import type { CodePoints } from "./points.ts";

const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;

/**
 * Decodes by an interpolant that is linear in the results, such as Berrut's. A set of arrived workers repeats from group to
 * group, so its matrix is kept.
 */
export interface LinearDecoder {
  /**
   * @param arrived at least one worker index, strictly increasing
   * @returns K x |arrived|, row-major: row j combines the arrived results into the answer to query j
   */
  matrixOf(arrived: readonly number[]): Float64Array;
  /**
   * Answers to some queries from some of the arrived results.
   * @param keptRows at least one place in `arrived`, ascending
   * @param results |arrived| x outputSize
   * @returns |queries| x outputSize
   */
  estimate(
    queries: readonly number[],
    arrived: readonly number[],
    keptRows: readonly number[],
    results: Float32Array,
    outputSize: number,
  ): Float32Array;
}

/** (evaluateAt, nodes) => |evaluateAt| x |nodes|, row-major */
export type Interpolation = (evaluateAt: Float64Array, nodes: readonly number[]) => Float64Array;

/**
 * @param interpolation linear in the results; Berrut\'s interpolant unless said otherwise
 * @example linearDecoder(evenAnglePoints(2, 3)).matrixOf([0, 2]) // -> [0.804738, 0.195262, -0.138071, 1.13807]
 */
export function linearDecoder(points: CodePoints, interpolation: Interpolation = berrutMatrix): LinearDecoder {
  const held = new Map<string, Float64Array>();

  function matrixOf(arrived: readonly number[]): Float64Array {
    const key = arrived.join();
    const nodes = () => arrived.map((workerIndex) => points.evaluationPoints[workerIndex]!);
    const matrix = held.get(key) ?? interpolation(points.dataPoints, nodes());
    // Set again, it is the youngest: a Map goes through its keys in the order they were set.
    held.delete(key);
    held.set(key, matrix);
    if (held.size > DECODE_MATRICES_HELD_MAX) held.delete(held.keys().next().value!);
    return matrix;
  }

  return {
    matrixOf,
    estimate(queries, arrived, keptRows, results, outputSize) {
      const matrix = matrixOf(keptRows.map((r) => arrived[r]!));
      const keptResults = pickRows(results, keptRows, outputSize);
      const estimates = new Float32Array(queries.length * outputSize);
      queries.forEach((query, place) => {
        const weights = matrix.subarray(query * keptRows.length, (query + 1) * keptRows.length);
        combineResults(weights, keptResults, matrixRow(estimates, place, outputSize));
      });
      return estimates;
    },
  };
}

/**
 * output = weights . results, summed in Float64. A unit row copies, exactly. Finite in, finite out: weights may exceed
 * one, so what would overflow Float32 (only a lie is that large) becomes its largest number.
 * @param weights |arrived| entries
 * @param results |arrived| x outputSize
 * @param output outputSize entries, written
 * @example
 * const output = new Float32Array(2);
 * combineResults(Float64Array.of(0.5, 0.5), Float32Array.of(1, 2, 3, 4), output);
 * output // -> [2, 3]
 */
export function combineResults(weights: Float64Array, results: Float32Array, output: Float32Array): void {
  const outputSize = output.length;
  for (let c = 0; c < outputSize; c++) {
    let sum = 0;
    for (let r = 0, at = c; r < weights.length; r++, at += outputSize) sum += weights[r]! * results[at]!;
    output[c] = Math.max(-FLOAT32_MAX, Math.min(FLOAT32_MAX, sum));
  }
}
