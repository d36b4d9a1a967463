/** [PR87] Rows with whole numbers in them as they travel: each input as small as its numbers are in this batch. */
import type { QueryNumbers } from "../../../../shared/coding/query-numbers.ts";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { partName, type RowPart } from "../../../../shared/kinds/inference/batch-rows.ts";
import type { Tensor } from "../../../../shared/protocol/frame.ts";
import { FRAME_TENSORS_MAX } from "../../../../shared/protocol/limits.ts";
import { isWhole, sizeOfInput } from "../whole-numbers.ts";
import { storedRows } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";

type PartDtype = "U8" | "U16" | "F32";
interface Part {
  readonly start: number;
  size: number;
  readonly dtype: PartDtype;
  readonly scale: number;
}

export interface PartedRows {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly parts: readonly RowPart[];
}

/**
 * @param entries rowCount x D, as they are stored
 * @param inputs what a row of D is made of
 * @param scale of the floats among them
 */
export function partedRows(
  entries: QueryNumbers,
  rowCount: number,
  inputs: readonly ModelInput[],
  scale: number,
): PartedRows {
  const width = entries.length / rowCount;
  const parts = partsOf(entries, width, inputs, scale);
  const tensors = parts.map((part, place) => [partName(place), tensorOf(part, entries, width, rowCount)] as const);
  return {
    tensors: Object.fromEntries(tensors),
    // Floats travel as they are computed with, scaled already.
    parts: parts.map(({ size, dtype, scale }) => (dtype === "F32" || scale === 1 ? { size } : { size, scale })),
  };
}

/** Of rows spread over all queries. */
const ROWS_WEIGHED = 64;

/** Bytes of a row as it travels, on average. */
export function partedRowBytes(source: QuerySource, queryCount: number): number {
  const { values, inputSize, inputs = [], scale } = source;
  const rows = Math.max(1, Math.min(ROWS_WEIGHED, queryCount));
  if (values.length < inputSize) return 4 * inputSize;
  const picked = Uint32Array.from({ length: rows }, (_, i) => Math.floor((i * queryCount) / rows));
  const { tensors } = partedRows(storedRows(source, picked), rows, inputs, scale);
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0) / rows;
}

function partsOf(entries: QueryNumbers, width: number, inputs: readonly ModelInput[], scale: number): Part[] {
  const parts: Part[] = [];
  let start = 0;
  for (const input of inputs) {
    const size = sizeOfInput(input);
    const part = { start, size, dtype: smallest(entries, width, start, size), scale: isWhole(input) ? 1 : scale };
    const last = parts.at(-1);
    if (last !== undefined && last.dtype === part.dtype && last.scale === part.scale) last.size += size;
    else parts.push(part);
    start += size;
  }
  if (parts.length <= FRAME_TENSORS_MAX) return parts;
  // More forms than a frame has tensors: all of one scale as floats.
  const asFloats: Part[] = [];
  for (const part of parts) {
    const last = asFloats.at(-1);
    if (last !== undefined && last.scale === part.scale) last.size += part.size;
    else asFloats.push({ ...part, dtype: "F32" });
  }
  return asFloats;
}

/** The smallest form that holds these columns exactly. */
function smallest(entries: QueryNumbers, width: number, start: number, size: number): PartDtype {
  if (entries instanceof Uint8Array) return "U8";
  let most = 0;
  for (let row = start; row < entries.length; row += width) {
    for (let at = row; at < row + size; at++) {
      const value = entries[at]!;
      if (!Number.isInteger(value) || value < 0 || value > 65_535 || Object.is(value, -0)) return "F32";
      if (value > most) most = value;
    }
  }
  return most <= 255 ? "U8" : "U16";
}

const EMPTY = {
  U8: (length: number) => new Uint8Array(length),
  U16: (length: number) => new Uint16Array(length),
  F32: (length: number) => new Float32Array(length),
};

/** rowCount x size */
function tensorOf({ start, size, dtype, scale }: Part, entries: QueryNumbers, width: number, rowCount: number): Tensor {
  const data = EMPTY[dtype](rowCount * size);
  const factor = dtype === "F32" ? scale : 1;
  for (let row = 0, to = 0; row < rowCount; row++) {
    for (let i = 0; i < size; i++) data[to++] = entries[row * width + start + i]! * factor;
  }
  return { dtype, shape: [rowCount, size], data } as Tensor;
}
