import { expect, test } from "vitest";
import { parseNpy } from "../protocol/npy.ts";
import { asNpy } from "./as-npy.ts";

const parsed = (npy: Blob | Uint8Array) => parseNpy(npy as Uint8Array);

test("rows become float32, labels int32, an array with a shape stays what it is", () => {
  expect(parsed(asNpy([[1, 2, 3], Float32Array.of(4, 5, 6)]))).toEqual({
    dtype: "F32",
    shape: [2, 3],
    data: Float32Array.of(1, 2, 3, 4, 5, 6),
  });
  expect(parsed(asNpy([7, 0, -1]))).toEqual({ dtype: "I32", shape: [3], data: Int32Array.of(7, 0, -1) });
  const pixels = { dtype: "U8", shape: [1, 2, 2], data: Uint8Array.of(0, 255, 3, 4) } as const;
  expect(parsed(asNpy(pixels))).toEqual(pixels);
});

test("the bytes of a file stay the same bytes", () => {
  const file = Uint8Array.of(1, 2, 3);
  expect(asNpy(file)).toBe(file);
});

test("ragged rows and broken labels are refused, by position", () => {
  expect(() => asNpy([[1, 2], [3]])).toThrow("rows: expected 2 numbers in each, as in the first, got 1 in row 1");
  expect(() => asNpy([1, 2.5])).toThrow("labels: expected whole numbers, got 2.5 at index 1");
});
