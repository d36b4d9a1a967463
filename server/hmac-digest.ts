import { hash } from "node:crypto";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Room for a text of that many bytes at first. */
const TEXT_BYTES = 192;

/** HMAC (RFC 2104) with SHA-256, of many short texts under one key. Node's own is an object for each of them, which costs more than its hashes. */
export class HmacDigest {
  /** The key as the inner hash has it, and room for a text behind it. */
  #inner: Buffer;
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

  /** @returns 64 digits in lower-case hex, of the UTF-8 bytes of the text */
  hexOf(text: string): string {
    // Of a UTF-16 unit UTF-8 makes three bytes at most.
    if (BLOCK_BYTES + 3 * text.length > this.#inner.length) {
      this.#inner = Buffer.concat([this.#inner.subarray(0, BLOCK_BYTES), Buffer.alloc(3 * text.length)]);
    }
    const end = BLOCK_BYTES + this.#inner.write(text, BLOCK_BYTES);
    // As a text of one unit a byte: a Buffer of its own costs as much as the hash.
    this.#outer.write(hash("sha256", this.#inner.subarray(0, end), "binary"), BLOCK_BYTES, "binary");
    return hash("sha256", this.#outer, "hex");
  }
}

function padded(key: Uint8Array, fill: number, room: number): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES + room);
  for (let i = 0; i < BLOCK_BYTES; i++) bytes[i] = (key[i] ?? 0) ^ fill;
  return bytes;
}
