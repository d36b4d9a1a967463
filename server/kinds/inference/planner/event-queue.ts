/** What is due, the earliest first; equal times in the order of asking. A binary heap. */
export class EventQueue<T> {
  readonly #times: number[] = [];
  readonly #orders: number[] = [];
  readonly #values: T[] = [];
  #asked = 0;

  get size(): number {
    return this.#times.length;
  }

  push(atMs: number, value: T): void {
    let i = this.#times.length;
    this.#set(i, atMs, this.#asked++, value);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#isBefore(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  pop(): { readonly atMs: number; readonly value: T } | null {
    const last = this.#times.length - 1;
    if (last < 0) return null;
    this.#swap(0, last);
    const first = { atMs: this.#times.pop()!, value: this.#values.pop()! };
    this.#orders.pop();
    let i = 0;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.#times.length && this.#isBefore(child, least)) least = child;
      }
      if (least === i) return first;
      this.#swap(i, least);
      i = least;
    }
  }

  #set(i: number, atMs: number, order: number, value: T): void {
    this.#times[i] = atMs;
    this.#orders[i] = order;
    this.#values[i] = value;
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#times[a]!, this.#times[b]!];
    return first < second || (first === second && this.#orders[a]! < this.#orders[b]!);
  }

  #swap(a: number, b: number): void {
    const [atMs, order, value] = [this.#times[a]!, this.#orders[a]!, this.#values[a]!];
    this.#set(a, this.#times[b]!, this.#orders[b]!, this.#values[b]!);
    this.#set(b, atMs, order, value);
  }
}
