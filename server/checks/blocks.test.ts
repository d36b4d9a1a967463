import { expect, test } from "vitest";
import { windowRows, windowsOf } from "./blocks.ts";

test("a block that its coins carry has windows, one that needs a sample has none", () => {
  expect(windowRows({ rows: 50_000, sampleShare: 0 })).toBe(12_500);
  expect(windowRows({ rows: 5_000, sampleShare: 0 })).toBe(1_250);
  expect(windowRows({ rows: 50_000, sampleShare: 0.01 })).toBeNull();
  expect(windowRows({ rows: 1_000, sampleShare: 0 })).toBeNull();
  const sizes = [50_000, 2_500, 1_000].map((rows) => windowsOf({ rows, sampleShare: 0 }));
  expect([...sizes, windowsOf({ rows: 50_000, sampleShare: 0.01 })]).toEqual([4, 3, 1, 1]);
});
