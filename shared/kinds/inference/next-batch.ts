/**
 * [PR99] A batch that differs from the last one of its socket only in what every batch has of its own, as bytes: token, assignmentId, deadline,
 * number of rows, forms of the parts where they changed, and the tensors of its frame. All else is as the last batch said it. Numbers are
 * varints (7 bits a byte, the lowest first):
 *
 *   token       how many letters, then six bits each (LETTERS)
 *   id          the same
 *   deadlineMs
 *   rowCount    twice, and 1 more where slices count (inSlices): batches of one job differ in that
 *   parts       length, then as JSON; of length 0 they are the last batch's
 *   tensors     how many; of each its name (nameCode), dtype (place in DTYPES) and 8 times its rank, dimensions
 *   data        of the tensors, in this order, to the end
 */
import { decodeFrame, ELEMENT_BYTES, encodeFrame, type Tensor, type TensorDtype } from "../../protocol/frame.ts";
import { FRAME_TENSORS_MAX, SOCKET_MESSAGE_BYTES_MAX, TENSOR_RANK_MAX } from "../../protocol/limits.ts";
import type { AssignmentMessage } from "../assignments.ts";
import type { BatchMessage } from "./batch.ts";
import { endsName, packBits, packedBytes, partName, ROWS, unpackBits } from "./batch-rows.ts";

const DTYPES: readonly TensorDtype[] = ["F32", "F16", "U8", "U16", "U32"];
const VARINT_MAX = 2 ** 32;
/** Of tokens and ids. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LETTER_BITS = 6;
/** By the code of a letter. */
const PLACES = new Uint8Array(128);
for (let place = 0; place < LETTERS.length; place++) PLACES[LETTERS.charCodeAt(place)] = place;
const RANK_UNIT = 8;

/** What a batch has in common with the next one, as text, apart from its parts: that is what a coordinator keeps of each of its tabs. */
interface Said {
  readonly common: string;
  readonly parts: string;
}

/** The coordinator's end of a socket. */
export class NextBatchWriter {
  #last: Said | null = null;

  /** @returns null: it differs from the last assignment in more, and travels as a whole message */
  write(message: AssignmentMessage): Uint8Array<ArrayBuffer> | null {
    const last = this.#last;
    this.#last = null;
    if (message.work !== "batch") return null;
    const { token, assignmentId, deadlineMs, rowCount, inSlices, input, parts, ...common } = message;
    const said = { common: JSON.stringify(common), parts: parts === undefined ? "" : JSON.stringify(parts) };
    this.#last = said;
    if (last?.common !== said.common || input.kind !== "inline") return null;
    // Parts that are there no more cannot be said.
    if (said.parts === "" && last.parts !== "") return null;
    if (deadlineMs >= VARINT_MAX) return null;
    const head: number[] = [];
    for (const id of [token, assignmentId]) {
      pushVarint(head, id.length);
      for (const byte of packLetters(id)) head.push(byte);
    }
    pushVarint(head, Math.ceil(deadlineMs));
    pushVarint(head, 2 * rowCount + (inSlices === true ? 1 : 0));
    pushText(head, said.parts === last.parts ? "" : said.parts);
    const tensors = Object.entries(decodeFrame(input.frame));
    pushVarint(head, tensors.length);
    for (const [name, { dtype, shape }] of tensors) {
      pushVarint(head, nameCode(name));
      pushVarint(head, DTYPES.indexOf(dtype) + RANK_UNIT * shape.length);
      for (const size of shape) pushVarint(head, size);
    }
    const dataBytes = tensors.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
    const bytes = new Uint8Array(head.length + dataBytes);
    bytes.set(head);
    let at = head.length;
    for (const [, { data }] of tensors) {
      bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
      at += data.byteLength;
    }
    return bytes;
  }
}

/** The tab's end. What it makes is a message that has yet to be parsed like every other. */
export class NextBatchReader {
  #last: BatchMessage | null = null;

  /** Every whole assignment, in the order in which they come; null: one that could not be read. */
  whole(message: AssignmentMessage | null): void {
    // Its rows are not kept.
    this.#last = message?.work === "batch" ? { ...message, input: { kind: "blob", sha256: "", bytes: 0 } } : null;
  }

