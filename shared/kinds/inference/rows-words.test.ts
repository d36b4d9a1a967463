import { expect, test } from "vitest";
import type { CodeEstimate } from "./estimate.ts";
import { plainAndCoded } from "./plain-and-coded.ts";
import { checksAheadInWords, rowsCount, trustedInWords, waitingInWords } from "./rows-words.ts";

test("what rows wait for is said by reason, and nothing of reasons for which none waits", () => {
  expect(waitingInWords({ fresh: 1_200, again: 3, checks: 0, coordinator: 1, claims: 5 })).toBe(
    "1,200 not asked yet, 3 asked again, 1 at the coordinator; 5 claims are out",
  );
  expect(waitingInWords({ fresh: 0, again: 0, checks: 2, coordinator: 0, claims: 1 })).toBe(
    "2 for a second word; 1 claim is out",
  );
  expect(waitingInWords({ fresh: 0, again: 0, checks: 0, coordinator: 0, claims: 0 })).toBe("");
  expect(rowsCount(1)).toBe("1 row");
});

test("what the coordinator computed stands beside what was told before, and what a naming made of it", () => {
  const price = { toldRows: 490, rows: 490, duplicateRows: 0 };
  expect(trustedInWords({ coordinatorRows: 120, price }, 1_000)).toBe("120 rows, 12 % of all; told before: about 490");
  expect(trustedInWords({ coordinatorRows: 120, price: { ...price, rows: 610 } }, 1_000)).toBe(
    "120 rows, 12 % of all; told before: about 490, and 610 since a naming",
  );
  expect(trustedInWords({ coordinatorRows: 3, price: null }, 0)).toBe("3 rows");
});

test("an estimate says what checks cost, or how many rows would suffice, or that a cap is in the way", () => {
  const told = {
    coordinatorRows: 494,
    coordinatorMs: 3_100,
    duplicateRows: 28,
    rowsThatSuffice: null,
    rowsMax: null,
    promise: null,
  };
  expect(checksAheadInWords({ ...told, finalBy: "account" })).toBe(
    "the coordinator computes about 494 rows, about 3.1 s; tabs answer 28 twice",
  );
  expect(checksAheadInWords({ ...told, coordinatorRows: 30, duplicateRows: 0, finalBy: "coordinator" })).toBe(
    "the coordinator computes all 30 rows itself, about 3.1 s",
  );
  const none = { ...told, finalBy: "nobody" as const };
  expect(checksAheadInWords({ ...none, rowsThatSuffice: 177 })).toBe(
    "too few rows: answers would not be final; 177 rows in one job would suffice",
  );
  expect(checksAheadInWords({ ...none, rowsMax: 100 })).toBe(
    "more than 100 rows of the coordinator, which is the cap: answers would not be final",
  );
  expect(checksAheadInWords(none)).toBe("answers would not be final");
});

const stop = (stragglers: number, liars: number, p50: number | null) =>
  ({ code: { stragglers, liars }, finishMs: p50 === null ? null : { p50, p90: p50 } }) as CodeEstimate;

test("of the stops of the dial the soonest plain one stands beside the soonest coded one", () => {
  const [plain, one, two] = [stop(0, 0, 9_000), stop(1, 0, 5_000), stop(2, 0, 2_000)];
  expect(plainAndCoded({ chosen: plain, choices: [plain, one, two] })).toEqual({ plain, coded: two });
  expect(plainAndCoded({ chosen: plain, choices: [plain] })).toEqual({ plain, coded: null });
  // Without a tab there are no stops, and no times.
  const unknown = stop(1, 0, null);
  expect(plainAndCoded({ chosen: unknown, choices: [] })).toEqual({ plain: null, coded: unknown });
});
