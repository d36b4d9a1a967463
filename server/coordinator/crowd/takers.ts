/**
 * Sessions that may be sent a batch, in the orders in which they are expected to answer it. How long one takes depends on the size of the
 * batch; two keys of a session bound that from below for every size, and each has an order of its own. Whoever looks for the quickest goes
 * through both, and is done where the bounds of what comes next are beyond the best that was met.
 */
import type { PrecisionClass } from "../words.ts";
import { GroupedOrder, type Placed } from "./grouped-order.ts";

export interface TakerKeys {
  readonly first: number;
  readonly second: number;
}

export interface Taker {
  readonly sessionId: string;
  readonly addressGroup: string | null;
  readonly precision: PrecisionClass;
  /** null: nothing is measured of it. */
  readonly keys: TakerKeys | null;
}

export interface Orders {
  readonly first: GroupedOrder;
  readonly second: GroupedOrder;
  /** In the order in which they came. */
  readonly unmeasured: GroupedOrder;
}

interface Kept extends Taker {
  readonly turn: number;
}

/** Takers of one class, measured or not, in their orders: each has all of them, so that whoever is through with one is through. */
export type Course = readonly { readonly of: keyof Orders; readonly entries: Iterator<Placed, undefined> }[];

const CLASSES: readonly PrecisionClass[] = ["float32", "float16"];

export class Takers {
  readonly #kept = new Map<string, Kept>();
  readonly #orders: Readonly<Record<PrecisionClass, Orders>> = { float32: newOrders(), float16: newOrders() };

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
    this.drop(taker.sessionId);
    const kept = { ...taker, turn };
    this.#kept.set(taker.sessionId, kept);
    this.#change(kept, "add");
  }

  drop(sessionId: string): void {
    const kept = this.#kept.get(sessionId);
    if (kept === undefined) return;
    this.#kept.delete(sessionId);
    this.#change(kept, "delete");
  }

  /** @param precision null: of any. @param groups that are left out */
  without(precision: PrecisionClass | null, groups: ReadonlySet<string>): Course[] {
    return this.#courses(precision, (order) => order.without(groups));
  }

  /** Of those groups alone. */
  within(precision: PrecisionClass | null, groups: readonly string[]): Course[] {
    return this.#courses(precision, (order) => order.within(groups));
  }

  #courses(
    precision: PrecisionClass | null,
    entriesOf: (order: GroupedOrder) => Iterator<Placed, undefined>,
  ): Course[] {
    const classes = precision === null ? CLASSES : [precision];
    return classes.flatMap((one) => {
      const { first, second, unmeasured } = this.#orders[one];
      const measured: Course = [
        { of: "first", entries: entriesOf(first) },
        { of: "second", entries: entriesOf(second) },
      ];
      return [measured, [{ of: "unmeasured", entries: entriesOf(unmeasured) }] satisfies Course];
    });
  }

  #change({ sessionId, addressGroup: group, precision, keys, turn }: Kept, how: "add" | "delete"): void {
    const orders = this.#orders[precision];
    const at = (key: number): Placed => ({ key, turn, sessionId, group });
    if (keys === null) return orders.unmeasured[how](at(0));
    orders.first[how](at(keys.first));
    orders.second[how](at(keys.second));
  }
}

function newOrders(): Orders {
  return { first: new GroupedOrder(), second: new GroupedOrder(), unmeasured: new GroupedOrder() };
}

function isSame(kept: Kept, { precision, keys }: Taker, turn: number): boolean {
  const isSameKeys = kept.keys?.first === keys?.first && kept.keys?.second === keys?.second;
  return isSameKeys && kept.precision === precision && kept.turn === turn;
}
