import fc from "fast-check";
import { expect, test } from "vitest";
import { groupHeadsMax } from "./group-heads.ts";
import { PARTNER_WEIGHT_SHARE_MAX } from "./parameters.ts";

const GROUPS = fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 150 });

function bySize(sizes: readonly number[]): Map<number, number> {
  const groups = new Map<number, number>();
  for (const size of sizes) groups.set(size, (groups.get(size) ?? 0) + 1);
  return groups;
}

test("[CC5] no group counts for more than a tenth, and those above it for as much, unless there are too few groups for that", () => {
  fc.assert(
    fc.property(GROUPS, (sizes) => {
      const most = groupHeadsMax(bySize(sizes));
      const together = sizes.reduce((sum, size) => sum + Math.min(size, most), 0);
      const share = most / together;
      const least = Math.max(1, sizes.reduce((sum, size) => sum + size, 0) / (2 * sizes.length));
      if (most > least) expect(share).toBeCloseTo(PARTNER_WEIGHT_SHARE_MAX, 9);
      else expect(share).toBeGreaterThan(PARTNER_WEIGHT_SHARE_MAX - 1e-9);
    }),
    { seed: 28_112, numRuns: 2_000 },
  );
});

test.each([
  ["volunteers at addresses of their own count in full", [[1, 100]], 10],
  [
    "a thousand keys behind three addresses count as 43 of a hundred and forty-three",
    [
      [1, 100],
      [333, 3],
    ],
    100 / 7,
  ],
  [
    "two schools and five homes: a school counts for more than a home",
    [
      [1, 5],
      [50, 2],
    ],
    7.5,
  ],
  ["nobody is there", [], 1],
] as const)("[CC5] %s", (_, groups, expected) => {
  expect(groupHeadsMax(new Map(groups))).toBeCloseTo(expected, 9);
});