  /** @throws Error where no batch came before it, or the bytes are not as written above */
  next(bytes: Uint8Array): BatchMessage {
    const last = this.#last;
    // What is like a batch that could not be read is not read either.
    this.#last = null;
    if (last === null) throw new Error("next: expected a batch before it, got none");
    const read = new ByteReader(bytes, "next");
    const [token, assignmentId] = [read.letters(read.varint()), read.letters(read.varint())];
    const [deadlineMs, rowsAndSlices] = [read.varint(), read.varint()];
    const parts = read.text();
    const count = read.varint();
    if (count > FRAME_TENSORS_MAX) throw new Error(`next: expected at most ${FRAME_TENSORS_MAX} tensors, got ${count}`);
    const heads = Array.from({ length: count }, () => tensorHead(read));
    const tensors = heads.map(({ name, dtype, shape }) => {
      const elements = shape.reduce((product, size) => product * size, 1);
      return [name, tensorOf(dtype, shape, read.bytes(elements * ELEMENT_BYTES[dtype]))] as const;
    });
    read.end();
    const said = parts === "" ? {} : { parts: JSON.parse(parts) as BatchMessage["parts"] };
    const frame = encodeFrame(Object.fromEntries(tensors));
    const { inSlices: _, ...same } = last;
    const message: BatchMessage = {
      ...same,
      ...said,
      ...(rowsAndSlices % 2 === 1 ? { inSlices: true } : {}),
      token,
      assignmentId,
      deadlineMs,
      rowCount: Math.floor(rowsAndSlices / 2),
      input: { kind: "inline", frame },
    };
    this.whole(message);
    return message;
  }
}

function tensorHead(read: ByteReader): { name: string; dtype: TensorDtype; shape: number[] } {
  const name = nameOf(read.varint());
  const form = read.varint();
  const [dtype, rank] = [DTYPES[form % RANK_UNIT], Math.floor(form / RANK_UNIT)];
  if (dtype === undefined || rank > TENSOR_RANK_MAX)
    throw new Error(`next: expected a tensor's dtype and rank, got ${form}`);
  return { name, dtype, shape: Array.from({ length: rank }, () => read.varint()) };
}

/** Of the tensors that batch-rows.ts names. @throws Error of any other: there is none in a batch */
function nameCode(name: string): number {
  if (name === ROWS) return 0;
  const place = Number(name.slice(name.indexOf("_") + 1));
  if (name === partName(place)) return 1 + 2 * place;
  if (name === endsName(place)) return 2 + 2 * place;
  throw new Error(`next: expected a tensor of a batch, got ${name}`);
}

function nameOf(code: number): string {
  if (code === 0) return ROWS;
  return code % 2 === 1 ? partName((code - 1) / 2) : endsName((code - 2) / 2);
}

function tensorOf(dtype: TensorDtype, shape: readonly number[], bytes: Uint8Array): Tensor {
  const { buffer } = Uint8Array.from(bytes);
  switch (dtype) {
    case "F32":
      return { dtype, shape, data: new Float32Array(buffer) };
    case "F16":
    case "U16":
      return { dtype, shape, data: new Uint16Array(buffer) };
    case "U8":
      return { dtype, shape, data: new Uint8Array(buffer) };
    case "U32":
      return { dtype, shape, data: new Uint32Array(buffer) };
  }
}

/** Six bits each. @param id a token, or what has the letters of one */
export function packLetters(id: string): Uint8Array {
  const places = new Uint8Array(id.length);
  for (let i = 0; i < id.length; i++) places[i] = PLACES[id.charCodeAt(i)]!;
  return packBits(places, LETTER_BITS);
}

/** Reads such bytes from their first one on. Every call throws an Error where there are too few, or they are no such thing. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what names the message in errors */
  constructor(bytes: Uint8Array, what: string) {
    if (bytes.length > SOCKET_MESSAGE_BYTES_MAX)
      throw new Error(`${what}: expected at most ${SOCKET_MESSAGE_BYTES_MAX} bytes, got ${bytes.length}`);
    this.#bytes = bytes;
    this.#what = what;
  }

  bytes(count: number): Uint8Array {
    const start = this.#at;
    if (count > this.left) throw new Error(`${this.#what}: expected ${count} bytes more, got ${this.left}`);
    this.#at += count;
    return this.#bytes.subarray(start, this.#at);
  }

  varint(): number {
    let value = 0;
    for (let factor = 1; factor < VARINT_MAX; factor *= 128) {
      const [byte] = this.bytes(1) as unknown as [number];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new Error(`${this.#what}: expected a number below 2^35, got more`);
  }

  letters(count: number): string {
    const places = unpackBits(this.bytes(packedBytes(count, LETTER_BITS)), LETTER_BITS, count);
    return Array.from(places, (place) => LETTERS[place]).join("");
  }

  text(): string {
    return String.fromCharCode(...this.bytes(this.varint()));
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  end(): void {
    if (this.left > 0) throw new Error(`${this.#what}: expected the end, got ${this.left} bytes more`);
  }
}

export function pushVarint(into: number[], value: number): void {
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) into.push((left % 128) + 128);
  into.push(left);
}

/** ASCII: numbers as JSON. */
function pushText(into: number[], text: string): void {
  pushVarint(into, text.length);
  for (let i = 0; i < text.length; i++) into.push(text.charCodeAt(i));
}
