/** Whether a model gives tabs' WebAssembly here the same bits each time, and how far what checks are computed with lies from that. SPEC.md PC10. */
import { isSameRow } from "../../../shared/verify/compare-rows.ts";

/** Rows that are computed alone too: some kernels add in another order then. */
const ALONE_ROWS_MAX = 4;

export interface FixedTrial {
  /** Two runs of WebAssembly had no other bit, in company of other rows or alone. */
  readonly isRepeatable: boolean;
  /** C: by how much what checks are computed with differed from it, at most. */
  readonly differences: Float32Array;
}

export interface RowsOfTrial {
  /** rows x D */
  readonly asked: Float32Array;
  /** rows x C, as checks are computed */
  readonly own: Float32Array;
  readonly rows: number;
}

/** @param run on the WebAssembly that tabs have */
export async function tryFixed(
  run: (inputs: Float32Array) => Promise<Float32Array>,
  { asked, own, rows }: RowsOfTrial,
): Promise<FixedTrial> {
  const [inputSize, outputSize] = [asked.length / rows, own.length / rows];
  const together = await run(asked);
  const differences = new Float32Array(outputSize);
  widen(differences, own, together);
  let isRepeatable = true;
  for (let row = 0; row < Math.min(rows, ALONE_ROWS_MAX); row++) {
    const alone = await run(asked.slice(row * inputSize, (row + 1) * inputSize));
    const [from, to] = [row * outputSize, (row + 1) * outputSize];
    widen(differences, own.subarray(from, to), alone);
    if (!isSameRow(together.subarray(from, to), alone)) isRepeatable = false;
  }
  return { isRepeatable, differences };
}

/** What holds of two models of a job. */
export function fixedOfBoth(one: FixedTrial, other: FixedTrial): FixedTrial {
  const differences = one.differences.map((difference, c) => Math.max(difference, other.differences[c]!));
  return { isRepeatable: one.isRepeatable && other.isRepeatable, differences };
}

/** @param widest C, which takes the largest difference of each number of a row. @param one, other n x C */
export function widen(widest: Float32Array, one: Float32Array, other: Float32Array): void {
  for (let i = 0; i < one.length; i++) {
    const c = i % widest.length;
    const difference = one[i] === other[i] ? 0 : Math.abs(one[i]! - other[i]!);
    if (!(difference <= widest[c]!)) widest[c] = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
}
