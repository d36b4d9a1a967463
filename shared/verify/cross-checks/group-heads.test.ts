import fc from "fast-check";
import { expect, test } from "vitest";
import { groupHeadsMax } from "./group-heads.ts";

const GROUPS = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 150 });

function bySize(sizes: readonly number[]): Map<number, number> {
  const groups = new Map<number, number>();
  for (const size of sizes) groups.set(size, (groups.get(size) ?? 0) + 1);
  return groups;
}

test("[CC5] a fifth of the groups counts for no more by the keys behind each", () => {
  fc.assert(
    fc.property(GROUPS, fc.integer({ min: 400, max: 100_000 }), (others, keys) => {
      const party = Math.floor(others.length / 4);
      const most = groupHeadsMax(bySize([...others, ...Array<number>(party).fill(keys)]));
      const least = groupHeadsMax(bySize([...others, ...Array<number>(party).fill(400)]));
      expect(most).toBe(least);
    }),
    { seed: 28_112, numRuns: 1_000 },
  );
});

test("[CC5] a fifth of the groups has a fifth of the chance where the others are homes, little more than a third where these are of two sizes", () => {
  const shareOf = (others: readonly number[]) => {
    const sizes = [...others, ...Array<number>(others.length / 4).fill(1_000)];
    const heads = groupHeadsMax(bySize(sizes));
    const sum = (of: readonly number[]) => of.reduce((total, size) => total + Math.min(size, heads), 0);
    return 1 - sum(others) / sum(sizes);
  };
  expect(shareOf(Array<number>(80).fill(1))).toBeCloseTo(0.2, 9);
  for (const offices of [4, 8, 20, 40, 60, 80])
    for (const size of [2, 5, 10, 30]) {
      const homes = Array<number>(80 - offices).fill(1);
      expect([offices, size, shareOf([...homes, ...Array<number>(offices).fill(size)]) < 0.37]).toEqual([
        offices,
        size,
        true,
      ]);
    }
});

test.each([
  ["volunteers at addresses of their own count in full", [[1, 100]], 1],
  [
    "a thousand keys behind three addresses count as three volunteers",
    [
      [1, 100],
      [333, 3],
    ],
    1,
  ],
  [
    "two schools and five homes: a school counts for more than a home",
    [
      [1, 5],
      [50, 2],
    ],
    55 / 12,
  ],
  ["nobody is there", [], 1],
] as const)("[CC5] %s", (_, groups, expected) => {
  expect(groupHeadsMax(new Map(groups))).toBeCloseTo(expected, 9);
});
