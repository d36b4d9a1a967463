/** [PR87] Rows with whole numbers in them as they travel: each input as small as its numbers are in this batch. */
import type { QueryNumbers } from "../../../../shared/coding/query-numbers.ts";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { PACKED_BITS_MAX } from "../../../../shared/kinds/inference/batch.ts";
import { endsName, packBits, partName, type RowPart } from "../../../../shared/kinds/inference/batch-rows.ts";
import type { Tensor } from "../../../../shared/protocol/frame.ts";
import { FRAME_TENSORS_MAX } from "../../../../shared/protocol/limits.ts";
import { isWhole, sizeOfInput } from "../whole-numbers.ts";
import { type Ends, endBytes, endsOf, isMaskOf, type PartColumns, sameOf, savedBytes } from "./part-forms.ts";
import { storedRows } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";

type PartDtype = "U8" | "U16" | "F32";

interface Part {
  readonly start: number;
  size: number;
  readonly dtype: PartDtype;
  /** So many of each number, in place of the dtype's; null: the dtype's. */
  readonly bits: number | null;
  readonly scale: number;
  /** In place of a tensor, or beside it; null: all numbers travel. */
  readonly form: { readonly same: number } | Ends | { readonly upTo: Part } | null;
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
  const tensors = parts.flatMap((part, place) => tensorsOf(part, place, entries, width, rowCount));
  return { tensors: Object.fromEntries(tensors), parts: parts.map((part) => told(part, parts)) };
}

function told({ size, dtype, bits, scale, form }: Part, parts: readonly Part[]): RowPart {
  const packed = bits === null ? {} : { bits };
  if (form !== null) {
    if ("same" in form) return { size, same: form.same };
    return "after" in form ? { size, after: form.after, ...packed } : { size, upTo: parts.indexOf(form.upTo) };
  }
  // Floats travel as they are computed with, scaled already.
  return dtype === "F32" || scale === 1 ? { size, ...packed } : { size, scale };
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
  for (const part of formed(entries, width, inputs, scale)) {
    const last = parts.at(-1);
    if (last !== undefined && isAlike(last, part)) last.size += part.size;
    else parts.push(part);
  }
  const tensorCount = parts.reduce((sum, { form }) => sum + (form === null ? 1 : "after" in form ? 2 : 0), 0);
  if (parts.length <= FRAME_TENSORS_MAX && tensorCount <= FRAME_TENSORS_MAX) return parts;
  // More forms than a frame has tensors: all of one scale as floats.
  const asFloats: Part[] = [];
  let start = 0;
  for (const input of inputs) {
    const size = sizeOfInput(input);
    const part: Part = { start, size, dtype: "F32", bits: null, scale: scaleOf(input, scale), form: null };
    const last = asFloats.at(-1);
    if (last !== undefined && last.scale === part.scale) last.size += size;
    else asFloats.push(part);
    start += size;
  }
  return asFloats;
}

const scaleOf = (input: ModelInput, scale: number): number => (isWhole(input) ? 1 : scale);

function isAlike(a: Part, b: Part): boolean {
  if (a.form === null || b.form === null)
    return a.form === b.form && a.dtype === b.dtype && a.bits === b.bits && a.scale === b.scale;
  return "same" in a.form && "same" in b.form && Object.is(a.form.same, b.form.same);
}

