/** Time that passes only when the simulator lets it: a queue of what is due, in the order of time, then of asking. */
import type { Clock } from "../../server/shell/clock.ts";

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => unknown;
  isOff: boolean;
}

export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  /** A binary heap: the earliest first. */
  readonly #heap: Due[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => unknown): () => void {
    const due: Due = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run, isOff: false };
    this.#push(due);
    return () => {
      due.isOff = true;
    };
  }

  after(ms: number, run: () => unknown): () => void {
    return this.at(this.#nowMs + ms, run);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Moves time to the next thing that is due and does it. @returns false where nothing is due any more */
  next(): boolean {
    const due = this.#nextDue();
    if (due === null) return false;
    this.#nowMs = due.atMs;
    due.run();
    return true;
  }

  /** As next(), and what is done is waited for. */
  async nextDone(): Promise<boolean> {
    const due = this.#nextDue();
    if (due === null) return false;
    this.#nowMs = due.atMs;
    await due.run();
    return true;
  }

  #nextDue(): Due | null {
    for (let due = this.#pop(); due !== undefined; due = this.#pop()) if (!due.isOff) return due;
    return null;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let i = heap.push(due) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(heap[i]!, heap[parent]!)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    let i = 0;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      }
      if (least === i) return first;
      [heap[i], heap[least]] = [heap[least]!, heap[i]!];
      i = least;
    }
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
