/**
 * Tensor frames: one or more named arrays as one byte string, in the safetensors layout.
 *
 *   8 bytes   header length, little-endian
 *   header    compact JSON {"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},...}, padded with spaces to 8
 *   data      little-endian; offsets count from here; tensors follow each other without gaps
 *
 * Wide elements come first and the data begins at a multiple of 8, so that every array lies aligned when the frame
 * does, and is read as a view, without a copy. Stricter than safetensors: no metadata, plain names, no white space.
 * Typed arrays take the byte order of the machine: little-endian on every machine that runs a browser or Node.
 */
import { FRAME_HEADER_BYTES_MAX, FRAME_TENSORS_MAX, TENSOR_RANK_MAX } from "./limits.ts";

export type Tensor =
  | { dtype: "F32"; shape: readonly number[]; data: Float32Array }
  /** IEEE half floats, as their bits. */
  | { dtype: "F16"; shape: readonly number[]; data: Uint16Array }
  | { dtype: "U16"; shape: readonly number[]; data: Uint16Array }
  | { dtype: "U8"; shape: readonly number[]; data: Uint8Array }
  | { dtype: "U32"; shape: readonly number[]; data: Uint32Array };
export type TensorDtype = Tensor["dtype"];

export interface FrameLimits {
  /** Of the whole frame. */
  readonly frameBytesMax?: number;
  readonly headerBytesMax?: number;
  readonly tensorCountMax?: number;
}

/** Bytes that are no frame, or arrays that cannot become one. Says what was expected and what came. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

export const ELEMENT_BYTES: Readonly<Record<TensorDtype, number>> = { F32: 4, F16: 2, U8: 1, U16: 2, U32: 4 };
const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** Starts with a letter: JSON.parse would reorder names that look like numbers, and `__proto__` is no name. */
const TENSOR_NAME = /^[a-z][a-z0-9_]{0,63}$/;

/** @throws FrameError where a name, a shape or the length of its data is wrong */
export function encodeFrame(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const elements = elementCount(shape, `encodeFrame: tensor ${name}`);
    if (elements !== data.length) {
      throw new FrameError(
        `encodeFrame: tensor ${name}: expected ${elements} elements for its shape, got ${data.length}`,
      );
    }
  }
  const { frame, bytesOf } = emptyFrame(tensors);
  for (const [name, { data }] of Object.entries(tensors))
    bytesOf[name]!.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return frame;
}

type Shapes = Readonly<Record<string, Pick<Tensor, "dtype" | "shape">>>;

/**
 * A frame of zeros, for whoever has its numbers elsewhere and would only copy them twice.
 * @returns with it the bytes of each tensor in it, to be filled
 * @throws FrameError where a name or a shape is wrong
 */
export function emptyFrame(tensors: Shapes): {
  readonly frame: Uint8Array<ArrayBuffer>;
  readonly bytesOf: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
} {
  const { bytes, begin } = frameLayout(tensors);
  const frame = new Uint8Array(bytes);
  return { frame, bytesOf: begin(frame) };
}

export interface FrameLayout {
  /** Of the whole frame. */
  readonly bytes: number;
  /**
   * Writes what stands in front of the numbers.
   * @param frame room of so many bytes, whatever is in it
   * @returns the bytes of each tensor in it, to be filled
   */
  begin(frame: Uint8Array<ArrayBuffer>): Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}

/**
 * What a frame of these tensors looks like, for whoever has room for it.
 * @throws FrameError where a name or a shape is wrong
 */
export function frameLayout(tensors: Shapes): FrameLayout {
  const names = Object.keys(tensors);
  if (names.length > FRAME_TENSORS_MAX) throw tooMany(names.length, FRAME_TENSORS_MAX);
  const widthOf = (name: string) => ELEMENT_BYTES[tensors[name]!.dtype];
  names.sort((a, b) => widthOf(b) - widthOf(a) || (a < b ? -1 : 1));

  const header: Record<string, { dtype: string; shape: readonly number[]; data_offsets: [number, number] }> = {};
  let dataBytes = 0;
  for (const name of names) {
    const { dtype, shape } = tensors[name]!;
    if (!TENSOR_NAME.test(name)) throw badName(name);
    const end = dataBytes + elementCount(shape, `encodeFrame: tensor ${name}`) * ELEMENT_BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [dataBytes, end] };
    dataBytes = end;
  }

  const text = JSON.stringify(header);
  const headerBytes = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  if (headerBytes > FRAME_HEADER_BYTES_MAX) throw headerTooLong(headerBytes, FRAME_HEADER_BYTES_MAX);
  const start = LENGTH_BYTES + headerBytes;
  return {
    bytes: start + dataBytes,
    begin(frame) {
      const length = new DataView(frame.buffer, frame.byteOffset, LENGTH_BYTES);
      length.setUint32(0, headerBytes, true);
      length.setUint32(4, 0, true);
      frame.fill(0x20, LENGTH_BYTES + text.length, start);
      for (let i = 0; i < text.length; i++) frame[LENGTH_BYTES + i] = text.charCodeAt(i);
      const bytesOf = names.map((name) => {
        const [from, to] = header[name]!.data_offsets;
        return [name, frame.subarray(start + from, start + to)] as const;
      });
      return Object.fromEntries(bytesOf);
    },
  };
}

