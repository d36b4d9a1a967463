import fc from "fast-check";
import { expect, test } from "vitest";
import { GroupedOrder, type Placed } from "./grouped-order.ts";
import { isBefore, OrderedList } from "./ordered-list.ts";

const GROUPS = [null, "a", "b", "c"];

/** Entries that come (and go again where they are there), few keys, so that many are equal. */
const COMINGS = fc.array(
  fc.record({ key: fc.integer({ min: 0, max: 9 }), which: fc.nat(400), group: fc.constantFrom(...GROUPS) }),
  { maxLength: 900 },
);

function play(comings: readonly { key: number; which: number; group: string | null }[]) {
  const [list, groups] = [new OrderedList<Placed>(), new GroupedOrder()];
  const there = new Map<number, Placed>();
  comings.forEach(({ key, which, group }, turn) => {
    const known = there.get(which);
    if (known === undefined) {
      const entry = { key, turn, sessionId: `s${which}`, group };
      there.set(which, entry);
      list.add(entry);
      groups.add(entry);
      return;
    }
    there.delete(which);
    expect(list.delete(known)).toBe(true);
    groups.delete(known);
  });
  return { list, groups, sorted: [...there.values()].sort((a, b) => (isBefore(a, b) ? -1 : 1)) };
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

test("with groups left out, or alone, the order is that of the others, or of theirs", () => {
  const someGroups = fc.subarray(["a", "b", "c", "d"]);
  fc.assert(
    fc.property(COMINGS, someGroups, (comings, chosen) => {
      const { groups, sorted } = play(comings);
      const isChosen = ({ group }: Placed) => group !== null && chosen.includes(group);
      expect([...groups.without(new Set(chosen))]).toEqual(sorted.filter((entry) => !isChosen(entry)));
      expect([...groups.within(chosen)]).toEqual(sorted.filter(isChosen));
    }),
  );
});
