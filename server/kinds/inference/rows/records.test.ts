import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANSWER_MARKS } from "../../../../shared/kinds/inference/answers.ts";
import {
  DEVICE_CLASSES,
  decodeAppend,
  encodeAppend,
  type FinalAppend,
  NO_AUTHOR,
  type RowsAppend,
  type RowsOnRecord,
} from "./records.ts";

const row = fc.record({
  place: fc.nat(2 ** 32 - 1),
  attempt: fc.oneof(fc.constant(0), fc.nat(0xffff)),
  author: fc.oneof(fc.constant(NO_AUTHOR), fc.nat(2), fc.nat(0xffff)),
  partner: fc.oneof(fc.constant(NO_AUTHOR), fc.nat(0xffff)),
  mark: fc.nat(ANSWER_MARKS.length - 1),
  device: fc.nat(DEVICE_CLASSES.length - 1),
});
const anyText = fc.string({ unit: "grapheme", maxLength: 12 });
const signed = fc.record({ assignmentId: anyText, publicKey: anyText, rowHashes: anyText, signature: anyText });
const taking = fc.record({
  atMs: fc.nat(),
  volunteerId: fc.option(anyText),
  reason: anyText,
  rows: fc.array(fc.nat()),
});

const rowsAppend: fc.Arbitrary<RowsAppend> = fc
  .tuple(fc.array(row, { maxLength: 40 }), fc.nat(5), fc.array(anyText), fc.array(signed))
  .chain(([rows, width, names, signedParts]) => {
    const answered = rows.filter(({ mark }) => ANSWER_MARKS[mark] !== "missing").length;
    const numbers = fc.float32Array({ minLength: answered * width, maxLength: answered * width });
    return fc.record({
      type: fc.constant("rows" as const),
      rows: numbers.map((outputs) => ({
        places: Uint32Array.from(rows, ({ place }) => place),
        attempts: Uint16Array.from(rows, ({ attempt }) => attempt),
        authors: Uint16Array.from(rows, ({ author }) => author),
        partners: Uint16Array.from(rows, ({ partner }) => partner),
        marks: Uint8Array.from(rows, ({ mark }) => mark),
        devices: Uint8Array.from(rows, ({ device }) => device),
        outputs: Float32Array.from(outputs),
      })),
      ...{ names: fc.constant(names), signed: fc.constant(signedParts) },
      takings: fc.array(taking, { maxLength: 2 }),
    });
  });
const finalAppend: fc.Arbitrary<FinalAppend> = fc.record({
  type: fc.constant("final" as const),
  blockId: fc.nat(),
  places: fc.oneof(
    fc.constant("all" as const),
    fc.array(fc.nat(2 ** 32 - 1)).map((places) => Uint32Array.from(places)),
  ),
});
const openedAppend = fc.record({ type: fc.constant("opened" as const), blockId: fc.nat() });
const append: fc.Arbitrary<RowsOnRecord> = fc.oneof({ weight: 4, arbitrary: rowsAppend }, finalAppend, openedAppend);

describe("rows on record", () => {
  it("what is written is read again, to the bit", () => {
    fc.assert(
      fc.property(append, (written) => {
        expect(decodeAppend(encodeAppend(written))).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });

  it("the same rows have the same bytes, wherever their arrays lie", () => {
    fc.assert(
      fc.property(rowsAppend, fc.nat(3), (written, shift) => {
        const room = new Float32Array(written.rows.outputs.length + shift);
        room.set(written.rows.outputs, shift);
        const elsewhere = { ...written, rows: { ...written.rows, outputs: room.subarray(shift) } };
        expect(encodeAppend(elsewhere)).toEqual(encodeAppend(written));
      }),
    );
  });

  it("bytes that are cut off, or too many, are refused", () => {
    fc.assert(
      fc.property(append, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (written, share) => {
        const bytes = encodeAppend(written);
        expect(() => decodeAppend(bytes.subarray(0, Math.floor(share * bytes.length)))).toThrow();
        expect(() => decodeAppend(Uint8Array.of(...bytes, 0))).toThrow(RangeError);
      }),
    );
  });

  it("bytes that nobody wrote end in an error, and in nothing else", () => {
    fc.assert(
      fc.property(append, fc.nat(), fc.nat(255), (written, at, byte) => {
        const bytes = encodeAppend(written).slice();
        bytes[at % bytes.length] = byte;
        try {
          decodeAppend(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });

  it("a part of one volunteer costs its answers, its places and some bytes", () => {
    const n = 1_000;
    const part: RowsAppend = {
      type: "rows",
      rows: {
        places: Uint32Array.from({ length: n }, (_, r) => 7 * r),
        ...{
          attempts: new Uint16Array(n),
          authors: new Uint16Array(n),
          partners: new Uint16Array(n),
          devices: new Uint8Array(n),
        },
        marks: new Uint8Array(n).fill(ANSWER_MARKS.indexOf("audited")),
        outputs: new Float32Array(10 * n),
      },
      ...{ names: [], signed: [], takings: [] },
    };
    expect(encodeAppend(part).length).toBeLessThanOrEqual(n * (4 + 40) + 24);
  });
});
