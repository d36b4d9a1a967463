import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeFrame, emptyFrame, encodeFrame, FrameError, type Tensor } from "./frame.ts";

const SEED = 20260101;

const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });
const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
const tensors: fc.Arbitrary<Tensor> = shapes.chain((shape) => {
  const exactly = { minLength: count(shape), maxLength: count(shape) };
  return fc.oneof(
    fc.float32Array(exactly).map((data): Tensor => ({ dtype: "F32", shape, data })),
    fc.uint16Array(exactly).map((data): Tensor => ({ dtype: "F16", shape, data })),
    fc.uint8Array(exactly).map((data): Tensor => ({ dtype: "U8", shape, data })),
    fc.uint16Array(exactly).map((data): Tensor => ({ dtype: "U16", shape, data })),
    fc.uint32Array(exactly).map((data): Tensor => ({ dtype: "U32", shape, data })),
  );
});
const frames = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), tensors, { maxKeys: 6 });

/** A frame with any header text: what a hostile tab may send. */
function frameOf(header: string, data = new Uint8Array(), padded = true): Uint8Array {
  const text = padded ? header.padEnd(Math.ceil(header.length / 8) * 8) : header;
  const frame = new Uint8Array(8 + text.length + data.length);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  for (let i = 0; i < text.length; i++) frame[8 + i] = text.charCodeAt(i);
  frame.set(data, 8 + text.length);
  return frame;
}

