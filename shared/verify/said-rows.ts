/** Volunteers' answers to rows that are computed again: another machine's word counts where it agrees with them. SPEC.md VF17. */
import { rowAgrees } from "./compare-rows.ts";

export interface SaidRows {
  /** rowCount x C */
  readonly outputs: Float32Array;
  /** How far apart two honest computations of each row may lie, as `rowDeviation` measures it; rowCount numbers, at least 0. */
  readonly tolerances: Float64Array;
}

/**
 * @returns rows from `first` on, without a copy
 * @example saidWithin({ outputs: Float32Array.of(1, 2), tolerances: Float64Array.of(0, 0) }, 1, 1).outputs // -> Float32Array.of(2)
 */
export function saidWithin({ outputs, tolerances }: SaidRows, first: number, count: number): SaidRows {
  const size = outputs.length / tolerances.length;
  return {
    outputs: outputs.subarray(first * size, (first + count) * size),
    tolerances: tolerances.subarray(first, first + count),
  };
}

/**
 * @param outputs rowCount x C
 * @returns whether they are, row by row, what was said
 * @example agreesWithSaid(Float32Array.of(1), { outputs: Float32Array.of(1), tolerances: Float64Array.of(0) }) // -> true
 */
export function agreesWithSaid(outputs: Float32Array, { outputs: said, tolerances }: SaidRows): boolean {
  const size = said.length / tolerances.length;
  const rowOf = (rows: Float32Array, row: number) => rows.subarray(row * size, (row + 1) * size);
  return tolerances.every((tolerance, row) => rowAgrees(rowOf(outputs, row), rowOf(said, row), tolerance));
}
