/**
 * `.npy`, numpy's file of one array: how submitters send queries and labels, and get answers.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3.
 *
 *   6 bytes   \x93NUMPY        2 bytes  version
 *   2 or 4    header length    header   a Python dict: {'descr': '<f4', 'fortran_order': False, 'shape': (10, 784), }
 *   data      row-major and little-endian, as numpy writes it; other orders are read too
 */
import { NPY_HEADER_BYTES_MAX, TENSOR_RANK_MAX } from "./limits.ts";

export type NpyArray =
  | { dtype: "F32"; shape: readonly number[]; data: Float32Array }
  | { dtype: "F64"; shape: readonly number[]; data: Float64Array }
  | { dtype: "U8"; shape: readonly number[]; data: Uint8Array }
  | { dtype: "U16"; shape: readonly number[]; data: Uint16Array }
  | { dtype: "U32"; shape: readonly number[]; data: Uint32Array }
  | { dtype: "I32"; shape: readonly number[]; data: Int32Array }
  | { dtype: "I64"; shape: readonly number[]; data: BigInt64Array };
export const NPY_DTYPES = [
  "F32",
  "F64",
  "U8",
  "U16",
  "U32",
  "I32",
  "I64",
] as const satisfies readonly NpyArray["dtype"][];
export type NpyDtype = NpyArray["dtype"];

/** Bytes that are no `.npy` file, or one that is not served here. Says what was expected and what came. */
export class NpyError extends Error {
  override readonly name = "NpyError";
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const DTYPES: Readonly<Record<string, { dtype: NpyDtype; bytes: number }>> = {
  "<f4": { dtype: "F32", bytes: 4 },
  "<f8": { dtype: "F64", bytes: 8 },
  "|u1": { dtype: "U8", bytes: 1 },
  // True and false, as the bytes that they are.
  "|b1": { dtype: "U8", bytes: 1 },
  "<u2": { dtype: "U16", bytes: 2 },
  "<u4": { dtype: "U32", bytes: 4 },
  "<i4": { dtype: "I32", bytes: 4 },
  "<i8": { dtype: "I64", bytes: 8 },
};
const DESCR: Readonly<Record<NpyDtype, string>> = {
  F32: "<f4",
  F64: "<f8",
  U8: "|u1",
  U16: "<u2",
  U32: "<u4",
  I32: "<i4",
  I64: "<i8",
};
const SERVED = "float32, float64, uint8, uint16, uint32, int32 or int64";

/** What a `.npy` file says of the array that follows. */
export interface NpyHeader {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Elements in all. */
  readonly count: number;
  /** Bytes of an element. */
  readonly width: number;
  readonly isBigEndian: boolean;
  /** Column-major, in more than one dimension: else both orders are the same. */
  readonly isFortran: boolean;
  /** The first byte of the data. */
  readonly dataStart: number;
}

/**
 * @param bytes of a file, from its first on
 * @returns null: more of them are needed
 * @throws NpyError on anything else than the header of an array of numbers
 */
export function readNpyHeader(bytes: Uint8Array): NpyHeader | null {
  const split = splitHeader(bytes);
  if ("missing" in split) return null;
  return headerOf(split);
}

function headerOf({ header, dataStart }: SplitHeader): NpyHeader {
  const fields = parseHeader(header);
  const { dtype, bytes: width, isBigEndian } = servedDtype(fields.descr);
  if (fields.fortranOrder !== "False" && fields.fortranOrder !== "True") {
    throw new NpyError(`npy: expected fortran_order True or False, got ${fields.fortranOrder.slice(0, 40)}`);
  }
  const shape = parseShape(fields.shape);
  const isFortran = fields.fortranOrder === "True" && shape.filter((size) => size > 1).length > 1;
  return { dtype, shape, count: elementCount(shape), width, isBigEndian, isFortran, dataStart };
}

/** @param got bytes of data @throws NpyError unless the shape takes as many */
export function requireNpyBytes({ count, width, shape }: NpyHeader, got: number): void {
  if (got === count * width) return;
  throw new NpyError(`npy: expected ${count * width} bytes of data for shape (${shape.join(", ")}), got ${got}`);
}

/**
 * @returns the array, row-major; `data` is a view of `bytes` where it lies aligned, little-endian and in C order, one copy otherwise
 * @throws NpyError on anything else than an array of numbers with exactly its bytes
 */
export function parseNpy(bytes: Uint8Array): NpyArray {
  const split = splitHeader(bytes);
  if ("missing" in split) throw new NpyError(`npy: expected ${split.missing}`);
  const header = headerOf(split);
  const { dtype, shape, width, isBigEndian, isFortran, dataStart } = header;
  requireNpyBytes(header, bytes.length - dataStart);
  const data = bytes.subarray(dataStart);
  const rowMajor = isFortran ? inRowMajor(data, shape, width) : data;
  if (!isBigEndian) return view(dtype, shape, rowMajor, width);
  const own = rowMajor === data ? Uint8Array.from(data) : rowMajor;
  swapBytes(own, width);
  return view(dtype, shape, own, width);
}

/** A copy of an array of column-major elements in row-major order. */
function inRowMajor(data: Uint8Array, shape: readonly number[], width: number): Uint8Array<ArrayBuffer> {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, width));
  const at = shape.map(() => 0);
  const copy = new Uint8Array(data.length);
  let from = 0;
  for (let to = 0; to < data.length; to += width) {
    for (let i = 0; i < width; i++) copy[to + i] = data[from + i]!;
    // The next index, the last axis quickest.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      at[axis]!++;
      if (at[axis]! < shape[axis]!) break;
      from -= at[axis]! * strides[axis]!;
      at[axis] = 0;
    }
  }
  return copy;
}

