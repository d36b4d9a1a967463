/** When something of somebody changes by the passing of time alone: names, each with one time. */
import { type Entry, OrderedList } from "./ordered-list.ts";

interface Alarm extends Entry {
  readonly name: string;
}

export class Alarms {
  readonly #inOrder = new OrderedList<Alarm>();
  readonly #of = new Map<string, Alarm>();
  #turn = 0;

  get size(): number {
    return this.#of.size;
  }

  names(): Iterable<string> {
    return this.#of.keys();
  }

  /** In place of an earlier one of that name. @param atMs null: there is none any more */
  set(name: string, atMs: number | null): void {
    const before = this.#of.get(name);
    if (before?.key === atMs) return;
    if (before !== undefined) this.#inOrder.delete(before);
    this.#of.delete(name);
    if (atMs === null) return;
    const alarm = { key: atMs, turn: this.#turn++, name };
    this.#of.set(name, alarm);
    this.#inOrder.add(alarm);
  }

  /** @returns the earliest that is due by then, which is set no more; null: none is */
  take(nowMs: number): string | null {
    const { first } = this.#inOrder;
    if (first === null || first.key > nowMs) return null;
    this.set(first.name, null);
    return first.name;
  }
}
