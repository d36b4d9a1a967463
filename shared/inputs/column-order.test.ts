import { expect, test } from "vitest";
import { areNamesKept } from "./column-order.ts";

test("names are kept as long as a submission has room for them", () => {
  expect(areNamesKept(Array.from({ length: 5_000 }, (_, i) => `p${i}`))).toBe(true);
  expect(areNamesKept(Array.from({ length: 50_000 }, (_, i) => `p${i}`))).toBe(false);
  expect(areNamesKept(["a".repeat(201)])).toBe(false);
  expect(areNamesKept(["a\u0000b"])).toBe(false);
});
