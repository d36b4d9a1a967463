/**
 * The protobuf wire format, as far as ONNX uses it: a message is a run of fields, each a number and a value. A view into the
 * bytes is handed out, nothing is copied, and nothing is allocated that a length in the file asks for.
 */
import { type ByteSpace, inMemory, partOf } from "../../byte-space.ts";
import { fail } from "../../model-json.ts";

export interface WireField {
  /** The field's number in its message. */
  readonly number: number;
  /** A varint, unsigned; 0 where the field has bytes. */
  readonly integer: bigint;
  /** A text, a message or a packed list; of a fixed value its 4 or 8 bytes; empty where the field is a varint. Read when it is asked for. */
  readonly bytes: Uint8Array;
  /** The same, of what is to stay where it lies: a graph, a tensor, its numbers. */
  readonly space: ByteSpace;
  readonly isVarint: boolean;
}

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
const VARINT_BYTES_MAX = 10;
const NO_BYTES = new Uint8Array(0);
/** Of a message that is not in memory so much is read at a time, and a smaller one whole. */
const WINDOW_BYTES = 4_096;
const SMALL = Array.from({ length: 0x80 }, (_, value) => BigInt(value));

/** @throws ModelError at the first field that is cut off, longer than what is left, or of a type that ONNX has not */
export function* wireFields(from: ByteSpace, what: string): Generator<WireField> {
  const message = from.length <= WINDOW_BYTES ? inMemory(from) : from;
  let at = 0;
  let [window, start] = [message instanceof Uint8Array ? message : NO_BYTES, 0];
  const varint = (): bigint => {
    if (at + VARINT_BYTES_MAX > start + window.length && start + window.length < message.length) {
      [window, start] = [message.subarray(at, Math.min(at + WINDOW_BYTES, message.length)), at];
    }
    const first = window[at - start];
    // By far the most are of one byte; a file of nothing else should not take long.
    if (first !== undefined && first < 0x80) {
      at++;
      return SMALL[first]!;
    }
    const [value, next] = readVarint(window, at - start, what);
    at = start + next;
    return value;
  };
  const take = (length: number): ByteSpace => {
    if (length > message.length - at) fail(what, `${length} more bytes, as the file says`, message.length - at);
    const space = partOf(message, at, at + length);
    at += length;
    return space;
  };
  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const type = Number(tag & 7n);
    if (number < 1 || number > 0x1fffffff) fail(what, "a field of a whole .onnx file, with a number", number);
    if (type === VARINT) yield { number, integer: varint(), bytes: NO_BYTES, space: NO_BYTES, isVarint: true };
    else if (type === BYTES) yield ofBytes(number, take(lengthOf(varint(), what)));
    else if (type === FIXED_32 || type === FIXED_64) {
      yield ofBytes(number, take(type === FIXED_32 ? 4 : 8));
    } else fail(what, "a field of a whole .onnx file, of type 0, 1, 2 or 5", type);
  }
}

function ofBytes(number: number, space: ByteSpace): WireField {
  if (space instanceof Uint8Array) return { number, integer: 0n, bytes: space, space, isVarint: false };
  return {
    ...{ number, integer: 0n, space, isVarint: false },
    get bytes() {
      return inMemory(space);
    },
  };
}

/** A packed list of varints. @param countMax more are refused before they are read */
export function packedVarints(bytes: Uint8Array, countMax: number, what: string): bigint[] {
  const values: bigint[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (values.length === countMax) fail(what, `at most ${countMax} numbers`, "more");
    const [value, next] = readVarint(bytes, at, what);
    values.push(value);
    at = next;
  }
  return values;
}

/** The varints of a repeated field: packed, or a field for each. One at a time, for there may be very many. */
export function* wireVarints(parts: readonly WireField[]): Generator<bigint> {
  for (const { isVarint, integer, bytes } of parts) {
    if (isVarint) yield integer;
    for (let at = 0; at < bytes.length; ) {
      const [value, next] = readVarint(bytes, at, "a list of numbers");
      yield value;
      at = next;
    }
  }
}

/** @returns the value, and where the next byte is */
function readVarint(bytes: Uint8Array, start: number, what: string): [bigint, number] {
  let value = 0n;
  for (let i = 0; i < VARINT_BYTES_MAX; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return fail(what, "a whole protobuf file", "one that ends in the middle of a number");
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return [BigInt.asUintN(64, value), start + i + 1];
  }
  return fail(what, `numbers of at most ${VARINT_BYTES_MAX} bytes`, "a longer one");
}

function lengthOf(value: bigint, what: string): number {
  return value <= 0xffffffffn ? Number(value) : fail(what, "a length that fits the file", value.toString());
}
