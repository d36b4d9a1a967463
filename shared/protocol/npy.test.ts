import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeNpy, NpyError, parseNpy } from "./npy.ts";

const SEED = 20260102;
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** A file by hand, so that the parser is not tested with its own encoder alone. */
function npy(dict: string, data: ArrayBufferView | number[] = [], version = 1): Uint8Array {
  const prefix = version === 1 ? 10 : 12;
  const header = `${dict.padEnd(Math.ceil((prefix + dict.length + 1) / 64) * 64 - prefix - 1)}\n`;
  const lengths =
    version === 1 ? [header.length & 255, header.length >> 8] : [header.length & 255, header.length >> 8, 0, 0];
  const body = Array.isArray(data) ? data : [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
  return Uint8Array.from([...MAGIC, version, 0, ...lengths, ...Buffer.from(header, "latin1"), ...body]);
}
const dict = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

describe(".npy", () => {
  it("[PR3] reads the seven dtypes, and true and false as bytes", () => {
    expect(parseNpy(npy(dict("<f4", "(1, 2)"), Float32Array.of(1, -2)))).toEqual({
      dtype: "F32",
      shape: [1, 2],
      data: Float32Array.of(1, -2),
    });
    expect(parseNpy(npy(dict("<f8", "(1,)"), Float64Array.of(0.1))).data).toEqual(Float64Array.of(0.1));
    expect(parseNpy(npy(dict("|u1", "(2,)"), Uint8Array.of(7, 255))).data).toEqual(Uint8Array.of(7, 255));
    expect(parseNpy(npy(dict("|b1", "(2,)"), Uint8Array.of(1, 0)))).toMatchObject({
      dtype: "U8",
      data: Uint8Array.of(1, 0),
    });
    expect(parseNpy(npy(dict("<u2", "(2,)"), Uint16Array.of(999, 65_535))).data).toEqual(Uint16Array.of(999, 65_535));
    expect(parseNpy(npy(dict("<u4", "(1,)"), Uint32Array.of(2 ** 32 - 1))).data).toEqual(Uint32Array.of(2 ** 32 - 1));
    expect(parseNpy(npy(dict("<i4", "(1,)"), Int32Array.of(-5))).data).toEqual(Int32Array.of(-5));
    expect(parseNpy(npy(dict("<i8", "(1,)"), BigInt64Array.of(-5n))).data).toEqual(BigInt64Array.of(-5n));
  });

  it("[PR3] reads versions 1, 2 and 3, a scalar, an empty array, and keys in any order", () => {
    for (const version of [1, 2, 3]) {
      expect(parseNpy(npy(dict("<f4", "(2,)"), Float32Array.of(1, 2), version)).data).toEqual(Float32Array.of(1, 2));
    }
    expect(parseNpy(npy(dict("<f4", "()"), Float32Array.of(3)))).toEqual({
      dtype: "F32",
      shape: [],
      data: Float32Array.of(3),
    });
    expect(parseNpy(npy(dict("<f4", "(0, 784)"))).shape).toEqual([0, 784]);
    expect(parseNpy(npy("{'shape': (1,), 'fortran_order': False, 'descr': '|u1'}", [4])).data).toEqual(
      Uint8Array.of(4),
    );
  });

  it("[PR3] what was encoded parses to the same array, at any byte offset", () => {
    const arrays = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const exactly = { minLength: length, maxLength: length };
      return fc.oneof(
        fc.float32Array(exactly).map((data) => ({ dtype: "F32" as const, shape, data })),
        fc.float64Array(exactly).map((data) => ({ dtype: "F64" as const, shape, data })),
        fc.uint16Array(exactly).map((data) => ({ dtype: "U16" as const, shape, data })),
        fc.bigInt64Array(exactly).map((data) => ({ dtype: "I64" as const, shape, data })),
        fc.uint8Array(exactly).map((data) => ({ dtype: "U8" as const, shape, data })),
        fc.int32Array(exactly).map((data) => ({ dtype: "I32" as const, shape, data })),
        fc.uint32Array(exactly).map((data) => ({ dtype: "U32" as const, shape, data })),
      );
    });
    fc.assert(
      fc.property(arrays, fc.integer({ min: 0, max: 9 }), (array, offset) => {
        const file = encodeNpy(array);
        expect((file.length - array.data.byteLength) % 64).toBe(0);
        const shifted = new Uint8Array(file.length + offset);
        shifted.set(file, offset);
        expect(parseNpy(shifted.subarray(offset))).toEqual(array);
      }),
      { seed: SEED },
    );
  });

  it("[PR3] no bytes make the parser throw anything but an NpyError", () => {
    const file = encodeNpy({ dtype: "F32", shape: [2, 3], data: new Float32Array(6) });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), (edits) => {
        const damaged = Uint8Array.from(file);
        for (const [at, value] of edits) damaged[at] = value;
        try {
          parseNpy(damaged);
        } catch (error) {
          if (!(error instanceof NpyError)) throw error;
          refused++;
        }
      }),
      { seed: SEED, numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it("[PR3] reads big-endian arrays, and leaves the bytes of the file as they are", () => {
    const file = npy(dict(">f4", "(2,)"), [0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0]);
    const before = file.slice();
    expect(parseNpy(file)).toEqual({ dtype: "F32", shape: [2], data: Float32Array.of(1, -2) });
    expect(file).toEqual(before);
    expect(parseNpy(npy(dict(">i4", "(2,)"), [0, 0, 1, 2, 255, 255, 255, 251])).data).toEqual(Int32Array.of(258, -5));
    expect(parseNpy(npy(dict(">i8", "(1,)"), [0, 0, 0, 0, 0, 0, 0, 9])).data).toEqual(BigInt64Array.of(9n));
    expect(parseNpy(npy(dict(">u2", "(1,)"), [1, 2])).data).toEqual(Uint16Array.of(258));
    expect(parseNpy(npy(dict(">f8", "(0, 3)"))).shape).toEqual([0, 3]);
  });

  it("[PR3] reads Fortran order of any rank as the same array in C order, whatever the byte order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
        fc.boolean(),
        fc.constantFrom(["u2", 2] as const, ["i4", 4] as const),
        (shape, isBig, [name, width]) => {
          const size = shape.reduce((product, n) => product * n, 1);
          const body = new DataView(new ArrayBuffer(size * width));
          // Element (i, j, ...) holds its place in C order; the file holds it in column-major order.
          for (let at = 0; at < size; at++) {
            let [rest, place, stride] = [at, 0, 1];
            const index = shape.map(() => 0);
            for (let axis = shape.length - 1; axis >= 0; axis--) {
              index[axis] = rest % shape[axis]!;
              rest = Math.floor(rest / shape[axis]!);
            }
            for (let axis = 0; axis < shape.length; axis++) {
              place += index[axis]! * stride;
              stride *= shape[axis]!;
            }
            if (width === 2) body.setUint16(2 * place, at, !isBig);
            else body.setInt32(4 * place, at, !isBig);
          }
          const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
          const file = npy(dict(`${isBig ? ">" : "<"}${name}`, tuple, "True"), body);
          const { shape: got, data } = parseNpy(file);
          expect(got).toEqual(shape);
          expect(Array.from(data, Number)).toEqual(Array.from({ length: size }, (_, at) => at));
        },
      ),
      { seed: SEED },
    );
  });

  const hostile: [string, Uint8Array, RegExp][] = [
    ["other bytes", Uint8Array.from(Buffer.from("PK\x03\x04 a zip file")), /begins with/],
    ["nothing", new Uint8Array(), /begins with/],
    ["version 4", npy(dict("<f4", "(1,)"), new Float32Array(1), 4), /version 1, 2 or 3, got 4/],
    ["a header beyond the limit", Uint8Array.from([...MAGIC, 2, 0, 255, 255, 255, 255]), /at most 10000 bytes/],
    ["a header that is not there", Uint8Array.from([...MAGIC, 1, 0, 100, 0]), /header of 100 bytes, got 0/],
    ["another order", npy(dict("<f4", "(1, 1)", "'maybe'"), new Float32Array(1)), /fortran_order True or False/],
    ["big-endian half floats", npy(dict(">f2", "(1,)"), [0, 0]), /got >f2/],
    ["Python objects", npy(dict("|O", "(1,)"), new Float32Array(2)), /got Python objects/],
    ["half floats", npy(dict("<f2", "(1,)"), [0, 0]), /got <f2/],
    ["a structured array", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), /structured/],
    ["a dtype named __proto__", npy(dict("__proto__", "(1,)")), /got __proto__/],
    ["a key twice", npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}"), /expected a header/],
    ["a missing key", npy("{'descr': '<f4', 'shape': ()}"), /expected a header/],
    ["an expression", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2**30,), }"), /expected a shape/],
    ["a negative size", npy(dict("<f4", "(-1,)")), /expected a shape/],
    ["a number as shape", npy(dict("<f4", "(5)"), new Float32Array(5)), /expected a shape/],
    ["a shape that wraps", npy(dict("|u1", "(4294967296, 4294967296)")), /smaller shape/],
    ["nine dimensions", npy(dict("|u1", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), [1]), /at most 8 dimensions, got 9/],
    [
      "a byte too few",
      npy(dict("<f4", "(2,)"), [0, 0, 0, 0, 0, 0, 0]),
      /expected 8 bytes of data for shape \(2\), got 7/,
    ],
    ["a byte too many", npy(dict("|u1", "(2,)"), [0, 0, 0]), /expected 2 bytes .* got 3/],
  ];
  it.each(hostile)("[PR3] refuses %s", (_what, bytes, message) => {
    expect(() => parseNpy(bytes)).toThrow(NpyError);
    expect(() => parseNpy(bytes)).toThrow(message);
  });

  it("[PR3] refuses to encode an array that does not fit its shape", () => {
    expect(() => encodeNpy({ dtype: "U8", shape: [3], data: new Uint8Array(2) })).toThrow(/expected 3 elements/);
  });
});
