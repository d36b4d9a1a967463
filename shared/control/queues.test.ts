/** Heap and queue against the obvious list. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap, NOT_IN_HEAP } from "./heap.ts";
import { ItemQueue } from "./item-queue.ts";

const STEPS = fc.array(fc.tuple(fc.constantFrom("put", "delete", "back"), fc.nat({ max: 15 }), fc.nat({ max: 9 })), {
  maxLength: 60,
});

test("a heap's first entry has the least key, whatever was put, moved and taken out, seed 20363", () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      const entries = Array.from({ length: 16 }, () => ({ key: 0, at: NOT_IN_HEAP }));
      const heap = new Heap<{ key: number; at: number }, "at">("at", ({ key }) => key);
      const inside = new Set<{ key: number; at: number }>();
      for (const [kind, index, key] of steps) {
        const entry = entries[index]!;
        if (kind === "delete") {
          heap.delete(entry);
          inside.delete(entry);
          expect(entry.at).toBe(NOT_IN_HEAP);
        } else {
          entry.key = key;
          heap.put(entry);
          inside.add(entry);
        }
        expect(heap.size).toBe(inside.size);
        if (inside.size > 0) expect(heap.first!.key).toBe(Math.min(...[...inside].map((one) => one.key)));
        else expect(heap.first).toBe(null);
      }
    }),
    { seed: 20_363, numRuns: 300 },
  );
});

test("a queue keeps the order in which items came, each once, seed 20364", () => {
  fc.assert(
    fc.property(STEPS, (steps) => {
      const queue = new ItemQueue<number>();
      let list: number[] = [];
      for (const [kind, item, value] of steps) {
        const isThere = list.includes(item);
        if (kind === "put") {
          expect(queue.push(item, value)).toBe(!isThere);
          if (!isThere) list.push(item);
        } else if (kind === "delete") {
          expect(queue.delete(item)).toBe(isThere);
          list = list.filter((one) => one !== item);
        } else {
          queue.toBack(item);
          if (isThere) list = [...list.filter((one) => one !== item), item];
        }
        expect([queue.first, queue.size]).toEqual([list[0] ?? null, list.length]);
        expect([...queue.values()]).toEqual(list.map((one) => queue.valueOf(one)));
      }
    }),
    { seed: 20_364, numRuns: 300 },
  );
});
