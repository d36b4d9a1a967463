import { expect, test } from "vitest";
import { tabMemoryMib, threadsUnasked } from "./tab-memory.ts";

const memoryMib = (deviceGib: number | undefined, wantedGib: number | null, threads: number) =>
  tabMemoryMib({ deviceGib, wantedGib }, threads);

test("[PR102] a browser that tells of much memory gives a model more than any tab has; one that tells of little, or nothing, is as any", () => {
  expect([undefined, 0.25, 1, 2].map((gib) => memoryMib(gib, null, 1))).toEqual(Array(4).fill(undefined));
  expect([4, 8, 32].map((gib) => memoryMib(gib, null, 1))).toEqual([2048, 4096, 4096]);
});

test("[PR102] what the volunteer says counts, up to what WebAssembly can address", () => {
  expect([0.5, 3, 64].map((wanted) => memoryMib(undefined, wanted, 1))).toEqual([512, 3072, 4096]);
  expect(memoryMib(8, 0.5, 1)).toBe(512);
});

test("[PR102] the first thread has what the others leave, at least an equal share", () => {
  expect([2, 3, 4, 8].map((threads) => memoryMib(8, null, threads))).toEqual([3584, 3072, 2560, undefined]);
  expect([2, 3].map((threads) => memoryMib(4, null, threads))).toEqual([1536, undefined]);
  expect(memoryMib(undefined, 4, 4)).toBe(2560);
  expect(memoryMib(undefined, 1, 4)).toBe(256);
});

test("where nobody chose there are threads for half of the cores, at most four", () => {
  const of = (cores: number) => threadsUnasked({ cores, deviceGib: 8, wantedGib: null });
  expect([0, 1, 2, 3, 4, 6, 8, 64].map(of)).toEqual([1, 1, 1, 1, 2, 3, 4, 4]);
});

test("where nobody chose there are no more threads than the first one keeps a tab's memory beside", () => {
  const of = (deviceGib: number | undefined) => threadsUnasked({ cores: 16, deviceGib, wantedGib: null });
  expect([undefined, 1, 2, 4, 8].map(of)).toEqual([2, 1, 1, 3, 4]);
});

test("who says how much one model may take has one thread, which has all of it", () => {
  expect(threadsUnasked({ cores: 16, deviceGib: 8, wantedGib: 4 })).toBe(1);
});
