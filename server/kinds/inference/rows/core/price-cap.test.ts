import { expect, test } from "vitest";
import { rowsMaxLeft, rowsMaxOf } from "./price-cap.ts";

test("[VF10] the lower cap of submitter and operator holds, and an operator's share of 1 or more caps nothing", () => {
  expect(rowsMaxOf({}, 1_000, { auditShareMax: 4 })).toBeNull();
  expect(rowsMaxOf({}, 1_000, { auditShareMax: 1 })).toBeNull();
  expect(rowsMaxOf({}, 1_000, { auditShareMax: 0.1 })).toBe(100);
  expect(rowsMaxOf({ coordinatorRowsMax: 40 }, 1_000, { auditShareMax: 0.1 })).toBe(40);
  expect(rowsMaxOf({ coordinatorRowsMax: 400 }, 1_000, { auditShareMax: 0.1 })).toBe(100);
  expect(rowsMaxOf({ coordinatorRowsMax: 0 }, 1_000, { auditShareMax: 4 })).toBe(0);
});

test("what is asked again has what the blocks before it left of the cap, and never less than nothing", () => {
  const before = [60, 50].map((priceRows) => ({ block: { terms: { priceRows } } })) as never;
  expect(rowsMaxLeft(null, before)).toBeNull();
  expect(rowsMaxLeft(150, before)).toBe(40);
  expect(rowsMaxLeft(100, before)).toBe(0);
});
