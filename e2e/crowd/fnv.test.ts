import { expect, test } from "vitest";
import { fnv1a, rowKey } from "./fnv.ts";

test("the hash is FNV-1a's, in one go or from where it was", () => {
  const bytes = Buffer.from("foobar");
  expect(fnv1a(bytes) >>> 0).toBe(0xbf9cf968);
  expect(fnv1a(bytes.subarray(3), fnv1a(bytes.subarray(0, 3)))).toBe(fnv1a(bytes));
});

test("a row has the same key wherever it stands, and another one where a bit differs", () => {
  const rows = Float32Array.of(1, 2, 3, 1, 2, 3, 1, 2, -3);
  const keys = [0, 3, 6].map((at) => rowKey(rows.subarray(at, at + 3)));
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
  expect(keys.every(Number.isSafeInteger)).toBe(true);
});