/** A part for each input. Of most texts only the words up to an end are needed: mask and types follow, or are all one number. */
function formed(entries: QueryNumbers, width: number, inputs: readonly ModelInput[], scale: number): Part[] {
  let start = 0;
  const parts = inputs.map((input): Part => {
    const columns = { entries, width, start, size: sizeOfInput(input) };
    start += columns.size;
    const own = scaleOf(input, scale);
    const same = sameOf(columns, own);
    return {
      start: columns.start,
      size: columns.size,
      ...smallest(columns, input),
      scale: own,
      form: same === null ? null : { same },
    };
  });
  const columnsOf = (one: Part): PartColumns => ({ entries, width, start: one.start, size: one.size });
  const canEnd = parts.flatMap((one, place) => {
    const ends = one.form === null && one.scale === 1 ? endsOf(columnsOf(one)) : null;
    if (ends === null) return [];
    const isMask = (other: Part) =>
      other !== one && other.form === null && other.scale === 1 && isMaskOf(columnsOf(other), ends);
    const masks = parts.flatMap((other, at) => (isMask(other) ? [at] : []));
    const masked = masks.reduce((sum, at) => sum + parts[at]!.size * ends.ends.length, 0);
    return [{ place, ends, masks, saved: savedBytes(ends, one.size, bytesPerNumber(one), masked) }];
  });
  for (const { place, ends, masks, saved } of canEnd.sort((a, b) => b.saved - a.saved)) {
    if (saved <= 0 || parts[place]!.form !== null) continue;
    const ended: Part = { ...parts[place]!, form: ends };
    parts[place] = ended;
    for (const at of masks) if (parts[at]!.form === null) parts[at] = { ...parts[at]!, form: { upTo: ended } };
  }
  return parts;
}

/** The smallest form that holds these columns exactly; of places in a table no more bits than these places take. */
function smallest({ entries, width, start, size }: PartColumns, input: ModelInput): Pick<Part, "dtype" | "bits"> {
  let most = 0;
  for (let row = start; row < entries.length; row += width) {
    for (let at = row; at < row + size; at++) {
      const value = entries[at]!;
      if (!Number.isInteger(value) || value < 0 || value >= 2 ** PACKED_BITS_MAX || Object.is(value, -0))
        return { dtype: "F32", bits: null };
      if (value > most) most = value;
    }
  }
  const dtype = most <= 255 ? "U8" : most <= 65_535 ? "U16" : "F32";
  if (!isWhole(input)) return { dtype, bits: null };
  // As many in each batch of a job: its parts are said once.
  const bits = input.below !== undefined && most < input.below ? bitsOf(input.below - 1) : PACKED_BITS_MAX;
  return bits < 8 * BYTES[dtype] ? { dtype: "U8", bits } : { dtype, bits: null };
}

const bitsOf = (most: number): number => Math.max(1, 32 - Math.clz32(most));

const bytesPerNumber = ({ dtype, bits }: Part): number => (bits === null ? BYTES[dtype] : bits / 8);

const EMPTY = {
  U8: (length: number) => new Uint8Array(length),
  U16: (length: number) => new Uint16Array(length),
  F32: (length: number) => new Float32Array(length),
};

const BYTES = { U8: 1, U16: 2, F32: 4 } as const;

/** rowCount x size; of rows that end, what is before their ends, one after the other, and the ends */
function tensorsOf(
  { start, size, dtype, bits, scale, form }: Part,
  place: number,
  entries: QueryNumbers,
  width: number,
  rowCount: number,
): [string, Tensor][] {
  if (form !== null && !("after" in form)) return [];
  const count = form?.ends.reduce((sum, end) => sum + end, 0) ?? rowCount * size;
  const data = bits === null ? EMPTY[dtype](count) : new Uint32Array(count);
  const factor = dtype === "F32" ? scale : 1;
  for (let row = 0, to = 0; row < rowCount; row++) {
    const end = form?.ends[row] ?? size;
    for (let i = 0; i < end; i++) data[to++] = entries[row * width + start + i]! * factor;
  }
  const shape = form === null ? [rowCount, size] : [count];
  const tensor = bits === null ? { dtype, shape, data } : packedTensor(data, bits);
  const own: [string, Tensor] = [partName(place), tensor as Tensor];
  if (form === null) return [own];
  const ends: Tensor =
    endBytes(size) === 1
      ? { dtype: "U8", shape: [rowCount], data: Uint8Array.from(form.ends) }
      : { dtype: "U16", shape: [rowCount], data: form.ends };
  return [own, [endsName(place), ends]];
}

function packedTensor(numbers: ArrayLike<number>, bits: number): Tensor {
  const data = packBits(numbers, bits);
  return { dtype: "U8", shape: [data.length], data };
}
