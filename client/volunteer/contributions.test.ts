import { expect, test } from "vitest";
import { CONTRIBUTION_DAYS_MAX } from "../../shared/protocol/limits.ts";
import {
  contribute,
  NO_CONTRIBUTIONS,
  parseContributions,
  printContributions,
  totalsOf,
  VISIT_BEGUN,
} from "./contributions.ts";

const MONDAY = "2026-11-23";
const TUESDAY = "2026-11-24";

test("a visit's progress is added to its day, once", () => {
  const first = { creditMacs: 100, batches: 2, computedMs: 30, bytes: 9 };
  const second = { creditMacs: 150, batches: 3, computedMs: 50, bytes: 10 };
  let kept = contribute(NO_CONTRIBUTIONS, VISIT_BEGUN, { ...VISIT_BEGUN, creditMacs: 40 }, MONDAY);
  expect(kept).toEqual({ creditMacs: 40, days: [] });
  kept = contribute(kept, VISIT_BEGUN, first, MONDAY);
  kept = contribute(kept, first, second, MONDAY);
  expect(contribute(kept, second, second, MONDAY)).toBe(kept);
  expect(kept.days).toEqual([{ day: MONDAY, macs: 110, batches: 3, computedMs: 50, bytes: 10 }]);
});

test("a new day begins a new line, and an absent day reads as nothing", () => {
  const first = { creditMacs: 10, batches: 1, computedMs: 1, bytes: 1 };
  let kept = contribute(NO_CONTRIBUTIONS, VISIT_BEGUN, first, MONDAY);
  kept = contribute(kept, first, { ...first, batches: 3 }, TUESDAY);
  expect(kept.days.map(({ day, batches }) => [day, batches])).toEqual([
    [MONDAY, 1],
    [TUESDAY, 2],
  ]);
  expect(totalsOf(kept, "2026-11-25").batches).toBe(0);
});

test("what was verified while the tab was closed counts at the next visit; a coordinator that began anew counts from there", () => {
  const kept = { creditMacs: 1_000, days: [] };
  expect(contribute(kept, VISIT_BEGUN, { ...VISIT_BEGUN, creditMacs: 1_500 }, MONDAY).days[0]!.macs).toBe(500);
  expect(contribute(kept, VISIT_BEGUN, { ...VISIT_BEGUN, creditMacs: 20 }, MONDAY)).toEqual({
    creditMacs: 20,
    days: [],
  });
});

test("what is kept comes back; anything else is nothing", () => {
  const kept = { creditMacs: 5, days: [{ day: MONDAY, macs: 1, batches: 2, computedMs: 3, bytes: 4 }] };
  expect(parseContributions(printContributions(kept))).toEqual(kept);
  const negative = JSON.stringify({ ...JSON.parse(printContributions(kept)), creditMacs: -1 });
  for (const text of [null, "", "{}", negative]) expect(parseContributions(text)).toEqual(NO_CONTRIBUTIONS);
});

test("only so many days are kept", () => {
  let kept = NO_CONTRIBUTIONS;
  for (let i = 0; i <= CONTRIBUTION_DAYS_MAX; i++) {
    kept = contribute(kept, VISIT_BEGUN, { ...VISIT_BEGUN, batches: 1 }, `day ${i}`);
  }
  expect(kept.days).toHaveLength(CONTRIBUTION_DAYS_MAX);
  expect(kept.days[0]!.day).toBe("day 1");
});