/**
 * @param bytes a whole frame; its arrays are views of it where they lie aligned, copies otherwise
 * @returns an object without a prototype, one Tensor a name
 * @throws FrameError on anything that encodeFrame would not have written
 */
export function decodeFrame(bytes: Uint8Array, limits: FrameLimits = {}): Record<string, Tensor> {
  const frameBytesMax = limits.frameBytesMax ?? Number.MAX_SAFE_INTEGER;
  if (bytes.length > frameBytesMax) {
    throw new FrameError(`decodeFrame: expected at most ${frameBytesMax} bytes, got ${bytes.length}`);
  }
  const headerBytes = readHeaderLength(bytes, limits.headerBytesMax ?? FRAME_HEADER_BYTES_MAX);
  const header = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  const data = bytes.subarray(LENGTH_BYTES + headerBytes);
  const tensorCountMax = limits.tensorCountMax ?? FRAME_TENSORS_MAX;
  const known = knownHeader(header);
  const entries = known ?? readHeader(header, data.length, tensorCountMax);
  if (entries.length > tensorCountMax) throw tooMany(entries.length, tensorCountMax);
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const { name, dtype, shape, start, end } of entries) {
    if (end > data.length) throw tooShort(name, end, data.length);
    tensors[name] = view(dtype, shape, data.subarray(start, end));
  }
  const expected = entries.at(-1)?.end ?? 0;
  if (expected !== data.length) {
    throw new FrameError(`decodeFrame: expected ${expected} bytes of data, got ${data.length}`);
  }
  if (known === null) keepHeader(header, entries);
  return tensors;
}

interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** @throws FrameError where the tensors do not follow each other, or go beyond so many bytes of data */
function readHeader(bytes: Uint8Array, dataBytes: number, tensorCountMax: number): TensorEntry[] {
  const header = parseHeader(bytes);
  const names = Object.keys(header);
  if (names.length > tensorCountMax) throw tooMany(names.length, tensorCountMax);
  let expectedStart = 0;
  return names.map((name) => {
    if (!TENSOR_NAME.test(name)) throw badName(name);
    const entry = readEntry(name, header[name]);
    if (entry.start !== expectedStart) {
      throw new FrameError(`decodeFrame: tensor ${name}: expected data from byte ${expectedStart}, got ${entry.start}`);
    }
    if (entry.end > dataBytes) throw tooShort(name, entry.end, dataBytes);
    expectedStart = entry.end;
    return { name, ...entry };
  });
}

/**
 * Headers of whole frames that came lately, by their hashes: frames of one job have few, and to read one costs more than all else that is done
 * to a small frame.
 */
const lately = new Map<number, { readonly bytes: Uint8Array; readonly entries: readonly TensorEntry[] }>();
const LATELY_MAX = 64;
const LATELY_BYTES_MAX = 1_024;

function knownHeader(header: Uint8Array): readonly TensorEntry[] | null {
  if (header.length > LATELY_BYTES_MAX) return null;
  const known = lately.get(hashOf(header));
  return known !== undefined && isSame(known.bytes, header) ? known.entries : null;
}

function keepHeader(header: Uint8Array, entries: readonly TensorEntry[]): void {
  if (header.length > LATELY_BYTES_MAX) return;
  if (lately.size === LATELY_MAX) lately.clear();
  // A copy: the header of a Buffer would go on being part of it.
  lately.set(hashOf(header), { bytes: Uint8Array.from(header), entries });
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x0100_0193);
  return hash;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

function readHeaderLength(bytes: Uint8Array, headerBytesMax: number): number {
  if (bytes.length < LENGTH_BYTES) {
    throw new FrameError(`decodeFrame: expected at least ${LENGTH_BYTES} bytes, got ${bytes.length}`);
  }
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const headerBytes = lengths.getUint32(0, true) + lengths.getUint32(4, true) * 2 ** 32;
  if (headerBytes > headerBytesMax) throw headerTooLong(headerBytes, headerBytesMax);
  if (headerBytes % ALIGNMENT !== 0) {
    throw new FrameError(`decodeFrame: expected a header length divisible by ${ALIGNMENT}, got ${headerBytes}`);
  }
  if (LENGTH_BYTES + headerBytes > bytes.length) {
    throw new FrameError(`decodeFrame: expected a header of ${headerBytes} bytes, got ${bytes.length - LENGTH_BYTES}`);
  }
  return headerBytes;
}

