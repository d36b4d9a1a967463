/**
 * The root of a Merkle tree, as certificate transparency logs make it (RFC 6962, section 2.1): leaves and nodes are told apart by a
 * byte in front, and a tree of n > 1 leaves is split at the largest power of two below n. The root and the number of leaves
 * together determine every leaf and its place.
 */
import { DIGEST_BYTES, type DigestInto, digestInto } from "./sha256.ts";

const LEAF = 0;
const NODE = 1;
const NODE_BYTES = 1 + 2 * DIGEST_BYTES;
/** Whole numbers go no further. */
const SUBTREES_MAX = 53;
const LEAF_BYTES = 64;

/** Takes leaves one by one; memory grows with the logarithm of their number. */
export class MerkleRoot {
  readonly #digest: DigestInto;
  /**
   * A node that is hashed, and behind it roots of whole subtrees, the largest first: their sizes are the powers of two that make up
   * `count`. Nothing is made for a leaf: there may be millions.
   */
  readonly #room = new Uint8Array(NODE_BYTES + DIGEST_BYTES * (SUBTREES_MAX + 1)).fill(NODE, 0, 1);
  readonly #node = this.#room.subarray(0, NODE_BYTES);
  #subtrees = 0;
  #count = 0;
  /** As long as the last one. */
  #leaf = new Uint8Array(LEAF_BYTES).fill(LEAF, 0, 1);

  /** @param digest SHA-256, where there is a faster one than ours */
  constructor(digest: DigestInto = digestInto) {
    this.#digest = digest;
  }

  get count(): number {
    return this.#count;
  }

  add(...parts: readonly Uint8Array[]): void {
    let length = 1;
    for (const part of parts) length += part.length;
    const leaf = this.#leafOf(length);
    let at = 1;
    for (const part of parts) {
      leaf.set(part, at);
      at += part.length;
    }
    this.#digest(leaf, this.#room, placeOf(this.#subtrees++));
    for (let size = this.#count; size % 2 === 1; size = (size - 1) / 2) this.#join(--this.#subtrees);
    this.#count++;
  }

  /** Of the leaves so far; more may follow. No leaves: the digest of nothing. */
  root(): Uint8Array<ArrayBuffer> {
    if (this.#count === 0) this.#digest(new Uint8Array(0), this.#room, placeOf(0));
    const kept = this.#room.slice();
    for (let last = this.#subtrees - 1; last > 0; last--) this.#join(last);
    const root = this.#room.slice(placeOf(0), placeOf(1));
    this.#room.set(kept);
    return root;
  }

  /** The subtree there and the one before it become one. */
  #join(last: number): void {
    const at = placeOf(last - 1);
    this.#room.copyWithin(1, at, at + 2 * DIGEST_BYTES);
    this.#digest(this.#node, this.#room, at);
  }

  #leafOf(length: number): Uint8Array {
    if (this.#leaf.length === length) return this.#leaf;
    const isRoomy = this.#leaf.buffer.byteLength >= length;
    this.#leaf = isRoomy ? new Uint8Array(this.#leaf.buffer, 0, length) : new Uint8Array(length).fill(LEAF, 0, 1);
    return this.#leaf;
  }
}

function placeOf(subtree: number): number {
  return NODE_BYTES + DIGEST_BYTES * subtree;
}
