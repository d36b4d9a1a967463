/**
 * The rows of a batch on the wire: float32 as they are, or 8-bit and half-precision entries that are multiplied by the job's
 * input scale; of whole numbers in parts, each as small as its numbers. Tab and coordinator both take them through here, so that they
 * compute with the same float32 numbers, bit for bit.
 */
import type { Tensor } from "../../protocol/frame.ts";
import { fromHalf } from "../../protocol/half-floats.ts";
import type { BatchMessage } from "./batch.ts";

export type BatchRows = Extract<Tensor, { dtype: "F32" | "U8" | "F16" }>;

export type RowPart = NonNullable<BatchMessage["parts"]>[number];

export const partName = (place: number): string => `part_${place}`;

type Shaped = Pick<BatchMessage, "inputScale" | "parts" | "rowCount" | "inputSize">;

/**
 * The rows of a batch as its model takes them, whatever they travelled as: rowCount x inputSize.
 * @param tensors of the batch's frame
 * @throws Error where a tensor is missing, or has another shape or dtype
 */
export function rowsOfBatch(tensors: Readonly<Record<string, Tensor>>, batch: Shaped): Float32Array {
  const { inputScale = 1, parts, rowCount, inputSize } = batch;
  if (parts === undefined) {
    const rows = tensorIn(tensors, "rows", [rowCount, inputSize], ["F32", "F16", "U8"]);
    return toFloat32Rows(rows as BatchRows, inputScale);
  }
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size !== inputSize) throw new Error(`input: expected parts of ${inputSize} numbers together, got ${size}`);
  const rows = new Float32Array(rowCount * inputSize);
  let start = 0;
  for (const [place, part] of parts.entries()) {
    const { data } = tensorIn(tensors, partName(place), [rowCount, part.size], ["F32", "U8", "U16"]);
    const { scale = 1 } = part;
    for (let row = 0, from = 0; row < rowCount; row++) {
      const to = row * inputSize + start;
      for (let i = 0; i < part.size; i++) rows[to + i] = data[from++]! * scale;
    }
    start += part.size;
  }
  return rows;
}

function tensorIn(
  tensors: Readonly<Record<string, Tensor>>,
  name: string,
  shape: readonly number[],
  dtypes: readonly Tensor["dtype"][],
): Tensor {
  const tensor = tensors[name];
  if (tensor !== undefined && dtypes.includes(tensor.dtype) && String(tensor.shape) === String(shape)) return tensor;
  const got = tensor === undefined ? "none" : `${tensor.dtype} [${tensor.shape}]`;
  throw new Error(`input: expected a tensor "${name}" ${dtypes.join(", ")} [${shape}], got ${got}`);
}

/** @returns each entry times inputScale, the product taken in double precision and rounded once; F32 rows are left as they are */
export function toFloat32Rows({ dtype, data }: BatchRows, inputScale: number): Float32Array {
  switch (dtype) {
    case "F32":
      return data;
    case "U8":
      return scaleBytes(data, inputScale);
    case "F16":
      return scaleHalves(data, inputScale);
  }
}

function scaleHalves(halves: Uint16Array, inputScale: number): Float32Array {
  const rows = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) rows[i] = fromHalf(halves[i]!) * inputScale;
  return rows;
}

/** An array's own rounding to float32 does the rest: 256 products serve all entries. */
export function scaleBytes(entries: Uint8Array, inputScale: number): Float32Array {
  const scaled = Float32Array.from({ length: 256 }, (_, entry) => entry * inputScale);
  const rows = new Float32Array(entries.length);
  for (let i = 0; i < entries.length; i++) rows[i] = scaled[entries[i]!]!;
  return rows;
}