/** In place, each element of so many bytes. */
function swapBytes(data: Uint8Array, width: number): void {
  for (let from = 0; from < data.length; from += width) {
    for (let i = 0, j = width - 1; i < j; i++, j--) {
      const byte = data[from + i]!;
      data[from + i] = data[from + j]!;
      data[from + j] = byte;
    }
  }
}

/** Version 1.0, as numpy writes it: the data begins at a multiple of 64. */
export function encodeNpy(array: NpyArray): Uint8Array<ArrayBuffer> {
  const { shape, data } = array;
  const count = elementCount(shape);
  if (count !== data.length) {
    throw new NpyError(`encodeNpy: expected ${count} elements for shape (${shape.join(", ")}), got ${data.length}`);
  }
  const head = npyHead(array);
  const bytes = new Uint8Array(head.length + data.byteLength);
  bytes.set(head);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), head.length);
  return bytes;
}

/** Everything before the numbers, which follow row by row and little-endian. */
export function npyHead({ dtype, shape }: Pick<NpyArray, "dtype" | "shape">): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${DESCR[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const headerBytes = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const header = `${dict.padEnd(headerBytes - 1)}\n`;
  const head = new Uint8Array(10 + headerBytes);
  head.set([...MAGIC, 1, 0, headerBytes & 0xff, headerBytes >> 8]);
  for (let i = 0; i < header.length; i++) head[10 + i] = header.charCodeAt(i);
  return head;
}

interface SplitHeader {
  readonly header: string;
  readonly dataStart: number;
}

/** @returns or what is still to come, and how much there is */
function splitHeader(bytes: Uint8Array): SplitHeader | { readonly missing: string } {
  const begun = Math.min(bytes.length, MAGIC.length);
  const isOther = MAGIC.some((byte, i) => i < begun && bytes[i] !== byte);
  if (isOther) throw new NpyError("npy: expected a file that begins with \\x93NUMPY, got other bytes");
  if (bytes.length < 10) return { missing: "a file that begins with \\x93NUMPY, got other bytes" };
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw new NpyError(`npy: expected format version 1, 2 or 3, got ${version}`);
  const lengthBytes = version === 1 ? 2 : 4;
  const headerStart = 8 + lengthBytes;
  if (bytes.length < headerStart) return { missing: "a header, got the end of the file" };
  const lengths = new DataView(bytes.buffer, bytes.byteOffset + 8, lengthBytes);
  const length = version === 1 ? lengths.getUint16(0, true) : lengths.getUint32(0, true);
  if (length > NPY_HEADER_BYTES_MAX) {
    throw new NpyError(`npy: expected a header of at most ${NPY_HEADER_BYTES_MAX} bytes, got ${length}`);
  }
  const dataStart = headerStart + length;
  if (bytes.length < dataStart) {
    return { missing: `a header of ${length} bytes, got ${bytes.length - headerStart}` };
  }
  // Latin-1; a served header has nothing beyond ASCII, and what has is refused with its field.
  let header = "";
  for (let i = headerStart; i < dataStart; i++) header += String.fromCharCode(bytes[i]!);
  return { header, dataStart };
}

const FIELD = /^\s*'(\w{1,20})'\s*:\s*('[^']*'|True|False|\([^()]*\)|\[.*\])\s*(?:,|$)/;

/** A Python dict of exactly the three keys of the format; nothing is evaluated. */
function parseHeader(header: string): { descr: string; fortranOrder: string; shape: string } {
  const dict = /^\{(.*)\}\s*$/s.exec(header);
  const fields = new Map<string, string>();
  let rest = dict?.[1] ?? "";
  while (rest.trim() !== "") {
    const field = FIELD.exec(rest);
    if (field === null || fields.has(field[1]!)) break;
    fields.set(field[1]!, field[2]!);
    rest = rest.slice(field[0].length);
  }
  const [descr, fortranOrder, shape] = [fields.get("descr"), fields.get("fortran_order"), fields.get("shape")];
  if (rest.trim() !== "" || fields.size !== 3 || descr === undefined || !fortranOrder || !shape?.startsWith("(")) {
    throw new NpyError(
      `npy: expected a header with descr, fortran_order and shape, got \`${header.slice(0, 80).trim()}\``,
    );
  }
  return { descr, fortranOrder, shape };
}

function servedDtype(descr: string): { dtype: NpyDtype; bytes: number; isBigEndian: boolean } {
  const name = descr.startsWith("'") ? descr.slice(1, -1) : descr;
  const isBigEndian = name.startsWith(">");
  // One byte has no order, and numpy writes it with none.
  const little = isBigEndian && name !== ">u1" ? `<${name.slice(1)}` : name;
  const served = Object.hasOwn(DTYPES, little) ? DTYPES[little] : undefined;
  if (served !== undefined) return { ...served, isBigEndian };
  const what = name.startsWith("[") ? "a structured array" : name.includes("O") ? "Python objects" : name.slice(0, 40);
  throw new NpyError(`npy: expected ${SERVED}, got ${what}; convert it with array.astype("<f4")`);
}

function parseShape(tuple: string): number[] {
  const inside = tuple.slice(1, -1).trim();
  if (inside === "") return [];
  // (5) is a number in Python, not a tuple; numpy never writes it.
  if (!/^\d{1,15}(\s*,\s*\d{1,15})+\s*,?$|^\d{1,15}\s*,$/.test(inside)) {
    throw new NpyError(`npy: expected a shape of whole numbers, got ${tuple.slice(0, 60)}`);
  }
  return inside.replace(/,$/, "").split(",").map(Number);
}

function elementCount(shape: readonly number[]): number {
  if (shape.length > TENSOR_RANK_MAX) {
    throw new NpyError(`npy: expected at most ${TENSOR_RANK_MAX} dimensions, got ${shape.length}`);
  }
  let count = 1;
  for (const size of shape) {
    count *= size;
    // Checked at each step, with room for the element's width: no shape wraps into a small number.
    if (!(count <= Number.MAX_SAFE_INTEGER / 8)) throw new NpyError(`npy: expected a smaller shape, got (${shape})`);
  }
  return count;
}

function view(dtype: NpyDtype, shape: readonly number[], data: Uint8Array, width: number): NpyArray {
  const { buffer, byteOffset, byteLength } = data.byteOffset % width === 0 ? data : Uint8Array.from(data);
  const length = byteLength / width;
  switch (dtype) {
    case "F32":
      return { dtype, shape, data: new Float32Array(buffer, byteOffset, length) };
    case "F64":
      return { dtype, shape, data: new Float64Array(buffer, byteOffset, length) };
    case "U8":
      return { dtype, shape, data: new Uint8Array(buffer, byteOffset, length) };
    case "U16":
      return { dtype, shape, data: new Uint16Array(buffer, byteOffset, length) };
    case "U32":
      return { dtype, shape, data: new Uint32Array(buffer, byteOffset, length) };
    case "I32":
      return { dtype, shape, data: new Int32Array(buffer, byteOffset, length) };
    case "I64":
      return { dtype, shape, data: new BigInt64Array(buffer, byteOffset, length) };
  }
}
