/**
 * Entries in ascending order of their key, those of one key in the order of their turn. Kept in chunks, so that an entry comes or
 * goes at the cost of two binary searches and of moving one chunk, however many there are.
 */

/** No two entries of a list have both the same key and the same turn. */
export interface Entry {
  readonly key: number;
  readonly turn: number;
}

const CHUNK_ENTRIES_MAX = 128;

export class OrderedList<E extends Entry> {
  /** None is empty. */
  readonly #chunks: E[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): E | null {
    return this.#chunks[0]?.[0] ?? null;
  }

  get last(): E | null {
    return this.#chunks.at(-1)?.at(-1) ?? null;
  }

  add(entry: E): void {
    this.#size++;
    const at = Math.min(this.#chunkOf(entry), this.#chunks.length - 1);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push([entry]);
      return;
    }
    chunk.splice(placeIn(chunk, entry), 0, entry);
    if (chunk.length > CHUNK_ENTRIES_MAX) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
  }

  /** The one with the same key and turn. @returns whether there was one */
  delete(entry: Entry): boolean {
    const at = this.#chunkOf(entry);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return false;
    const place = placeIn(chunk, entry);
    const found = chunk[place];
    if (found === undefined || found.key !== entry.key || found.turn !== entry.turn) return false;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
    return true;
  }

  /** In order; nothing may come or go meanwhile. */
  *inOrder(): Generator<E, undefined> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** The first chunk whose last entry is not before this one; their number where there is none. */
  #chunkOf(entry: Entry): number {
    return firstPlace(this.#chunks, (entries) => !isBefore(entries.at(-1)!, entry));
  }
}

export function isBefore(a: Entry, b: Entry): boolean {
  return a.key < b.key || (a.key === b.key && a.turn < b.turn);
}

/** Where it stands, or would stand. */
function placeIn(chunk: readonly Entry[], entry: Entry): number {
  return firstPlace(chunk, (other) => !isBefore(other, entry));
}

/** Of the first one of which that is so, as of all behind it; their number where there is none. */
function firstPlace<T>(ones: readonly T[], isSo: (one: T) => boolean): number {
  let [low, high] = [0, ones.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(ones[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