describe("tensor frames", () => {
  it("[PR1] what was encoded decodes to the same names, dtypes, shapes and bits", () => {
    fc.assert(
      fc.property(frames, (original) => {
        const decoded = decodeFrame(encodeFrame(original));
        expect(Object.keys(decoded).sort()).toEqual(Object.keys(original).sort());
        for (const [name, tensor] of Object.entries(original)) expect(decoded[name]).toEqual(tensor);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("[PR1] a frame at any byte offset decodes to the same arrays", () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 0, max: 9 }), (original, offset) => {
        const frame = encodeFrame(original);
        const shifted = new Uint8Array(frame.length + offset);
        shifted.set(frame, offset);
        const decoded = decodeFrame(shifted.subarray(offset));
        for (const [name, tensor] of Object.entries(original)) expect(decoded[name]).toEqual(tensor);
      }),
      { seed: SEED },
    );
  });

  it("[PR1] arrays of an aligned frame are views of it, whatever stands beside them", () => {
    const frame = encodeFrame({
      marks: { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) },
      rows: { dtype: "F32", shape: [1, 2], data: Float32Array.of(0.5, -1) },
      halves: { dtype: "F16", shape: [1], data: Uint16Array.of(0x3c00) },
    });
    for (const tensor of Object.values(decodeFrame(frame))) expect(tensor.data.buffer).toBe(frame.buffer);
  });

  it("[PR1] the layout is that of safetensors", () => {
    const frame = encodeFrame({ rows: { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } });
    const header = '{"rows":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(frame).toEqual(frameOf(header, new Uint8Array(Float32Array.of(1, 2).buffer)));
  });

  it("[PR2] the decoded object has no prototype", () => {
    expect(Object.getPrototypeOf(decodeFrame(encodeFrame({})))).toBeNull();
  });

  it("[PR2] no bytes make the decoder throw anything but a FrameError", () => {
    const damaged = fc.tuple(frames, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }));
    let refused = 0;
    const attempt = (bytes: Uint8Array) => {
      try {
        decodeFrame(bytes);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        refused++;
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt), { seed: SEED, numRuns: 500 });
    fc.assert(
      fc.property(damaged, ([original, edits]) => {
        const frame = encodeFrame(original);
        for (const [at, value] of edits) frame[at % frame.length] = value;
        attempt(frame);
      }),
      { seed: SEED, numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it("[PR2] every proper prefix of a frame is refused, and so is every byte too many", () => {
    const frame = encodeFrame({ rows: { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) } });
    for (let length = 0; length < frame.length; length++) {
      expect(() => decodeFrame(frame.subarray(0, length))).toThrow(FrameError);
    }
    expect(() => decodeFrame(Uint8Array.from([...frame, 0]))).toThrow(/expected 8 bytes of data, got 9/);
  });

  const one = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  const four = new Uint8Array(4);
  const hostile: [string, Uint8Array, RegExp][] = [
    ["a header longer than any limit", new Uint8Array([255, 255, 255, 255, 255, 255, 255, 255]), /header of at most/],
    ["a header that is not padded", frameOf(`{"rows":${one}}`, four, false), /divisible by 8/],
    ["no JSON", frameOf("{rows}"), /expected a JSON header/],
    ["an array as header", frameOf("[]"), /JSON object/],
    ["null as header", frameOf("null"), /JSON object/],
    ["a control character", frameOf("{}\n"), /ASCII/],
    ["a name twice", frameOf(`{"rows":${one},"rows":${one}}`, four), /without repeated names/],
    [
      "a key twice",
      frameOf('{"rows":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four),
      /repeated/,
    ],
    ["the name __proto__", frameOf(`{"__proto__":${one}}`, four), /tensor name/],
    ["metadata", frameOf('{"__metadata__":{}}'), /tensor name/],
    ["a name with a capital", frameOf(`{"Rows":${one}}`, four), /tensor name/],
    ["an unknown dtype", frameOf('{"rows":{"dtype":"F64","shape":[],"data_offsets":[0,8]}}', new Uint8Array(8)), /F64/],
    [
      "a field too many",
      frameOf('{"rows":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}'),
      /expected dtype, shape/,
    ],
    [
      "a shape that wraps",
      frameOf('{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}'),
      /smaller/,
    ],
    ["a negative dimension", frameOf('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}'), /whole numbers/],
    [
      "a dimension with a fraction",
      frameOf('{"a":{"dtype":"U8","shape":[0.5],"data_offsets":[0,0]}}'),
      /whole numbers/,
    ],
    [
      "nine dimensions",
      frameOf('{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}', Uint8Array.of(1)),
      /8 dim/,
    ],
    [
      "offsets that do not fit the shape",
      frameOf('{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}}', four),
      /3 bytes/,
    ],
    ["a gap", frameOf('{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}', four), /from byte 0, got 2/],
    [
      "an overlap",
      frameOf(
        '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}',
        four,
      ),
      /from byte 4, got 2/,
    ],
    ["data that is not there", frameOf('{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}', four), /up to byte 5/],
  ];
  it.each(hostile)("[PR2] refuses %s", (_what, bytes, message) => {
    expect(() => decodeFrame(bytes)).toThrow(FrameError);
    expect(() => decodeFrame(bytes)).toThrow(message);
  });

  it("[PR2] a header that was read before is read as it was then, and refused as it was", () => {
    const known = encodeFrame({
      a: { dtype: "U8", shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      b: { dtype: "U8", shape: [2], data: Uint8Array.of(7, 8) },
    });
    const kept = Buffer.from(known);
    const first = decodeFrame(kept);
    for (let length = 0; length < known.length; length++) {
      expect(() => decodeFrame(known.subarray(0, length))).toThrow(FrameError);
    }
    expect(() => decodeFrame(known.subarray(0, known.length - 1))).toThrow(
      /tensor b: expected data up to byte 8, got 7/,
    );
    expect(() => decodeFrame(Uint8Array.from([...known, 0]))).toThrow(/expected 8 bytes of data, got 9/);
    expect(() => decodeFrame(known, { tensorCountMax: 1 })).toThrow(/at most 1 tensors, got 2/);
    expect(decodeFrame(known)).toEqual(first);
    // Whoever keeps the bytes may write over them.
    kept.fill(0);
    const others = encodeFrame({
      a: { dtype: "U8", shape: [3, 2], data: new Uint8Array(6) },
      b: { dtype: "U8", shape: [2], data: Uint8Array.of(9, 9) },
    });
    expect(decodeFrame(others).a!.shape).toEqual([3, 2]);
    expect(decodeFrame(known).a!.shape).toEqual([2, 3]);
    expect([...decodeFrame(known).b!.data]).toEqual([7, 8]);
  });

  it("[PR2] frames of more forms than are kept are all read", () => {
    for (let round = 0; round < 2; round++) {
      for (let rows = 0; rows < 200; rows++) {
        const data = Float32Array.from({ length: rows }, (_, row) => row + round);
        const { outputs } = decodeFrame(encodeFrame({ outputs: { dtype: "F32", shape: [rows, 1], data } }));
        expect(outputs).toEqual({ dtype: "F32", shape: [rows, 1], data });
      }
    }
  });

  it("[PR2] keeps the limits it is given", () => {
    const tensor: Tensor = { dtype: "U8", shape: [8], data: new Uint8Array(8) };
    const frame = encodeFrame({ a: tensor, b: tensor });
    expect(() => decodeFrame(frame, { tensorCountMax: 1 })).toThrow(/at most 1 tensors, got 2/);
    expect(() => decodeFrame(frame, { frameBytesMax: 16 })).toThrow(/at most 16 bytes/);
    expect(() => decodeFrame(frame, { headerBytesMax: 8 })).toThrow(/at most 8 bytes/);
  });

  it("[PR2] is the same where its room is made first and filled then, whatever the order of the names", () => {
    const tensors: Record<string, Tensor> = {
      marks: { dtype: "U8", shape: [3], data: Uint8Array.of(1, 2, 3) },
      rows: { dtype: "F32", shape: [1, 2], data: Float32Array.of(1.5, -2) },
      halves: { dtype: "F16", shape: [2], data: Uint16Array.of(7, 8) },
    };
    const { frame, bytesOf } = emptyFrame(tensors);
    for (const [name, { data }] of Object.entries(tensors))
      bytesOf[name]!.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    expect(frame).toEqual(encodeFrame(tensors));
    expect(emptyFrame({ rows: { dtype: "U8", shape: [2, 3] } }).bytesOf.rows).toEqual(new Uint8Array(6));
  });

  it("[PR2] refuses to encode what it would refuse to decode", () => {
    const data = new Float32Array(2);
    expect(() => encodeFrame({ rows: { dtype: "F32", shape: [3], data } })).toThrow(/expected 3 elements/);
    expect(() => encodeFrame({ "no name": { dtype: "F32", shape: [2], data } })).toThrow(/tensor name/);
    expect(() => encodeFrame({ rows: { dtype: "F32", shape: [1, 1, 1, 1, 1, 1, 1, 1, 2], data } })).toThrow(
      /8 dimensions/,
    );
  });
});
