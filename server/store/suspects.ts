/**
 * Which blobs may be collected: those that nothing referred to, and nobody touched, from one collection to the next. No
 * clock and no file times are believed: the grace of a blob is the time between two collections of one process.
 */
export class Suspects {
  readonly #suspects = new Set<string>();
  #seen = new Set<string>();

  /** It was written or read: somebody may be about to refer to it. */
  touch(sha256: string): void {
    this.#suspects.delete(sha256);
    this.#seen.delete(sha256);
  }

  /** Begins a collection. What the last one saw and nobody has touched since is suspect now. */
  begin(): void {
    this.#suspects.clear();
    for (const sha256 of this.#seen) this.#suspects.add(sha256);
    this.#seen = new Set();
  }

  /** One blob of this collection. @returns whether it may go, as far as anybody knows at this moment */
  isCollectable(sha256: string, isReferenced: boolean): boolean {
    if (isReferenced) return false;
    if (this.#suspects.has(sha256)) return true;
    this.#seen.add(sha256);
    return false;
  }
}
