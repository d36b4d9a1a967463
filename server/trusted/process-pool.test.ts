import { afterEach, expect, test } from "vitest";
import { onnx } from "../../shared/compute/runtimes/onnx/onnx.ts";
import type { InspectedModel } from "./model-cost.ts";
import { ProcessPool } from "./process-pool.ts";

const MIB = 1024 ** 2;

const model = (sha256: string, weightBytes: number): InspectedModel => ({
  ...{ sha256, bundle: new Uint8Array(), implementation: "first" },
  ...onnx,
  facts: {
    ...{ inputShape: [1], inputs: [{ name: "x", shape: [1], dtype: "float32" }], inputSize: 1, outputSize: 1 },
    ...{ macsPerQuery: 1, weightBytes, activationsPerQuery: 2, numbersPerRun: 0 },
  },
});

let pool: ProcessPool;
afterEach(() => pool.close());

test("[VF19] of large models as many run together as the machine has room for, one always, and what rests gives way; small ones do not wait", () => {
  pool = new ProcessPool({ checks: 3, largeBytesMax: 3_000 * MIB });
  const [first, second] = new Set(pool.idle("check", () => 1e9));
  const [large, other, small] = [model("a", 400 * MIB), model("b", 400 * MIB), model("c", 1_000)];
  expect(pool.hasRoomFor(large, first!)).toBe(true);
  pool.take(first!, false, large);
  expect([pool.hasRoomFor(other, second!), pool.hasRoomFor(small, second!)]).toEqual([false, true]);
  pool.giveBack(first!);
  // Its model may be asked for again: it rests, and counts until its room is wanted.
  expect(pool.size).toBe(1);
  expect(pool.hasRoomFor(other, second!)).toBe(true);
  expect(pool.size).toBe(0);
  pool.take(second!, false, other);
  expect([pool.hasRoomFor(large, first!), pool.hasRoomFor(other, second!)]).toEqual([false, true]);
});

test("[VF19] a model that is larger than all that large ones may take runs alone", () => {
  pool = new ProcessPool({ checks: 2, largeBytesMax: 1 });
  const [first, second] = new Set(pool.idle("check", () => 1e9));
  const large = model("a", 400 * MIB);
  expect(pool.hasRoomFor(large, first!)).toBe(true);
  pool.take(first!, false, large);
  expect(pool.hasRoomFor(large, second!)).toBe(false);
});
