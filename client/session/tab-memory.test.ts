import { expect, test } from "vitest";
import { tabMemoryMib } from "./tab-memory.ts";

test("[PR102] a browser that tells of much memory gives a model more than any tab has; one that tells of little, or nothing, is as any", () => {
  expect([undefined, 0.25, 1, 2].map((gib) => tabMemoryMib(gib, null, 1))).toEqual(Array(4).fill(undefined));
  expect([4, 8, 32].map((gib) => tabMemoryMib(gib, null, 1))).toEqual([2048, 4096, 4096]);
});

test("[PR102] what the volunteer says counts, up to what WebAssembly can address", () => {
  expect([0.5, 3, 64].map((wanted) => tabMemoryMib(undefined, wanted, 1))).toEqual([512, 3072, 4096]);
  expect(tabMemoryMib(8, 0.5, 1)).toBe(512);
});

test("[PR102] threads share it", () => {
  expect([2, 3, 8].map((threads) => tabMemoryMib(8, null, threads))).toEqual([2048, 1365, undefined]);
  expect(tabMemoryMib(undefined, 4, 4)).toBe(1024);
});
