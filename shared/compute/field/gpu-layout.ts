/** How matrices and vectors lie in a graphics card's memory, four residues a step, and how its partial sums become results. */
import { MODULUS } from "../../field/modulus.ts";

/** Terms that one program run adds: short enough that no driver takes a long product for a hang. */
const SEGMENT_TERMS_MAX = 512;

export function segmentsOf(termCount: number): { segmentLength: number; segmentCount: number } {
  const segmentCount = Math.ceil(termCount / SEGMENT_TERMS_MAX);
  return { segmentLength: Math.ceil(termCount / segmentCount), segmentCount };
}

/** Partial sums in [0, q], added up where they belong. */
export function summed(partial: Uint32Array, outputCount: number, outputOf: (at: number) => number): Uint32Array {
  const sums = new Float64Array(outputCount);
  // Exact in Float64 for 2^22 partial sums.
  for (let at = 0; at < partial.length; at++) sums[outputOf(at)]! += partial[at]!;
  return Uint32Array.from(sums, (sum) => sum % MODULUS);
}

/** Each row continued with zeros up to `stride` entries. */
export function paddedRows(entries: Uint32Array, rows: number, columns: number, stride: number): Uint32Array {
  if (stride === columns) return entries;
  const padded = new Uint32Array(rows * stride);
  for (let r = 0; r < rows; r++) padded.set(entries.subarray(r * columns, (r + 1) * columns), r * stride);
  return padded;
}

/** Column after column, each continued with zeros up to `stride` entries. */
export function transposedRows(thin: Uint32Array, rows: number, columns: number, stride: number): Uint32Array {
  const vectors = new Uint32Array(columns * stride);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) vectors[c * stride + r] = thin[r * columns + c]!;
  }
  return vectors;
}