function parseHeader(header: Uint8Array): Record<string, unknown> {
  let text = "";
  for (const byte of header) {
    if (byte < 0x20 || byte > 0x7e) throw new FrameError(`decodeFrame: expected a header in ASCII, got byte ${byte}`);
    text += String.fromCharCode(byte);
  }
  text = text.replace(/ +$/, "");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new FrameError(`decodeFrame: expected a JSON header, got ${quote(text)}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new FrameError(`decodeFrame: expected a JSON object as header, got ${quote(text)}`);
  }
  // Written back, a name that came twice is gone and 1e1 is 10: what differs was not canonical.
  if (JSON.stringify(parsed) !== text) {
    throw new FrameError("decodeFrame: expected compact JSON without repeated names, got another spelling of it");
  }
  return parsed as Record<string, unknown>;
}

function readEntry(name: string, entry: unknown) {
  const who = `decodeFrame: tensor ${name}`;
  if (typeof entry !== "object" || entry === null || Object.keys(entry).sort().join() !== "data_offsets,dtype,shape") {
    throw new FrameError(`${who}: expected dtype, shape and data_offsets, got ${quote(JSON.stringify(entry))}`);
  }
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (typeof dtype !== "string" || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    throw new FrameError(`${who}: expected dtype F32, F16, U8, U16 or U32, got ${quote(JSON.stringify(dtype))}`);
  }
  if (!isCounts(shape))
    throw new FrameError(`${who}: expected a shape of whole numbers, got ${quote(JSON.stringify(shape))}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw new FrameError(`${who}: expected two data_offsets, got ${quote(JSON.stringify(offsets))}`);
  }
  const [start, end] = offsets as [number, number];
  const byteCount = elementCount(shape, who) * ELEMENT_BYTES[dtype as TensorDtype];
  if (end - start !== byteCount) {
    throw new FrameError(`${who}: expected ${byteCount} bytes for its shape, got data_offsets ${start} to ${end}`);
  }
  return { dtype: dtype as TensorDtype, shape, start, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry) && entry >= 0);
}

/** The product of the dimensions, checked at each step: no shape wraps into a small number. */
function elementCount(shape: readonly number[], who: string): number {
  if (shape.length > TENSOR_RANK_MAX) {
    throw new FrameError(`${who}: expected at most ${TENSOR_RANK_MAX} dimensions, got ${shape.length}`);
  }
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new FrameError(`${who}: expected dimensions of whole numbers, got ${size}`);
    }
    count *= size;
    // A factor 8 of room, so that the byte count stays exact too.
    if (count > Number.MAX_SAFE_INTEGER / 8) throw new FrameError(`${who}: expected a smaller shape, got [${shape}]`);
  }
  return count;
}

function view(dtype: TensorDtype, shape: readonly number[], bytes: Uint8Array): Tensor {
  const width = ELEMENT_BYTES[dtype];
  const aligned = bytes.byteOffset % width === 0 ? bytes : Uint8Array.from(bytes);
  const { buffer, byteOffset } = aligned;
  const length = aligned.byteLength / width;
  switch (dtype) {
    case "F32":
      return { dtype, shape, data: new Float32Array(buffer, byteOffset, length) };
    case "F16":
    case "U16":
      return { dtype, shape, data: new Uint16Array(buffer, byteOffset, length) };
    case "U8":
      return { dtype, shape, data: new Uint8Array(buffer, byteOffset, length) };
    case "U32":
      return { dtype, shape, data: new Uint32Array(buffer, byteOffset, length) };
  }
}

const quote = (text: string | undefined): string => (text === undefined ? "nothing" : `\`${text.slice(0, 60)}\``);
const badName = (name: string) =>
  new FrameError(`frame: expected a tensor name of a-z, 0-9 and _, at most 64 long, got ${quote(name)}`);
const tooMany = (got: number, max: number) => new FrameError(`frame: expected at most ${max} tensors, got ${got}`);
const tooShort = (name: string, end: number, got: number) =>
  new FrameError(`decodeFrame: tensor ${name}: expected data up to byte ${end}, got ${got} bytes`);
const headerTooLong = (got: number, max: number) =>
  new FrameError(`frame: expected a header of at most ${max} bytes, got ${got}`);
