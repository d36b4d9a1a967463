/** What comes back from tabs, as frames: looked at before anybody computes with it. */
import { decodeFrame, FrameError, type Tensor } from "../../shared/protocol/frame.ts";

export interface ExpectedTensor {
  readonly name: string;
  readonly dtype: Tensor["dtype"];
  /** So many, or at least one and no more than that. */
  readonly rows: number | { readonly most: number };
  readonly columns: number;
  /** What is true of a good entry, and that in words; null: of each. */
  readonly expects: { isGood(value: number): boolean; readonly words: string } | null;
}

/** The entries of the one tensor that is expected, in memory of the frame; or why there are none. */
export function readTensor(
  frame: Uint8Array,
  { name, dtype, rows, columns, expects }: ExpectedTensor,
): ArrayLike<number> | string {
  try {
    const { [name]: tensor, ...others } = decodeFrame(frame);
    if (tensor === undefined || Object.keys(others).length > 0) return `expected one tensor, named ${name}`;
    if (tensor.dtype !== dtype) return `expected dtype ${dtype}, got ${tensor.dtype}`;
    const { shape, data } = tensor;
    const isSo = typeof rows === "number" ? shape[0] === rows : shape[0]! >= 1 && shape[0]! <= rows.most;
    if (shape.length !== 2 || !isSo || shape[1] !== columns) {
      const expected = typeof rows === "number" ? rows : `1 to ${rows.most}`;
      return `expected shape (${expected}, ${columns}), got (${shape.join(", ")})`;
    }
    if (expects === null) return data;
    const bad = Array.prototype.findIndex.call(data, (value: number) => !expects.isGood(value));
    if (bad >= 0) return `expected ${expects.words}, got ${data[bad]} at ${bad}`;
    return data;
  } catch (error) {
    if (error instanceof FrameError) return error.message;
    throw error;
  }
}

/** @returns rows x outputSize numbers, finite or not as the model gives them, or why they are none */
export function readOutputs(
  frame: Uint8Array,
  rows: ExpectedTensor["rows"],
  outputSize: number,
): Float32Array | string {
  const expected = { name: "outputs", dtype: "F32", rows, columns: outputSize } as const;
  const outputs = readTensor(frame, { expects: null, ...expected });
  // A copy of its own: the message that the frame came in may be large, and is not kept alive by it.
  return typeof outputs === "string" ? outputs : (outputs as Float32Array).slice();
}
