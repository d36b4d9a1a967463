import { expect, test } from "vitest";
import { inMemory } from "../../../shared/compute/byte-space.ts";
import { packBundle, unpackModel } from "../../../shared/compute/model-bundle.ts";
import { weightsApart } from "./weights-apart.ts";

test("[VF12] matrices of float32 lie one unit apart, each number its own way; all else stays", () => {
  const matrix = Float32Array.from({ length: 100 }, (_, i) => (i % 5 === 0 ? 0 : (i - 50) * 0.37));
  matrix[7] = Number.NEGATIVE_INFINITY;
  matrix[8] = 3.4028234663852886e38;
  const few = Float32Array.of(2, 3);
  const bytes = Uint8Array.from({ length: 101 }, (_, i) => i);
  const weightSpecs = [
    { name: "bytes", shape: [101], dtype: "uint8" },
    { name: "matrix", shape: [10, 10], dtype: "float32" },
    { name: "exponents", shape: [2], dtype: "float32" },
  ];
  const data = [bytes, new Uint8Array(matrix.buffer), new Uint8Array(few.buffer)];
  const bundle = inMemory(packBundle({ format: "onnx", modelTopology: {}, weightSpecs }, data));
  const before = bundle.slice();
  const apart = weightsApart({ sha256: "a", bundle, jobId: "j" }, 7);
  expect(bundle).toEqual(before);
  expect([apart.jobId, apart.sha256 === "a"]).toEqual(["j", false]);
  const { weightData } = unpackModel(apart.bundle);
  expect([...weightData.subarray(0, 101)]).toEqual([...bytes]);
  const after = new Float32Array(weightData.slice(101, 501).buffer);
  expect([...new Float32Array(weightData.slice(501).buffer)]).toEqual([2, 3]);
  let up = 0;
  for (const [i, value] of matrix.entries()) {
    if (value === 0 || !Number.isFinite(value)) {
      expect(after[i]).toBe(value);
      continue;
    }
    const share = Math.abs(after[i]! / value - 1);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThanOrEqual(2 ** -23);
    if (Math.abs(after[i]!) > Math.abs(value)) up++;
  }
  // About half of them; the largest number there is goes down alone.
  expect(up).toBeGreaterThan(20);
  expect(up).toBeLessThan(60);
  expect(after[8]).toBeLessThan(matrix[8]!);
});

test("[VF15] as half precision rounds each weight is off by one part in 2048, and that is another model than one unit apart", () => {
  const matrix = Float32Array.from({ length: 100 }, (_, i) => (i === 3 ? 0 : 1 + i));
  const weightSpecs = [{ name: "matrix", shape: [10, 10], dtype: "float32" }];
  const bundle = inMemory(
    packBundle({ format: "onnx", modelTopology: {}, weightSpecs }, [new Uint8Array(matrix.buffer)]),
  );
  const reference = { sha256: "a", bundle, jobId: "j" };
  const apart = weightsApart(reference, 7, "float16");
  expect(apart.sha256).not.toBe(weightsApart(reference, 7).sha256);
  const after = new Float32Array(unpackModel(apart.bundle).weightData.slice().buffer);
  expect(after[3]).toBe(0);
  for (const [i, value] of matrix.entries()) {
    if (value !== 0) expect(Math.abs(after[i]! / value - 1)).toBeCloseTo(2 ** -11, 6);
  }
  expect(new Set(after.map((value, i) => Math.sign(value - matrix[i]!)))).toEqual(new Set([-1, 0, 1]));
});
