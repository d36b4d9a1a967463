/** Entries by a key of theirs, the least first. An entry knows where it lies, so that any of them is taken out, or moved when its key has changed. */

/** @typeParam Slot the field of an entry that holds its place in this heap; NOT_IN_HEAP where it is in none */
export class Heap<E extends Record<Slot, number>, Slot extends string> {
  readonly #entries: E[] = [];
  readonly #slot: Slot;
  readonly #keyOf: (entry: E) => number;

  constructor(slot: Slot, keyOf: (entry: E) => number) {
    this.#slot = slot;
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** null: it is empty */
  get first(): E | null {
    return this.#entries[0] ?? null;
  }

  /** Adds the entry, or moves it to where its key belongs now. */
  put(entry: E): void {
    if (entry[this.#slot] === NOT_IN_HEAP) this.#set(this.#entries.length, entry);
    this.#up(entry[this.#slot]);
    this.#down(entry[this.#slot]);
  }

  /** What is not in it stays out. */
  delete(entry: E): void {
    const at = entry[this.#slot];
    if (at === NOT_IN_HEAP) return;
    const last = this.#entries.pop()!;
    this.#mark(entry, NOT_IN_HEAP);
    if (last === entry) return;
    this.#set(at, last);
    this.#up(at);
    this.#down(last[this.#slot]);
  }

  #up(from: number): void {
    const entry = this.#entries[from]!;
    const key = this.#keyOf(entry);
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#keyOf(this.#entries[parent]!) <= key) break;
      this.#set(at, this.#entries[parent]!);
      at = parent;
    }
    this.#set(at, entry);
  }

  #down(from: number): void {
    const entry = this.#entries[from]!;
    const key = this.#keyOf(entry);
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#entries.length) break;
      const other = this.#entries[child + 1];
      if (other !== undefined && this.#keyOf(other) < this.#keyOf(this.#entries[child]!)) child++;
      if (this.#keyOf(this.#entries[child]!) >= key) break;
      this.#set(at, this.#entries[child]!);
      at = child;
    }
    this.#set(at, entry);
  }

  #set(at: number, entry: E): void {
    this.#entries[at] = entry;
    this.#mark(entry, at);
  }

  #mark(entry: E, at: number): void {
    (entry as Record<Slot, number>)[this.#slot] = at;
  }
}

/** Where an entry lies that is in no heap. */
export const NOT_IN_HEAP = -1;
