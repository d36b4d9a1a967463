import fc from "fast-check";
import { expect, test } from "vitest";
import { type Entry, isBefore, OrderedList } from "./ordered-list.ts";

/** Entries that come (and go again where they are there), few keys, so that many are equal. */
const COMINGS = fc.array(fc.record({ key: fc.integer({ min: 0, max: 9 }), which: fc.nat(400) }), { maxLength: 900 });

function play(comings: readonly { key: number; which: number }[]) {
  const list = new OrderedList<Entry>();
  const there = new Map<number, Entry>();
  comings.forEach(({ key, which }, turn) => {
    const known = there.get(which);
    if (known === undefined) {
      const entry = { key, turn };
      there.set(which, entry);
      list.add(entry);
      return;
    }
    there.delete(which);
    expect(list.delete(known)).toBe(true);
  });
  return { list, sorted: [...there.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1)) };
}

test("whatever comes and goes, the list is what sorting it would give", () => {
  fc.assert(
    fc.property(COMINGS, (comings) => {
      const { list, sorted } = play(comings);
      expect([...list.inOrder()]).toEqual(sorted);
      expect([list.size, list.first]).toEqual([sorted.length, sorted[0] ?? null]);
    }),
  );
});

test("what is not there cannot be taken out", () => {
  const list = new OrderedList();
  const entry = { key: 1, turn: 1 };
  expect(list.delete(entry)).toBe(false);
  list.add(entry);
  expect(list.delete({ key: 1, turn: 2 })).toBe(false);
  expect(list.delete({ key: 0, turn: 2 })).toBe(false);
  expect([...list.inOrder()]).toEqual([entry]);
});
