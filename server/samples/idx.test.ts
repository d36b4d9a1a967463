import { describe, expect, it } from "vitest";
import { IdxError, readIdx } from "./idx.ts";

const good = Uint8Array.from([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);

describe("readIdx", () => {
  it("reads shape and data, wherever in a buffer they lie", () => {
    const within = Uint8Array.from([9, 9, 9, ...good, 9]).subarray(3, 3 + good.length);
    for (const file of [good, within]) {
      const array = readIdx(file, "file");
      expect(array.shape).toEqual([2, 3]);
      expect([...array.data]).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  const cases: [string, Uint8Array, RegExp][] = [
    ["an empty file", new Uint8Array(), /file: expected an IDX header of 4 bytes, got 0 bytes/],
    ["gzip", Uint8Array.from([0x1f, 0x8b, 8, 0]), /two zero bytes, got 31, 139/],
    ["float data", Uint8Array.from([0, 0, 13, 1, 0, 0, 0, 0]), /type 8 \(unsigned bytes\), got type 13/],
    ["no dimensions", Uint8Array.from([0, 0, 8, 0]), /at least one dimension, got 0/],
    ["half a header", good.subarray(0, 9), /a header of 12 bytes, got 9 bytes/],
    ["too little data", good.subarray(0, 17), /2 x 3 = 6 bytes of data, got 5/],
    ["too much data", Uint8Array.from([...good, 7]), /2 x 3 = 6 bytes of data, got 7/],
  ];
  for (const [what, file, message] of cases) {
    it(`refuses ${what}`, () => {
      expect(() => readIdx(file, "file")).toThrow(IdxError);
      expect(() => readIdx(file, "file")).toThrow(message);
    });
  }
});
