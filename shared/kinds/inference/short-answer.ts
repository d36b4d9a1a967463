/**
 * [PR103] The result of a batch as bytes: of answers of ten numbers the words of a `result` take several times the numbers. What the coordinator knows
 * of the batch is left out:
 *
 *   token       its last TOKEN_END_LETTERS letters, six bits each
 *   computeMs   in hundredths, a varint
 *   signature   64 bytes
 *   data        float32, little-endian, to the end: outputSize for each row, but for rows that were handed over before
 *
 * [PR106] Rows that are handed over are written alike, with the place of the first of them where an answer has computeMs.
 */
import { decodeFrame, encodeFrame } from "../../protocol/frame.ts";
import { RESULT_INLINE_BYTES_MAX } from "../../protocol/limits.ts";
import type { Result, Slice } from "../../protocol/messages.ts";
import type { AssignmentMessage } from "../assignments.ts";
import { ByteReader, packLetters, pushVarint } from "./next-batch.ts";

/** 48 bits: of the few batches that one tab has in hand no two end alike. */
const TOKEN_END_LETTERS = 8;
const SIGNATURE_BYTES = 64;
const UNITS_PER_MS = 100;
const COMPUTE_MS_MAX = 2 ** 32 / UNITS_PER_MS;
/** Batches of a tab whose answers may still come: it holds two, and those that it was told to drop. */
const OPEN_BATCHES_MAX = 64;

const endOf = (token: string): string => token.slice(-TOKEN_END_LETTERS);

/** The tab's end. @returns null: it is no such result, or holds too much, and travels as a whole message */
export function writeShortAnswer({ token, computeMs, signature, output }: Result): Uint8Array<ArrayBuffer> | null {
  if (signature === undefined || output.kind !== "inline" || computeMs >= COMPUTE_MS_MAX) return null;
  return written(token, Math.round(computeMs * UNITS_PER_MS), signature, output.frame);
}

/** The tab's end. @returns null: its frame is no float32 outputs, and travels as a whole message */
export function writeShortSlice({ token, first, signature, frame }: Slice): Uint8Array<ArrayBuffer> | null {
  return written(token, first, signature, frame);
}

function written(token: string, number: number, signature: Uint8Array, frame: Uint8Array) {
  const { outputs, ...others } = decodeFrame(frame);
  if (outputs?.dtype !== "F32" || Object.keys(others).length > 0) return null;
  const head = [...packLetters(endOf(token))];
  pushVarint(head, number);
  const { buffer, byteOffset, byteLength } = outputs.data;
  const bytes = new Uint8Array(head.length + SIGNATURE_BYTES + byteLength);
  bytes.set(head);
  bytes.set(signature, head.length);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength), head.length + SIGNATURE_BYTES);
  return bytes;
}

interface OpenBatch {
  readonly token: string;
  readonly shape: readonly [rowCount: number, outputSize: number];
}

/** The coordinator's end of a socket: it knows which batches went out there. */
export class ShortAnswerReader {
  /** By the ends of their tokens, the oldest first. */
  readonly #open = new Map<string, OpenBatch>();

  sent(message: AssignmentMessage): void {
    if (message.work !== "batch") return;
    const { token, rowCount, outputSize } = message;
    this.#open.set(endOf(token), { token, shape: [rowCount, outputSize] });
    if (this.#open.size > OPEN_BATCHES_MAX) this.#open.delete(this.#open.keys().next().value!);
  }

  /**
   * @returns the result as a message says it, which has yet to be judged like every other; null: no batch with such a token is open
   * @throws Error where the bytes are not as written above
   */
  read(bytes: Uint8Array): Result | null {
    const read = this.#read(bytes, "answer", () => 0);
    if (read === null) return null;
    const { token, number, signature, frame } = read;
    this.#open.delete(endOf(token));
    return { token, computeMs: number / UNITS_PER_MS, signature, output: { kind: "inline", frame } };
  }

  /** As `read`, of rows that are handed over; the batch stays open. */
  readSlice(bytes: Uint8Array): Slice | null {
    const read = this.#read(bytes, "rows", (first) => first);
    if (read === null) return null;
    const { token, number: first, signature, frame } = read;
    return { token, first, signature, frame };
  }

  /** @param firstOf place of its first row, by its number */
  #read(bytes: Uint8Array, what: string, firstOf: (number: number) => number) {
    if (bytes.length > RESULT_INLINE_BYTES_MAX) {
      throw new Error(`${what}: expected at most ${RESULT_INLINE_BYTES_MAX} bytes, got ${bytes.length}`);
    }
    const read = new ByteReader(bytes, what);
    const batch = this.#open.get(read.letters(TOKEN_END_LETTERS));
    if (batch === undefined) return null;
    const { token, shape } = batch;
    const number = read.varint();
    const signature = Uint8Array.from(read.bytes(SIGNATURE_BYTES));
    const [rowCount, outputSize] = shape;
    const most = rowCount - firstOf(number);
    const rows = read.left / (4 * outputSize);
    if (!Number.isInteger(rows) || rows < 1 || rows > most) {
      throw new Error(`${what}: expected 1 to ${most} rows of ${outputSize} numbers, got ${read.left} bytes`);
    }
    // A copy: at the place in the message it may not be aligned.
    const data = new Float32Array(Uint8Array.from(read.bytes(read.left)).buffer);
    const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rows, outputSize], data } });
    return { token, number, signature, frame };
  }
}
