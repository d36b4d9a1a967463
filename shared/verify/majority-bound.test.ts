import { expect, test } from "vitest";
import { majorityBound } from "./majority-bound.ts";

/** Every way in which the volunteers can be liars or not, one by one. */
function chanceOfAWrongMajority(volunteers: number, liarShare: number): number {
  let chance = 0;
  for (let who = 0; who < 2 ** volunteers; who++) {
    const liars = Array.from({ length: volunteers }, (_, v) => (who >> v) & 1).filter((isLiar) => isLiar === 1).length;
    if (2 * liars > volunteers) chance += liarShare ** liars * (1 - liarShare) ** (volunteers - liars);
  }
  return chance;
}

test("a majority of 2E+1 is wrong as often as more than E of them are liars: all crowds, one by one", () => {
  for (let liarCount = 0; liarCount <= 5; liarCount++) {
    for (const liarShare of [0, 0.01, 0.1, 0.3, 0.5, 0.9, 1]) {
      const expected = chanceOfAWrongMajority(2 * liarCount + 1, liarShare);
      expect(majorityBound(liarCount, liarShare), `E = ${liarCount}, f = ${liarShare}`).toBeCloseTo(expected, 12);
    }
  }
});

test("one volunteer alone is wrong as often as it is a liar, and of three two must be", () => {
  expect(majorityBound(0, 0.1)).toBe(0.1);
  expect(majorityBound(1, 0.1)).toBeCloseTo(3 * 0.1 ** 2 * 0.9 + 0.1 ** 3, 15);
});

test("more volunteers make a majority surer where liars are few, and less sure where they are most", () => {
  for (let liarCount = 0; liarCount < 10; liarCount++) {
    expect(majorityBound(liarCount + 1, 0.2)).toBeLessThan(majorityBound(liarCount, 0.2));
    expect(majorityBound(liarCount + 1, 0.8)).toBeGreaterThan(majorityBound(liarCount, 0.8));
  }
});
