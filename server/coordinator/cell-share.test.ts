import { expect, test } from "vitest";
import { type CellShare, NO_SHARE, nextShare } from "./cell-share.ts";
import { homeOf } from "./homes.ts";

const KEPT_MS = 10_000;

/** @param looks when, submitters with jobs, whether others have any. @returns the share at each, with tabs at home unless told */
function sharesAt(looks: readonly [atMs: number, submitters: number, areOthersBusy: boolean][], tabs = 1): number[] {
  let share: CellShare = NO_SHARE;
  return looks.map(([nowMs, submitters, areOthersBusy]) => {
    share = nextShare(share, { submitters, tabs, areOthersBusy, haveOthersTabs: true, nowMs, keptMs: KEPT_MS });
    return share.value;
  });
}

test("[CE8] a share rises at once, and falls after a while with fewer submitters to the most of that while", () => {
  const later = [KEPT_MS + 1, KEPT_MS + 2, KEPT_MS + 9_000];
  expect(
    sharesAt([
      [0, 1, true],
      [1, 3, true],
      [2, 2, true],
      [3, 1, true],
      ...later.map((atMs) => [atMs, 1, true] as [number, number, boolean]),
    ]),
  ).toEqual([1, 3, 3, 3, 3, 2, 2]);
});

test("[CE8] jobs that come and go every second move nobody", () => {
  const looks = Array.from({ length: 40 }, (_, n) => [1_000 * n, n % 2, true] as [number, number, boolean]);
  expect(new Set(sharesAt(looks).slice(1))).toEqual(new Set([1]));
});

test("[CE8] where nobody has anything to do tabs stay where they were wanted last, until somebody has", () => {
  expect(
    sharesAt([
      [0, 1, false],
      [1, 0, false],
      [KEPT_MS + 1, 0, false],
      [9 * KEPT_MS, 0, false],
      [9 * KEPT_MS + 1, 0, true],
    ]),
  ).toEqual([1, 1, 1, 1, 0]);
});

test("[CE8] a coordinator with work at which no tab is at home asks for more and more, until one is", () => {
  const looks = Array.from({ length: 7 }, (_, n) => [3_000 * n, 1, true] as [number, number, boolean]);
  expect(sharesAt(looks, 0)).toEqual([1, 1, 1, 1, 2, 4, 8]);
  expect(sharesAt(looks, 1)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  const many = Array.from({ length: 90 }, (_, n) => [3_000 * n, 1, true] as [number, number, boolean]);
  expect(sharesAt(many, 0).at(-1)).toBe(2 ** 30);
});

test("[CE8] two coordinators with work and one network between them do not send its tabs to and fro", () => {
  const cells = ["a", "b"];
  let shares: CellShare[] = [NO_SHARE, NO_SHARE];
  let [home, moves] = [0, 0];
  for (let nowMs = 0; nowMs < 30 * KEPT_MS; nowMs += 3_000) {
    shares = shares.map((share, n) =>
      nextShare(share, {
        ...{ submitters: 1, tabs: n === home ? 5 : 0, areOthersBusy: true, haveOthersTabs: n !== home },
        ...{ nowMs, keptMs: KEPT_MS },
      }),
    );
    const placed = cells.indexOf(
      homeOf(
        7,
        cells.map((name, n) => ({ name, share: shares[n]!.value })),
      ),
    );
    if (placed !== home) moves++;
    home = placed;
  }
  expect(moves).toBeLessThanOrEqual(4);
});
