import { expect, test } from "vitest";
import { asBytes } from "./as-bytes.ts";

test("buffers at any depth become bytes, all else stays", () => {
  const view = Uint8Array.of(7);
  const message = {
    nonce: Uint8Array.of(1, 2).buffer,
    input: { frame: new ArrayBuffer(3), list: [new ArrayBuffer(1), "x", null] },
    view,
  };
  const seen = asBytes(message) as {
    nonce: Uint8Array;
    input: { frame: Uint8Array; list: unknown[] };
    view: Uint8Array;
  };
  expect(seen.nonce).toEqual(Uint8Array.of(1, 2));
  expect(seen.input.frame).toHaveLength(3);
  expect(seen.input.list).toEqual([new Uint8Array(1), "x", null]);
  expect(seen.view).toBe(view);
  expect(asBytes("text")).toBe("text");
});
