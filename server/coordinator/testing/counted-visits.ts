/** Counts what a piece of code looks at: every entry that it is handed when it goes through a map, a set or an ordered list. */
import { OrderedList } from "../crowd/ordered-list.ts";

type Walk = (this: object, ...args: unknown[]) => Iterator<unknown>;
type Each = (this: object, callback: (...args: unknown[]) => void, self?: unknown) => void;

const WALKED: readonly [object, readonly PropertyKey[]][] = [
  [Map.prototype, ["entries", "values", "keys", Symbol.iterator]],
  [Set.prototype, ["entries", "values", "keys", Symbol.iterator]],
  [OrderedList.prototype, ["inOrder"]],
];

export interface Visits {
  /** Since the last time. */
  take(): number;
  /** Nothing is counted any more. */
  stop(): void;
}

/** From now on, in everything that runs. */
export function countVisits(): Visits {
  let count = 0;
  const undo: (() => void)[] = [];
  for (const [prototype, names] of WALKED) {
    for (const name of names) {
      replace(prototype, name, undo, (original: Walk): Walk => {
        return function counted(...args) {
          return visited(original.apply(this, args), () => count++);
        };
      });
    }
  }
  for (const prototype of [Map.prototype, Set.prototype]) {
    replace(prototype, "forEach", undo, (original: Each): Each => {
      return function counted(callback, self) {
        original.call(this, (...args) => {
          count++;
          callback.apply(self, args);
        });
      };
    });
  }
  return {
    take() {
      const taken = count;
      count = 0;
      return taken;
    },
    stop() {
      for (const restore of undo) restore();
    },
  };
}

function replace<F>(prototype: object, name: PropertyKey, undo: (() => void)[], make: (original: F) => F): void {
  const described = Object.getOwnPropertyDescriptor(prototype, name);
  if (described === undefined) throw new Error(`countVisits: expected a method ${String(name)}, there is none`);
  Object.defineProperty(prototype, name, { ...described, value: make(described.value as F) });
  undo.push(() => Object.defineProperty(prototype, name, described));
}

function visited(entries: Iterator<unknown>, onVisit: () => void): IterableIterator<unknown> {
  return {
    next() {
      const next = entries.next();
      if (next.done !== true) onVisit();
      return next;
    },
    return(value?: unknown) {
      return entries.return?.(value) ?? { done: true, value };
    },
    [Symbol.iterator]() {
      return this;
    },
  };
}
