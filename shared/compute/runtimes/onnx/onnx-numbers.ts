/** The numbers of a tensor in an ONNX file, as little-endian bytes, and those that are few as numbers. */
import { fromHalf } from "../../../protocol/half-floats.ts";
import { KNOWN_NUMBERS_MAX, MODEL_BYTES_MAX } from "../../../protocol/limits.ts";
import { type ByteSpace, inMemory, piecesInTurn } from "../../byte-space.ts";
import { checkedSize } from "../../checked-size.ts";
import { ModelError } from "../../errors.ts";
import { DTYPE_BYTES, type WeightDtype } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import { type WireField, wireVarints } from "./wire-fields.ts";

/** Floats that rules look at: scales of a resize, ends of a range. */
const KNOWN_FLOATS_MAX = 64;

export interface StoredNumbers {
  readonly raw: ByteSpace | null;
  /** float_data, int32_data, int64_data, double_data or uint64_data, whole or in parts. */
  readonly parts: readonly WireField[];
}

/** @throws ModelError where there are not as many as the shape says */
export function storedBytes(
  dtype: WeightDtype | "bfloat16",
  shape: readonly number[],
  { raw, parts }: StoredNumbers,
  what: string,
): ByteSpace {
  const stored = dtype === "bfloat16" ? "float16" : dtype;
  const width = DTYPE_BYTES[stored];
  const length = checkedSize(shape, MODEL_BYTES_MAX / width, what) * width;
  const bytes =
    raw ?? (stored === "float32" || stored === "float64" ? joined(parts, length) : listed(stored, parts, length));
  if (bytes.length !== length) fail(what, `${length} bytes for shape [${shape}]`, bytes.length);
  return dtype === "bfloat16" ? fromBrainFloats(inMemory(bytes)) : bytes;
}

function joined(parts: readonly WireField[], length: number): ByteSpace {
  if (parts.length === 1) return parts[0]!.space;
  const size = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const all = new Uint8Array(size);
  if (size !== length) return all;
  parts.reduce((at, { bytes }) => {
    all.set(bytes, at);
    return at + bytes.length;
  }, 0);
  return all;
}

/** From varints, of which the low bytes count: halves come as their bits. */
function listed(dtype: WeightDtype, parts: readonly WireField[], length: number): Uint8Array {
  const width = DTYPE_BYTES[dtype];
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const value of wireVarints(parts)) {
    if (at < length) {
      if (width === 8) view.setBigUint64(at, BigInt.asUintN(64, value), true);
      else if (width === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
      else if (width === 2) view.setUint16(at, Number(BigInt.asUintN(16, value)), true);
      else view.setUint8(at, Number(BigInt.asUintN(8, value)));
    }
    at += width;
    if (at > length) break;
  }
  return at === length ? new Uint8Array(view.buffer) : new Uint8Array(Math.min(at, length + width));
}

/** Their bits are the upper half of a float32's. @returns float32 */
function fromBrainFloats(bytes: Uint8Array): Uint8Array {
  const floats = new Uint8Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at += 2) floats.set(bytes.subarray(at, at + 2), 2 * at + 2);
  return floats;
}

/** @returns float32 */
export function fromHalves(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const floats = new DataView(new ArrayBuffer(bytes.length * 2));
  for (let at = 0; at < bytes.length; at += 2) floats.setFloat32(2 * at, fromHalf(view.getUint16(at, true)), true);
  return new Uint8Array(floats.buffer);
}

/** @throws ModelError where one of them is no number; infinities are, as masks and ends have them */
export function requireNumbers(dtype: WeightDtype, bytes: ByteSpace, what: string): void {
  if (!dtype.startsWith("float")) return;
  const width = DTYPE_BYTES[dtype];
  for (const chunk of piecesInTurn(bytes)) {
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < chunk.length; at += width) {
      if (Number.isNaN(numberAt(view, at, dtype))) throw new ModelError(`${what}: expected finite numbers, got NaN`);
    }
  }
}

/** @returns null where they are too many to follow; what is not held exactly is an infinity (tensors/sure-numbers.ts) */
export function knownNumbers(dtype: WeightDtype, shape: readonly number[], stored: ByteSpace): number[] | null {
  const size = shape.reduce((all, length) => all * length, 1);
  if (size > (dtype.startsWith("float") ? KNOWN_FLOATS_MAX : KNOWN_NUMBERS_MAX)) return null;
  const bytes = inMemory(stored);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: size }, (_, i) => numberAt(view, i * DTYPE_BYTES[dtype], dtype));
}

function numberAt(view: DataView, at: number, dtype: WeightDtype): number {
  switch (dtype) {
    case "float32":
      return view.getFloat32(at, true);
    case "float64":
      return view.getFloat64(at, true);
    case "float16":
      return fromHalf(view.getUint16(at, true));
    case "int8":
      return view.getInt8(at);
    case "int16":
      return view.getInt16(at, true);
    case "uint16":
      return view.getUint16(at, true);
    case "int32":
      return view.getInt32(at, true);
    case "uint32":
      return view.getUint32(at, true);
    case "int64":
      return heldNumber(view.getBigInt64(at, true));
    case "uint64":
      return heldNumber(view.getBigUint64(at, true));
    default:
      return view.getUint8(at);
  }
}

/** @returns an infinity for what a number does not hold exactly */
export function heldNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return value > 0n ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}
