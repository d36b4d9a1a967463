import { describe, expect, test } from "vitest";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { rowsOfBatch } from "../../../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame, encodeFrame } from "../../../../shared/protocol/frame.ts";
import { gatherRows } from "./query-rows.ts";
import { partedRows } from "./wire-parts.ts";

const ROWS = 5;
const input = (name: string, size: number, dtype: ModelInput["dtype"]): ModelInput => ({ name, shape: [size], dtype });
const TEXT = [input("ids", 4, "int64"), input("mask", 4, "int64"), input("types", 4, "bool")];
const WITH_PICTURE = [input("ids", 2, "int64"), input("pixels", 3, "float32"), input("step", 1, "int32")];

/** What a tab makes of a batch, and the numbers that the coordinator computes with. */
function both(values: Float32Array | Uint8Array | Uint16Array, inputs: readonly ModelInput[], scale: number) {
  const inputSize = values.length / ROWS;
  const { tensors, parts } = partedRows(values, ROWS, inputs, scale);
  const frame = encodeFrame(tensors);
  const there = rowsOfBatch(decodeFrame(frame), { parts: [...parts], rowCount: ROWS, inputSize });
  const source = { values, inputSize, scale, inputs };
  const here = gatherRows(
    source,
    Uint32Array.from({ length: ROWS }, (_, i) => i),
  );
  return { there, here, forms: Object.values(tensors).map(({ dtype, shape }) => `${dtype} ${shape[1]}`), parts };
}

describe("[PR87] rows with whole numbers in them", () => {
  test("are the same numbers in the tab, each input as small as it is", () => {
    const words = Float32Array.from({ length: ROWS * 12 }, (_, i) => (i % 12 < 4 ? 29_000 + i : i % 2));
    const text = both(words, TEXT, 1);
    expect(text.there).toEqual(text.here);
    expect(text.there).toEqual(words);
    expect(text.forms).toEqual(["U16 4", "U8 8"]);
    expect(both(Uint16Array.from(words), TEXT, 1)).toMatchObject({ forms: text.forms, there: text.here });
    const few = both(
      Uint8Array.from(words, (value) => value % 200),
      TEXT,
      1,
    );
    expect([few.forms, few.there]).toEqual([["U8 12"], few.here]);
  });

  test("are scaled where they are floats, and nowhere else", () => {
    const pixels = Float32Array.from({ length: ROWS * 6 }, (_, i) =>
      i % 6 === 0 ? 70_000 + i : i % 6 === 5 ? -i : i * 3,
    );
    const bytes = both(pixels, WITH_PICTURE, 1 / 255);
    expect(bytes.there).toEqual(bytes.here);
    expect(bytes.forms).toEqual(["F32 2", "U8 3", "F32 1"]);
    expect(bytes.parts).toEqual([{ size: 2 }, { size: 3, scale: 1 / 255 }, { size: 1 }]);
    expect(bytes.there[1 * 6]).toBe(70_006);
    const floats = both(
      pixels.map((value, i) => (i % 6 === 2 ? value + 0.25 : value)),
      WITH_PICTURE,
      1 / 255,
    );
    expect(floats.forms).toEqual(["F32 2", "F32 3", "F32 1"]);
    expect(floats.there).toEqual(floats.here);
  });

  test("keep the sign of zero, and fit a frame however many inputs there are", () => {
    const zeros = both(new Float32Array(ROWS * 12).fill(-0), TEXT, 1);
    expect([zeros.forms, Object.is(zeros.there[0], -0)]).toEqual([["F32 12"], true]);
    const many = Array.from({ length: 200 }, (_, i) => input(`x${i}`, 1, "int64"));
    const mixed = both(
      Float32Array.from({ length: ROWS * 200 }, (_, i) => (i % 2) * 1_000),
      many,
      1,
    );
    expect(mixed.forms).toEqual(["F32 200"]);
    expect(mixed.there).toEqual(mixed.here);
  });

  test("are refused by a tab where parts, shapes or dtypes are others", () => {
    const batch = { rowCount: 2, inputSize: 3, parts: [{ size: 2 }, { size: 1 }] };
    const part = (dtype: "U8" | "U16", size: number) =>
      ({
        dtype,
        shape: [2, size],
        data: dtype === "U8" ? new Uint8Array(2 * size) : new Uint16Array(2 * size),
      }) as never;
    expect(rowsOfBatch({ part_0: part("U16", 2), part_1: part("U8", 1) }, batch)).toEqual(new Float32Array(6));
    expect(() => rowsOfBatch({ part_0: part("U16", 2) }, batch)).toThrow(
      /a tensor "part_1" F32, U8, U16 \[2,1\], got none/,
    );
    expect(() => rowsOfBatch({ part_0: part("U16", 1), part_1: part("U8", 1) }, batch)).toThrow(/got U16 \[2,1\]/);
    const halves = { dtype: "F16", shape: [2, 2], data: new Uint16Array(4) } as const;
    expect(() => rowsOfBatch({ part_0: halves, part_1: part("U8", 1) }, batch)).toThrow(/got F16 \[2,2\]/);
    expect(() => rowsOfBatch({}, { ...batch, parts: [{ size: 2 }] })).toThrow(/parts of 3 numbers together, got 2/);
  });
});
