import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import { batchAssignmentSchema } from "../../../../shared/kinds/inference/batch.ts";
import { rowsOfBatch } from "../../../../shared/kinds/inference/batch-rows.ts";
import { decodeFrame, encodeFrame } from "../../../../shared/protocol/frame.ts";
import { gatherRows } from "./query-rows.ts";
import { partedRows } from "./wire-parts.ts";

const ROWS = 5;
const input = (name: string, size: number, dtype: ModelInput["dtype"]): ModelInput => ({ name, shape: [size], dtype });
const TEXT = [input("ids", 4, "int64"), input("mask", 4, "int64"), input("types", 4, "bool")];
const WITH_PICTURE = [input("ids", 2, "int64"), input("pixels", 3, "float32"), input("step", 1, "int32")];

/** What a tab makes of a batch, and the numbers that the coordinator computes with. */
function both(
  values: Float32Array | Uint8Array | Uint16Array,
  inputs: readonly ModelInput[],
  scale: number,
  rowCount = ROWS,
) {
  const inputSize = values.length / rowCount;
  const { tensors, parts } = partedRows(values, rowCount, inputs, scale);
  const frame = encodeFrame(tensors);
  const message = batchAssignmentSchema.shape.parts.parse(JSON.parse(JSON.stringify(parts)));
  const there = rowsOfBatch(decodeFrame(frame), { parts: message, rowCount, inputSize });
  const source = { values, inputSize, scale, inputs };
  const here = gatherRows(
    source,
    Uint32Array.from({ length: rowCount }, (_, i) => i),
  );
  return {
    there,
    here,
    bytes: frame.length,
    forms: Object.values(tensors).map(({ dtype, shape }) => `${dtype} ${shape[1] ?? "packed"}`),
    parts,
  };
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
    expect(bytes.forms).toEqual(["U8 packed", "U8 3", "F32 1"]);
    expect(bytes.parts).toEqual([{ size: 2, bits: 24 }, { size: 3, scale: 1 / 255 }, { size: 1 }]);
    expect(bytes.there[1 * 6]).toBe(70_006);
    const floats = both(
      pixels.map((value, i) => (i % 6 === 2 ? value + 0.25 : value)),
      WITH_PICTURE,
      1 / 255,
    );
    expect(floats.forms).toEqual(["U8 packed", "F32 3", "F32 1"]);
    expect(floats.there).toEqual(floats.here);
  });

  test("have as many bits as the places of their table take, however many words there are", () => {
    const vocabulary = (below: number): ModelInput => ({ ...input("ids", 12, "int64"), below });
    const words = Float32Array.from({ length: ROWS * 12 }, (_, i) => 29_000 + i);
    const of = (below: number, changed: Float32Array) => both(changed, [vocabulary(below)], 1);
    const many = of(
      250_002,
      words.map((word) => word + 200_000),
    );
    expect([many.parts, many.there]).toEqual([[{ size: 12, bits: 18 }], many.here]);
    expect(of(30_522, words).parts).toEqual([{ size: 12, bits: 15 }]);
    expect(of(65_536, words).parts).toEqual([{ size: 12 }]);
    // A batch of small numbers alone, and one with a place from the table's end.
    expect(
      of(
        30_522,
        words.map((_, i) => i),
      ).parts,
    ).toEqual([{ size: 12 }]);
    expect(
      of(
        30_522,
        words.map((_, i) => i - 1),
      ).forms,
    ).toEqual(["F32 12"]);
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

  test("travel as their words alone, where mask and types follow from them: at most 1.15 times two bytes a word", () => {
    const [rowCount, length] = [20, 64];
    const inputs = ["ids", "mask", "types"].map((name) => input(name, length, "int64"));
    for (const shortest of [length, 32]) {
      const rows = new Float32Array(rowCount * 3 * length);
      const wordsOf = (row: number) => shortest + ((row * 7) % (length - shortest + 1));
      let words = 0;
      for (let row = 0; row < rowCount; row++) {
        for (let i = 0; i < wordsOf(row); i++) {
          rows[row * 3 * length + i] = 1_000 + ((row * 31 + i * 17) % 29_000);
          rows[row * 3 * length + length + i] = 1;
          words++;
        }
      }
      const text = both(rows, inputs, 1, rowCount);
      expect(text.there).toEqual(rows);
      expect(text.bytes).toBeLessThanOrEqual(1.15 * 2 * words);
      expect(text.parts).toEqual(
        shortest === length
          ? [{ size: 64 }, { size: 64, same: 1 }, { size: 64, same: 0 }]
          : [
              { size: 64, after: 0 },
              { size: 64, upTo: 0 },
              { size: 64, same: 0 },
            ],
      );
    }
  });

  test("are the same numbers whatever they are: of one number, with ends, with masks, with zeros of either sign", () => {
    const number = fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 7, 300, 70_000, -1, 0.5, -0);
    const dtype = fc.constantFrom<ModelInput["dtype"]>("int64", "float32", "bool");
    const drawn = fc.record({
      inputs: fc.array(fc.record({ size: fc.integer({ min: 1, max: 40 }), dtype, ending: number }), {
        minLength: 1,
        maxLength: 5,
      }),
      rowCount: fc.integer({ min: 1, max: 6 }),
      numbers: fc.array(number, { minLength: 1, maxLength: 30 }),
      ends: fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }),
      scale: fc.constantFrom(1, 1 / 255, 1e-30),
    });
    const forms = new Set<string>();
    fc.assert(
      fc.property(drawn, ({ inputs, rowCount, numbers, ends, scale }) => {
        const values: number[] = [];
        for (let row = 0; row < rowCount; row++) {
          for (const [place, { size, dtype, ending }] of inputs.entries()) {
            const end = ends[row % ends.length]!;
            for (let i = 0; i < size; i++) {
              const own = dtype === "bool" ? 1 : numbers[(row * 5 + place * 3 + i) % numbers.length]!;
              values.push(i < end ? own : dtype === "bool" ? 0 : ending);
            }
          }
        }
        const made = inputs.map(({ size, dtype }, i) => input(`x${i}`, size, dtype));
        const { there, here, parts } = both(Float32Array.from(values), made, scale, rowCount);
        for (const part of parts) forms.add(Object.keys(part).join());
        expect([...there].every((value, i) => Object.is(value, here[i]))).toBe(true);
      }),
      { numRuns: 400 },
    );
    for (const form of ["size", "size,same", "size,after", "size,upTo", "size,scale"])
      expect([...forms]).toContain(form);
  });

  test("are refused by a tab where ends reach too far, are of no part, or are not there", () => {
    const ended = {
      rowCount: 2,
      inputSize: 6,
      parts: [
        { size: 3, after: 0 },
        { size: 3, upTo: 0 },
      ],
    };
    const part = { dtype: "U8", shape: [3], data: Uint8Array.of(7, 8, 9) } as const;
    const ends = (...data: number[]) => ({ dtype: "U16", shape: [2], data: Uint16Array.from(data) }) as const;
    expect([...rowsOfBatch({ part_0: part, ends_0: ends(1, 2) }, ended)]).toEqual([7, 0, 0, 1, 0, 0, 8, 9, 0, 1, 1, 0]);
    expect(() => rowsOfBatch({ part_0: part, ends_0: ends(0, 4) }, ended)).toThrow(/ends of at most 3/);
    expect(() => rowsOfBatch({ part_0: part, ends_0: ends(1, 1) }, ended)).toThrow(
      /"part_0" F32, U8, U16 \[2\], got U8 \[3\]/,
    );
    expect(() => rowsOfBatch({ part_0: part }, ended)).toThrow(/"ends_0" U8, U16 \[2\], got none/);
    const ofNone = { rowCount: 2, inputSize: 3, parts: [{ size: 3, upTo: 4 }] };
    expect(() => rowsOfBatch({}, ofNone)).toThrow(/a part 4 whose rows end, got none/);
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
