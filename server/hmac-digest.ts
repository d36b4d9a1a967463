import { hash } from "node:crypto";
import { DIGEST_BYTES } from "../shared/receipts/sha256.ts";
import { nativeDigest } from "./native-digest.ts";

const BLOCK_BYTES = 64;
/** Room for a text of that many bytes at first. */
const TEXT_BYTES = 192;

/** HMAC (RFC 2104) with SHA-256, of many short texts under one key. Node's own is an object for each of them, which costs more than its hashes. */
export class HmacDigest {
  /** The key as the inner hash has it, and room for a text behind it. */
  #inner: Buffer;
  /** By its end, what is hashed of that: texts of one length come one after the other. */
  #hashed: (Buffer | undefined)[] = [];
  /** The key as the outer hash has it, and room for the inner digest behind it. */
  readonly #outer: Buffer;

  /** @throws RangeError where the key is longer than a block of the hash */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK_BYTES) {
      throw new RangeError(`HmacDigest: expected a key of at most ${BLOCK_BYTES} bytes, got ${key.length}`);
    }
    this.#inner = padded(key, 0x36, TEXT_BYTES);
    this.#outer = padded(key, 0x5c, DIGEST_BYTES);
  }

  /** @returns 32 characters, each of one byte, of the UTF-8 bytes of the text */
  of(text: string): string {
    // Of a UTF-16 unit UTF-8 makes three bytes at most.
    if (BLOCK_BYTES + 3 * text.length > this.#inner.length) {
      this.#inner = Buffer.concat([this.#inner.subarray(0, BLOCK_BYTES), Buffer.alloc(3 * text.length)]);
      this.#hashed = [];
    }
    const end = BLOCK_BYTES + this.#inner.write(text, BLOCK_BYTES);
    this.#hashed[end] ??= this.#inner.subarray(0, end);
    nativeDigest(this.#hashed[end], this.#outer, BLOCK_BYTES);
    return hash("sha256", this.#outer, "binary");
  }
}

function padded(key: Uint8Array, fill: number, room: number): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES + room);
  for (let i = 0; i < BLOCK_BYTES; i++) bytes[i] = (key[i] ?? 0) ^ fill;
  return bytes;
}
