import { expect, test } from "vitest";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { queryValues } from "./query-values.ts";

const of = (dtype: NpyArray["dtype"], data: NpyArray["data"]) =>
  queryValues({ dtype, shape: [data.length], data } as NpyArray);

test("bytes stay bytes, everything else is float32", () => {
  const bytes = Uint8Array.of(1, 255);
  expect(of("U8", bytes)).toBe(bytes);
  expect(of("F64", Float64Array.of(0.1))).toEqual(Float32Array.of(0.1));
  expect(of("I32", Int32Array.of(-3, 2 ** 24))).toEqual(Float32Array.of(-3, 2 ** 24));
  expect(of("I64", BigInt64Array.of(-3n, 7n))).toEqual(Float32Array.of(-3, 7));
  // By their words: around the signs of both halves, and what float32 holds beyond 2^53.
  const longs = [0n, -1n, 2n ** 24n, -(2n ** 24n), 2n ** 31n, 2n ** 32n, -(2n ** 32n), -(2n ** 63n), 2n ** 62n];
  expect(of("I64", BigInt64Array.from(longs))).toEqual(Float32Array.from(longs, Number));
  expect(of("U16", Uint16Array.of(65_535))).toEqual(Float32Array.of(65_535));
});

test("a whole number that float32 would round is refused with its place", () => {
  expect(of("I32", Int32Array.of(0, 2 ** 24 + 1))).toMatch(/got 16777217 of dtype I32 at 1$/);
  expect(of("I64", BigInt64Array.of(-(2n ** 32n) - 1n))).toMatch(/got -4294967297 of dtype I64 at 0$/);
  expect(of("I64", BigInt64Array.of(2n ** 62n + 1n))).toMatch(/got 4611686018427387905 of dtype I64 at 0$/);
  expect(of("I64", BigInt64Array.of(2n ** 53n + 1n))).toMatch(/got 9007199254740993 of dtype I64 at 0$/);
});
