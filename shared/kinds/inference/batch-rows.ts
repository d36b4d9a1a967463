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

/** The tensor of rows that have no parts. */
export const ROWS = "rows";
export const partName = (place: number): string => `part_${place}`;
export const endsName = (place: number): string => `ends_${place}`;

type Shaped = Pick<BatchMessage, "inputScale" | "parts" | "rowCount" | "inputSize">;

/**
 * The rows of a batch as its model takes them, whatever they travelled as: rowCount x inputSize.
 * @param tensors of the batch's frame
 * @throws Error where a tensor is missing, or has another shape or dtype
 */
export function rowsOfBatch(tensors: Readonly<Record<string, Tensor>>, batch: Shaped): Float32Array {
  const { inputScale = 1, parts, rowCount, inputSize } = batch;
  if (parts === undefined) {
    const rows = tensorIn(tensors, ROWS, [rowCount, inputSize], ["F32", "F16", "U8"]);
    return toFloat32Rows(rows as BatchRows, inputScale);
  }
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (size !== inputSize) throw new Error(`input: expected parts of ${inputSize} numbers together, got ${size}`);
  const rows = new Float32Array(rowCount * inputSize);
  const places = partPlaces(tensors, parts, rowCount);
  for (let row = 0, to = 0; row < rowCount; row++) {
    for (const numberAt of places) to = numberAt(row, rows, to);
  }
  return rows;
}

/** Writes one row of a part from a place on. @returns the place behind it */
type WritesRow = (row: number, rows: Float32Array, to: number) => number;

function partPlaces(
  tensors: Readonly<Record<string, Tensor>>,
  parts: readonly RowPart[],
  rowCount: number,
): WritesRow[] {
  const endsOf = (place: number): ArrayLike<number> => {
    const { after, size } = parts[place] ?? {};
    if (after === undefined) throw new Error(`input: expected a part ${place} whose rows end, got none`);
    const { data } = tensorIn(tensors, endsName(place), [rowCount], ["U8", "U16"]);
    if (data.some((end) => end > size!)) throw new Error(`input: expected ends of at most ${size}, got others`);
    return data;
  };
  return parts.map((part, place): WritesRow => {
    const { size, scale = 1, same, after, upTo, bits } = part;
    if (same !== undefined) {
      return (_, rows, to) => {
        rows.fill(same, to, to + size);
        return to + size;
      };
    }
    if (upTo !== undefined) {
      const ends = endsOf(upTo);
      return (row, rows, to) => {
        rows.fill(1, to, to + Math.min(size, ends[row]!));
        return to + size;
      };
    }
    const ends = after === undefined ? null : endsOf(place);
    const count = ends === null ? 0 : Array.from(ends).reduce((sum, end) => sum + end, 0);
    const data =
      bits === undefined
        ? tensorIn(tensors, partName(place), ends === null ? [rowCount, size] : [count], ["F32", "U8", "U16"]).data
        : unpacked(tensors, place, bits, ends === null ? rowCount * size : count);
    let from = 0;
    return (row, rows, to) => {
      const end = ends?.[row] ?? size;
      for (let i = 0; i < end; i++) rows[to + i] = data[from++]! * scale;
      if (after !== undefined) rows.fill(after, to + end, to + size);
      return to + size;
    };
  });
}

function unpacked(
  tensors: Readonly<Record<string, Tensor>>,
  place: number,
  bits: number,
  count: number,
): ArrayLike<number> {
  const { data } = tensorIn(tensors, partName(place), [packedBytes(count, bits)], ["U8"]);
  return unpackBits(data as Uint8Array, bits, count);
}

export const packedBytes = (count: number, bits: number): number => Math.ceil((count * bits) / 8);

/** @param numbers whole, below 2^bits @param bits at most PACKED_BITS_MAX */
export function packBits(numbers: ArrayLike<number>, bits: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packedBytes(numbers.length, bits));
  let [held, heldBits, to] = [0, 0, 0];
  for (let i = 0; i < numbers.length; i++) {
    // At most 7 bits are held: with the next number they fit into 31.
    held |= numbers[i]! << heldBits;
    for (heldBits += bits; heldBits >= 8; heldBits -= 8) {
      bytes[to++] = held & 255;
      held >>>= 8;
    }
  }
  if (heldBits > 0) bytes[to] = held;
  return bytes;
}

export function unpackBits(bytes: Uint8Array, bits: number, count: number): Uint32Array {
  const numbers = new Uint32Array(count);
  let [held, heldBits, from] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    for (; heldBits < bits; heldBits += 8) held |= bytes[from++]! << heldBits;
    numbers[i] = held & (2 ** bits - 1);
    held >>>= bits;
    heldBits -= bits;
  }
  return numbers;
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
