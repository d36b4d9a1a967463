import { describe, expect, it } from "vitest";
import { packDenseModel } from "./dense-model.ts";
import { createPlainRuntime } from "./plain-runtime.ts";

describe("the plain runtime", () => {
  it("computes a network small enough to do in the head", async () => {
    const bundle = packDenseModel([
      { kernel: Float32Array.from([1, -1, 2, 1]), bias: Float32Array.from([0, -2]), activation: "relu" },
      { kernel: Float32Array.from([1, 10, 100, 1000]), bias: Float32Array.from([0.5, 0]), activation: "linear" },
    ]);
    const model = await createPlainRuntime().load(bundle);
    // [1, 1] -> relu [3, -2] = [3, 0] -> [3.5, 30]; [0, 4] -> relu [8, 2] -> [208.5, 2080]
    expect([...(await model.run(Float32Array.from([1, 1, 0, 4]), 2))]).toEqual([3.5, 30, 208.5, 2080]);
  });

  it("softmax survives outputs that would overflow", async () => {
    const bundle = packDenseModel([
      { kernel: Float32Array.from([1000, 0]), bias: new Float32Array(2), activation: "softmax" },
    ]);
    const model = await createPlainRuntime().load(bundle);
    expect([...(await model.run(Float32Array.from([1, 0]), 2))]).toEqual([1, 0, 0.5, 0.5]);
  });
});
