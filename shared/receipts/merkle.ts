/**
 * The root of a Merkle tree, as certificate transparency logs make it (RFC 6962, section 2.1): leaves and nodes are told apart by a
 * byte in front, and a tree of n > 1 leaves is split at the largest power of two below n. The root and the number of leaves
 * together determine every leaf and its place.
 */
import { Sha256 } from "./sha256.ts";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Takes leaves one by one; memory grows with the logarithm of their number. */
export class MerkleRoot {
  readonly #hash = new Sha256();
  /** Roots of whole subtrees, the largest first: their sizes are the powers of two that make up `count`. */
  readonly #subtrees: Uint8Array<ArrayBuffer>[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(...parts: readonly Uint8Array[]): void {
    this.#hash.update(LEAF);
    for (const part of parts) this.#hash.update(part);
    let node = this.#hash.digest();
    for (let size = this.#count; size % 2 === 1; size = (size - 1) / 2)
      node = this.#nodeOf(this.#subtrees.pop()!, node);
    this.#subtrees.push(node);
    this.#count++;
  }

  /** Of the leaves so far; more may follow. No leaves: the digest of nothing. */
  root(): Uint8Array<ArrayBuffer> {
    if (this.#count === 0) return this.#hash.digest();
    return this.#subtrees.reduceRight((right, left) => this.#nodeOf(left, right));
  }

  #nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#hash.update(NODE).update(left).update(right).digest();
  }
}
