import { expect, test } from "vitest";
import { FieldError } from "../../field/field-error.ts";
import { simulationRandom } from "../../random/simulation-random.ts";
import { WasmHeap } from "./wasm-heap.ts";

test("2000 allocations and frees in any order never overlap, are aligned, and leave nothing", () => {
  const heap = new WasmHeap();
  const random = simulationRandom(30_110);
  const held: { start: number; end: number }[] = [];
  for (let step = 0; step < 2_000; step++) {
    if (held.length > 0 && random.integer(2) === 0) {
      heap.free(held.splice(random.integer(held.length), 1)[0]!.start);
      continue;
    }
    const length = 1 + random.integer(5_000);
    const start = heap.allocate(length);
    expect(start % 16).toBe(0);
    expect(start).toBeGreaterThan(0);
    expect(start + length).toBeLessThanOrEqual(heap.memory.buffer.byteLength);
    expect(held.some((other) => start < other.end && other.start < start + length)).toBe(false);
    held.push({ start, end: start + length });
  }
  for (const { start } of held) heap.free(start);
  expect(heap.heldBytes).toBe(0);
  expect(heap.allocate(100_000)).toBe(16);
});

test("what was freed is used again: a thousand rounds of the same need no more memory than one", () => {
  const heap = new WasmHeap();
  const round = () => {
    const [first, second] = [heap.allocate(300_000), heap.allocate(50_000)];
    heap.free(first);
    heap.free(second);
  };
  round();
  const before = heap.memory.buffer.byteLength;
  for (let i = 0; i < 1_000; i++) round();
  expect(heap.memory.buffer.byteLength).toBe(before);
});

test("more than 4 GiB, and pointers that are not held, are refused", () => {
  const heap = new WasmHeap();
  expect(() => heap.allocate(2 ** 32)).toThrow(FieldError);
  const pointer = heap.allocate(10);
  heap.free(pointer);
  expect(() => heap.free(pointer)).toThrow(FieldError);
  // A refusal takes nothing.
  expect(heap.heldBytes).toBe(0);
  expect(heap.allocate(1)).toBe(16);
});
