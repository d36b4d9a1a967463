import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { UNPACKERS } from "./unpackers.ts";

test("no more is unpacked than the file says comes out", () => {
  const zeros = new Uint8Array(1_000_000);
  expect(UNPACKERS.GZIP!(gzipSync(zeros), zeros.length).length).toBe(zeros.length);
  expect(UNPACKERS.BROTLI!(brotliCompressSync(zeros), zeros.length).length).toBe(zeros.length);
  expect(() => UNPACKERS.GZIP!(gzipSync(zeros), 1_000)).toThrow(RangeError);
  expect(() => UNPACKERS.BROTLI!(brotliCompressSync(zeros), 1_000)).toThrow(RangeError);
});
