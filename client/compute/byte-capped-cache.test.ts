import { expect, test } from "vitest";
import { createByteCappedCache } from "./byte-capped-cache.ts";

function cacheWithLog(bytesMax: number) {
  const released: string[] = [];
  return { cache: createByteCappedCache<string>(bytesMax, (value) => released.push(value)), released };
}

test("the least recently used value leaves first, and is released once", () => {
  const { cache, released } = cacheWithLog(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  expect(cache.get("a")).toBe("A");
  cache.set("c", "C", 4);
  expect(released).toEqual(["B"]);
  expect(cache.has("b")).toBe(false);
  expect(cache.get("a")).toBe("A");
  expect(cache.bytes).toBe(8);
});

test("asking whether a key is held does not count as use", () => {
  const { cache, released } = cacheWithLog(8);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  expect(cache.has("a")).toBe(true);
  cache.set("c", "C", 4);
  expect(released).toEqual(["A"]);
});

test("as many values leave as the new one needs", () => {
  const { cache, released } = cacheWithLog(10);
  for (const key of ["a", "b", "c", "d"]) cache.set(key, key, 2);
  cache.set("large", "L", 7);
  expect(released).toEqual(["a", "b", "c"]);
  expect(cache.bytes).toBe(9);
});

test("a value larger than the cap is kept alone", () => {
  const { cache, released } = cacheWithLog(10);
  cache.set("a", "A", 4);
  cache.set("huge", "H", 50);
  expect(cache.get("huge")).toBe("H");
  expect(released).toEqual(["A"]);
  cache.set("b", "B", 1);
  expect(released).toEqual(["A", "H"]);
});

test("replacing and clearing release what was held", () => {
  const { cache, released } = cacheWithLog(10);
  cache.set("a", "old", 4);
  cache.set("a", "new", 6);
  expect(cache.bytes).toBe(6);
  cache.clear();
  expect(released).toEqual(["old", "new"]);
  expect(cache.bytes).toBe(0);
});

test("room can be made before the value is there", () => {
  const { cache, released } = cacheWithLog(10);
  cache.set("a", "A", 4);
  cache.set("b", "B", 4);
  cache.makeRoom(2);
  expect(released).toEqual([]);
  cache.makeRoom(5);
  expect(released).toEqual(["A"]);
  cache.makeRoom(99);
  expect(released).toEqual(["A", "B"]);
  expect(cache.bytes).toBe(0);
});

test("values of one kind can be dropped together, each released once", () => {
  const { cache, released } = cacheWithLog(10);
  for (const [key, value] of [
    ["a", "x1"],
    ["b", "y1"],
    ["c", "x2"],
  ] as const) {
    cache.set(key, value, 2);
  }
  cache.dropWhere((value) => value.startsWith("x"));
  expect(released).toEqual(["x1", "x2"]);
  expect(cache.bytes).toBe(2);
  expect(cache.get("b")).toBe("y1");
});
