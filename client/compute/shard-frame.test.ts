import { expect, test } from "vitest";
import { FieldError } from "../../shared/field/field-error.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import { encodeFrame, FrameError, type Tensor } from "../../shared/protocol/frame.ts";
import { parseShard } from "./shard-frame.ts";

const matrix = (rows: number, columns: number, ...residues: number[]): Tensor => ({
  dtype: "U32",
  shape: [rows, columns],
  data: Uint32Array.from(residues),
});
const forward = matrix(1, 2, 0, MODULUS - 1);
const backward = matrix(2, 1, 5, 6);

test("a shard is two matrices of residues, as views of its frame", () => {
  const frame = encodeFrame({ forward, backward });
  const shard = parseShard(frame);
  expect(shard.forward).toEqual({ rows: 1, columns: 2, residues: forward.data });
  expect(shard.backward).toEqual({ rows: 2, columns: 1, residues: backward.data });
  expect(shard.forward.residues.buffer).toBe(frame.buffer);
});

test("the shard of a matrix job has no backward matrix", () => {
  const shard = parseShard(encodeFrame({ forward }));
  expect(shard).toEqual({ forward: { rows: 1, columns: 2, residues: forward.data }, backward: null });
});

const floats: Tensor = { dtype: "F32", shape: [1, 2], data: new Float32Array(2) };
const flat: Tensor = { dtype: "U32", shape: [2], data: new Uint32Array(2) };
test.each<[string, Uint8Array, RegExp]>([
  ["no frame", new Uint8Array(8), /JSON/],
  ["a backward matrix alone", encodeFrame({ backward }), /tensor "forward" U32 \[rows,columns\], got none/],
  ["a third tensor", encodeFrame({ forward, backward, key: forward }), /at most 2 tensors, got 3/],
  ["another name", encodeFrame({ forward, sideways: backward }), /"forward" and "backward" alone, got "sideways"/],
  ["floats", encodeFrame({ forward: floats, backward }), /got F32 \[1,2\]/],
  ["a flat tensor", encodeFrame({ forward: flat, backward }), /got U32 \[2\]/],
  ["an empty matrix", encodeFrame({ forward: matrix(0, 2), backward }), /got U32 \[0,2\]/],
])("%s is refused", (_what, frame, message) => {
  expect(() => parseShard(frame)).toThrow(FrameError);
  expect(() => parseShard(frame)).toThrow(message);
});

test("an entry from q on is refused, with its place", () => {
  for (const wrong of [MODULUS, 2 ** 32 - 1]) {
    const parse = () => parseShard(encodeFrame({ forward, backward: matrix(2, 1, 5, wrong) }));
    expect(parse).toThrow(FieldError);
    expect(parse).toThrow(`shard, "backward": expected residues in [0, ${MODULUS}), got ${wrong} at 1`);
  }
});
