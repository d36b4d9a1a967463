/**
 * Sessions that may be sent a batch, in the orders in which they are expected to answer it. How long one takes depends on the size of the
 * batch; two keys of a session bound that from below for every size, and each has an order of its own. Whoever looks for the quickest goes
 * through both, and is done where the bounds of what comes next are beyond the best that was met.
 */
import { CHOICES_APART_MAX, CHOICES_MIXED_LOOKS_MAX } from "../../../shared/protocol/limits.ts";
import type { WorkChoice } from "../../../shared/protocol/messages.ts";
import type { PrecisionClass } from "../words.ts";
import { type Entry, OrderedList } from "./ordered-list.ts";

/** What its volunteer gives its work to, and [AS4] the models at which it is out of turn; null: whatever there is. */
export type TakerChoice = WorkChoice & { readonly outOf?: readonly string[] };

export interface Placed extends Entry {
  readonly sessionId: string;
}

export interface TakerKeys {
  readonly first: number;
  readonly second: number;
}

export interface Taker {
  readonly sessionId: string;
  readonly precision: PrecisionClass;
  /** [WC1] The same object until it changes. */
  readonly choice: TakerChoice | null;
  /** null: nothing is measured of it. */
  readonly keys: TakerKeys | null;
}

export interface Orders {
  readonly first: OrderedList<Placed>;
  readonly second: OrderedList<Placed>;
  /** In the order in which they came. */
  readonly unmeasured: OrderedList<Placed>;
}

interface Kept extends Taker {
  readonly turn: number;
  readonly club: Club;
}

/** All takers of one choice. Those of a job are found among some clubs, and none of the others is looked at. */
interface Club {
  readonly name: string;
  /** undefined: of several choices, each of which few others make: who takes a job is looked for one by one. */
  readonly choice: TakerChoice | null | undefined;
  readonly orders: Readonly<Record<PrecisionClass, Orders>>;
  size: number;
}

/** Takers of one class, measured or not, in their orders: each has all of them, so that whoever is through with one is through. */
export type Course = readonly { readonly of: keyof Orders; readonly entries: Iterator<Placed, undefined> }[];

type Takes = (choice: TakerChoice | null) => boolean;

/** Names of clubs that no choice has as its JSON. */
const EVERYTHING = "everything";
const MIXED = "mixed";

const MEASURED = ["first", "second"] as const;
const CLASSES: readonly PrecisionClass[] = ["float32", "float16"];

export class Takers {
  readonly #kept = new Map<string, Kept>();
  readonly #clubs = new Map<string, Club>();

  get size(): number {
    return this.#kept.size;
  }

  get(sessionId: string): Taker | undefined {
    return this.#kept.get(sessionId);
  }

  /** @param turn of two that are expected to answer at the same time the one with the earlier turn goes first */
  keep(taker: Taker, turn: number): void {
    const before = this.#kept.get(taker.sessionId);
    if (before !== undefined && isSame(before, taker, turn)) return;
    if (before !== undefined && before.club.size > 1 && this.#moved(before, taker, turn)) return;
    this.drop(taker.sessionId);
    const club = this.#clubOf(taker.choice);
    const kept = { turn, club, ...taker };
    this.#kept.set(taker.sessionId, kept);
    club.size++;
    this.#change(kept, "add");
  }

  /** Mostly a key or two is all that is new: the other orders stay as they are. @returns false: more is */
  #moved(before: Kept, taker: Taker, turn: number): boolean {
    const { keys, precision, choice, sessionId } = taker;
    if (before.keys === null || keys === null || before.turn !== turn || before.choice !== choice) return false;
    if (before.precision !== precision) return false;
    const orders = before.club.orders[precision];
    for (const which of MEASURED) {
      if (before.keys[which] === keys[which]) continue;
      orders[which].delete({ key: before.keys[which], turn });
      orders[which].add({ key: keys[which], turn, sessionId });
    }
    this.#kept.set(sessionId, { turn, club: before.club, ...taker });
    return true;
  }

  drop(sessionId: string): void {
    const kept = this.#kept.get(sessionId);
    if (kept === undefined) return;
    this.#kept.delete(sessionId);
    this.#change(kept, "delete");
    if (--kept.club.size === 0) this.#clubs.delete(kept.club.name);
  }

  /** @param takes whether a choice lets the job in. @param precision null: of any */
  courses(takes: Takes, precision: PrecisionClass | null): Course[] {
    const classes = precision === null ? CLASSES : [precision];
    const courses: Course[] = [];
    for (const { choice, orders } of this.#clubs.values()) {
      if (choice !== undefined && !takes(choice)) continue;
      const within = (order: OrderedList<Placed>) =>
        choice === undefined ? firstOnes(order.inOrder(), CHOICES_MIXED_LOOKS_MAX) : order.inOrder();
      for (const one of classes) {
        const { first, second, unmeasured } = orders[one];
        courses.push([
          { of: "first", entries: within(first) },
          { of: "second", entries: within(second) },
        ]);
        courses.push([{ of: "unmeasured", entries: within(unmeasured) }]);
      }
    }
    return courses;
  }

  #clubOf(choice: TakerChoice | null): Club {
    const own = choice === null ? EVERYTHING : JSON.stringify(choice);
    const known = this.#clubs.get(own);
    if (known !== undefined) return known;
    const isApart = choice === null || this.#clubs.size < CHOICES_APART_MAX;
    const name = isApart ? own : MIXED;
    const orders = { float32: newOrders(), float16: newOrders() };
    const club = this.#clubs.get(name) ?? { name, choice: isApart ? choice : undefined, orders, size: 0 };
    this.#clubs.set(name, club);
    return club;
  }

  #change({ sessionId, precision, keys, turn, club }: Kept, how: "add" | "delete"): void {
    const orders = club.orders[precision];
    const at = (key: number): Placed => ({ key, turn, sessionId });
    if (keys === null) orders.unmeasured[how](at(0));
    else for (const which of MEASURED) orders[which][how](at(keys[which]));
  }
}

function* firstOnes(entries: Iterator<Placed, undefined>, most: number): Generator<Placed, undefined> {
  for (let n = 0; n < most; n++) {
    const { value: next } = entries.next();
    if (next === undefined) return;
    yield next;
  }
}

function newOrders(): Orders {
  return { first: new OrderedList<Placed>(), second: new OrderedList<Placed>(), unmeasured: new OrderedList<Placed>() };
}

function isSame(kept: Kept, { precision, keys, choice }: Taker, turn: number): boolean {
  const isSameKeys = kept.keys?.first === keys?.first && kept.keys?.second === keys?.second;
  return isSameKeys && kept.precision === precision && kept.turn === turn && kept.choice === choice;
}
