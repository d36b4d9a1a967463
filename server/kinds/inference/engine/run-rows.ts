/** Rows of a job's queries through its model, a few at a time: what is gathered for them lies in the coordinator's own memory. */
import { RECOMPUTED_BYTES_AT_ONCE_MAX } from "../../../../shared/protocol/limits.ts";
import { type SaidRows, saidWithin } from "../../../../shared/verify/said-rows.ts";
import type { TrustedModelRows } from "../../../numerics/numerics-references.ts";
import { gatherRows } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";

/**
 * @param queries n of them
 * @param said what volunteers answered to them, n rows
 * @returns n x C
 */
export async function runRows(
  model: TrustedModelRows,
  source: QuerySource,
  queries: Uint32Array,
  said?: SaidRows,
): Promise<Float32Array> {
  const { outputSize } = model.facts;
  const outputs = new Float32Array(queries.length * outputSize);
  const atOnce = rowsWithin(RECOMPUTED_BYTES_AT_ONCE_MAX, source.inputSize + outputSize);
  for (let first = 0; first < queries.length; first += atOnce) {
    const piece = queries.subarray(first, first + atOnce);
    const saidOfPiece = said && saidWithin(said, first, piece.length);
    outputs.set(await model.run(gatherRows(source, piece), piece.length, saidOfPiece), first * outputSize);
  }
  return outputs;
}

/** Rows of so many float32 numbers that fit; at least one. */
export function rowsWithin(bytes: number, numbersOfRow: number): number {
  return Math.max(1, Math.floor(bytes / (4 * numbersOfRow)));
}
