import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FREE_SHARE_MAX, heldInAll, roomFor, Shares, together } from "./shares.ts";

/** Takes one after the other until it is refused. @returns how many it got */
function takeAll(shares: Shares, who: string): number {
  let got = 0;
  while (shares.take(who, 1) !== null) got++;
  return got;
}

test("of a hundred the first has 75, the second 18, the third 5; the last one goes to whoever has none", () => {
  const shares = new Shares(100);
  expect(["a", "b", "c", "d", "e", "f"].map((who) => takeAll(shares, who))).toEqual([75, 18, 5, 1, 1, 0]);
});

describe("laws", () => {
  const who = fc.constantFrom("a", "b", "c", "d");
  const step = fc.record({ who, amount: fc.nat(40), givesBack: fc.boolean() });

  test("nobody takes more than three quarters of what the others leave, nor all together more than there is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(step, { maxLength: 60 }), (most, steps) => {
        const shares = new Shares(most);
        const taken: (() => void)[] = [];
        for (const { who, amount, givesBack } of steps) {
          const before = new Map(shares.held);
          const own = before.get(who) ?? 0;
          const giveBack = shares.take(who, amount);
          expect(giveBack !== null).toBe(amount <= roomFor(who, most, before));
          if (giveBack !== null && amount > 0) {
            const free = most - heldInAll(before) + own;
            expect(own + amount).toBeLessThanOrEqual(Math.max(1, FREE_SHARE_MAX * free));
            taken.push(giveBack);
          }
          expect(heldInAll(shares.held)).toBeLessThanOrEqual(most);
          if (givesBack) taken.pop()?.();
        }
        for (const giveBack of [...taken, ...taken]) giveBack();
        expect([...shares.held]).toEqual([]);
      }),
    );
  });

  test("whoever has nothing gets the first one, as long as there is one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.dictionary(who, fc.nat(30)), (most, others) => {
        const held = new Map(Object.entries(others));
        expect(roomFor("new", most, held) >= 1).toBe(heldInAll(held) < most);
      }),
    );
  });
});

test("what is held in two ways counts together", () => {
  expect(together(new Map([["a", 2]]), new Map([["a", 3], ["b", 1]]))).toEqual(new Map([["a", 5], ["b", 1]])); // biome-ignore format: one line
});
