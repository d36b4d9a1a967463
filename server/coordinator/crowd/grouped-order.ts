/**
 * Sessions in ascending order of a key, by address group as well: some groups can be left out, or asked for alone, without a look at
 * their members.
 */
import { type Entry, isBefore, OrderedList } from "./ordered-list.ts";

export interface Placed extends Entry {
  readonly sessionId: string;
  /** null: its address is not known. */
  readonly group: string | null;
}

interface Head extends Entry {
  readonly members: OrderedList<Placed>;
  readonly group: string | null;
}

export class GroupedOrder {
  readonly #groups = new Map<string | null, OrderedList<Placed>>();
  /** Each group at the place of its first member. */
  readonly #heads = new OrderedList<Head>();
  readonly #headOf = new Map<string | null, Head>();

  add(entry: Placed): void {
    const members = this.#groups.get(entry.group) ?? new OrderedList<Placed>();
    this.#groups.set(entry.group, members);
    members.add(entry);
    this.#placeHead(entry.group, members);
  }

  delete(entry: Placed): void {
    const members = this.#groups.get(entry.group);
    if (members === undefined || !members.delete(entry)) return;
    this.#placeHead(entry.group, members);
    if (members.size === 0) this.#groups.delete(entry.group);
  }

  /** In order, without the members of those groups. Nothing may come or go meanwhile. */
  *without(groups: ReadonlySet<string>): Generator<Placed, undefined> {
    const merge = new Merge();
    for (const head of this.#heads.inOrder()) {
      if (head.group !== null && groups.has(head.group)) continue;
      for (let next = merge.firstBefore(head); next !== null; next = merge.firstBefore(head)) yield next;
      merge.open(head.members);
    }
    for (let next = merge.first(); next !== null; next = merge.first()) yield next;
  }

  /** In order, of those groups alone. */
  *within(groups: Iterable<string>): Generator<Placed, undefined> {
    const merge = new Merge();
    for (const group of groups) {
      const members = this.#groups.get(group);
      if (members !== undefined) merge.open(members);
    }
    for (let next = merge.first(); next !== null; next = merge.first()) yield next;
  }

  #placeHead(group: string | null, members: OrderedList<Placed>): void {
    const [before, { first }] = [this.#headOf.get(group), members];
    if (before !== undefined && first !== null && before.key === first.key && before.turn === first.turn) return;
    if (before !== undefined) this.#heads.delete(before);
    this.#headOf.delete(group);
    if (first === null) return;
    const head: Head = { key: first.key, turn: first.turn, members, group };
    this.#headOf.set(group, head);
    this.#heads.add(head);
  }
}

interface Cursor {
  first: Placed;
  readonly rest: Generator<Placed, undefined>;
}

/** The lists that were opened, as one: as many as were needed so far, in the order of what comes next of each. */
class Merge {
  readonly #cursors: Cursor[] = [];

  open(members: OrderedList<Placed>): void {
    const rest = members.inOrder();
    const { value: first } = rest.next();
    if (first !== undefined) this.#put({ first, rest });
  }

  first(): Placed | null {
    const cursor = this.#cursors.shift();
    if (cursor === undefined) return null;
    const { first } = cursor;
    const { value: next } = cursor.rest.next();
    if (next !== undefined) this.#put({ first: next, rest: cursor.rest });
    return first;
  }

  firstBefore(entry: Entry): Placed | null {
    const [cursor] = this.#cursors;
    return cursor !== undefined && isBefore(cursor.first, entry) ? this.first() : null;
  }

  #put(cursor: Cursor): void {
    const at = this.#cursors.findIndex(({ first }) => isBefore(cursor.first, first));
    this.#cursors.splice(at < 0 ? this.#cursors.length : at, 0, cursor);
  }
}
