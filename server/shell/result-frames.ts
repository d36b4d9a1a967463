/** What comes back from tabs, as frames: looked at before anybody computes with it. */
import { decodeFrame, FrameError, type Tensor } from "../../shared/protocol/frame.ts";

export interface ExpectedTensor {
  readonly name: string;
  readonly dtype: Tensor["dtype"];
  readonly rows: number;
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
    if (shape.length !== 2 || shape[0] !== rows || shape[1] !== columns) {
      return `expected shape (${rows}, ${columns}), got (${shape.join(", ")})`;
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

/** 0: it is no frame of one matrix. */
function rowsIn(frame: Uint8Array): number {
  try {
    const [tensor] = Object.values(decodeFrame(frame));
    return tensor?.shape[0] ?? 0;
  } catch (error) {
    if (error instanceof FrameError) return 0;
    throw error;
  }
}

/** As readOutputs, of any number of rows up to `rowsMax`. @returns null: there are none, or more, or they are no such rows */
export function readSomeOutputs(frame: Uint8Array, rowsMax: number, outputSize: number): Float32Array | null {
  const rowCount = rowsIn(frame);
  if (rowCount < 1 || rowCount > rowsMax) return null;
  const outputs = readOutputs(frame, rowCount, outputSize);
  return typeof outputs === "string" ? null : outputs;
}

/** @returns rowCount x outputSize numbers, finite or not as the model gives them, or why they are none */
export function readOutputs(frame: Uint8Array, rowCount: number, outputSize: number): Float32Array | string {
  const expected = { name: "outputs", dtype: "F32", rows: rowCount, columns: outputSize } as const;
  const outputs = readTensor(frame, { ...expected, expects: null });
  // A copy of its own: the message that the frame came in may be large, and is not kept alive by it.
  return typeof outputs === "string" ? outputs : (outputs as Float32Array).slice();
}
