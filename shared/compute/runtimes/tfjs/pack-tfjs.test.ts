import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHalf } from "../../../protocol/half-floats.ts";
import { MODEL_JSON_DEPTH_MAX, MODEL_TFJS_BYTES_MAX } from "../../../protocol/limits.ts";
import { ModelError } from "../../errors.ts";
import { unpackModel } from "../../model-bundle.ts";
import { plainWeight } from "./dequantize.ts";
import { packTfjs } from "./pack-tfjs.ts";

const SEED = 4711;
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const topology = { class_name: "Sequential", config: { layers: [] } };

function modelJson(weights: object[], paths = ["weights.bin"]): Uint8Array {
  return encode({ format: "layers-model", modelTopology: topology, weightsManifest: [{ paths, weights }] });
}

function floats(...values: number[]): Uint8Array {
  return new Uint8Array(new Float32Array(values).buffer);
}

const two = [{ name: "w", shape: [2], dtype: "float32" }];

describe("packTfjs and unpackModel", () => {
  it("give back what was packed", () => {
    const bundle = packTfjs(modelJson(two), [{ name: "weights.bin", bytes: floats(1.5, -2) }]);
    const model = unpackModel(bundle);
    expect(model).toMatchObject({ format: "layers-model", modelTopology: topology, weightSpecs: two, signature: null });
    expect([...new Float32Array(model.weightData.slice().buffer)]).toEqual([1.5, -2]);
  });

  it("the same files give the same bytes, and the weights start at a multiple of 8", () => {
    const pack = () => packTfjs(modelJson(two), [{ name: "weights.bin", bytes: floats(1, 2) }]);
    expect(pack()).toEqual(pack());
    expect(unpackModel(pack()).weightData.byteOffset % 8).toBe(0);
  });

  it("weights may be cut into files at any byte, given in any order", () => {
    const bytes = floats(3, 4);
    const files = [
      { name: "b", bytes: bytes.subarray(3) },
      { name: "a", bytes: bytes.subarray(0, 3) },
    ];
    expect(unpackModel(packTfjs(modelJson(two, ["a", "b"]), files)).weightData).toEqual(bytes);
  });

  it("a path is only ever compared: ../w is a name like any other", () => {
    const bytes = floats(1, 2);
    expect(packTfjs(modelJson(two, ["../w"]), [{ name: "../w", bytes }]).length).toBeGreaterThan(8);
    expect(() => packTfjs(modelJson(two, ["../w"]), [{ name: "w", bytes }])).toThrow(
      /expected the weights file '..\/w'.*got 'w'/,
    );
  });

  it("files are too large together by what model.json names, however small the one is that it names a thousand times", () => {
    const names = Array.from({ length: 1_000 }, () => "w");
    expect(() => packTfjs(modelJson([], names), [{ name: "w", bytes: new Uint8Array(2 ** 20) }])).toThrow(
      `weights of at most ${MODEL_TFJS_BYTES_MAX} bytes, or an ONNX file (tf2onnx), got ${1_000 * 2 ** 20}`,
    );
  });

  it("an optimizer's weights are left out", () => {
    const weights = [{ name: "o", shape: [1], dtype: "float32", group: "optimizer" }, ...two];
    const bundle = packTfjs(modelJson(weights), [{ name: "weights.bin", bytes: floats(9, 1, 2) }]);
    expect(unpackModel(bundle).weightSpecs.map(({ name }) => name)).toEqual(["w"]);
    expect(unpackModel(bundle).weightData).toEqual(floats(1, 2));
  });

  it("quantized weights stay as they are in the bundle, and become float32 for whoever runs it", async () => {
    const half = Uint8Array.from([0x00, 0x3c, 0x00, 0xc1]);
    const cases: [object, Uint8Array, number[]][] = [
      [{ dtype: "uint8", scale: 0.5, min: -1 }, Uint8Array.from([0, 4]), [-1, 1]],
      [{ dtype: "uint16", scale: 2, min: 1 }, Uint8Array.from([0, 1, 3, 0]), [513, 7]],
      [{ dtype: "float16" }, half, [1, -2.5]],
    ];
    for (const [quantization, bytes, expected] of cases) {
      const bundle = packTfjs(modelJson([{ ...two[0], quantization }]), [{ name: "weights.bin", bytes }]);
      const { weightSpecs, weightData } = unpackModel(bundle);
      expect([...weightData]).toEqual([...bytes]);
      const [spec] = weightSpecs;
      expect([...new Float32Array(plainWeight(spec!, weightData).slice().buffer)]).toEqual(expected);
    }
    expect(cases).toHaveLength(3);
  });
});

describe("float16", () => {
  it("has the values of IEEE 754 at its corners", () => {
    const corners: [number, number][] = [
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x7bff, 65504],
      [0xfc00, Number.NEGATIVE_INFINITY],
      [0x8000, -0],
    ];
    for (const [bits, value] of corners) expect(fromHalf(bits)).toBe(value);
    expect(fromHalf(0x7e00)).toBeNaN();
  });
});

describe("what is no model is refused, with what was expected and what came", () => {
  const good = [{ name: "weights.bin", bytes: floats(1, 2) }];
  const cases: [string, () => unknown, RegExp][] = [
    ["not JSON", () => packTfjs(new TextEncoder().encode("{"), good), /model.json: expected JSON, got/],
    ["not UTF-8", () => packTfjs(Uint8Array.from([0x22, 0xff, 0x22]), good), /model.json: expected JSON, got/],
    ["not an object", () => packTfjs(encode([1]), good), /model.json: expected an object, got \[1\]/],
    [
      "too deep",
      () => packTfjs(new TextEncoder().encode("[".repeat(100_000)), good),
      new RegExp(`at most ${MODEL_JSON_DEPTH_MAX} levels of nesting, got 100000`),
    ],
    ["another format", () => packTfjs(encode({ format: "onnx" }), good), /"layers-model" or "graph-model", got "onnx"/],
    [
      "no topology",
      () => packTfjs(encode({ format: "layers-model" }), good),
      /modelTopology: expected an object, got nothing/,
    ],
    [
      "a missing file",
      () => packTfjs(modelJson(two), []),
      /expected the weights file 'weights.bin'.*got no weight file/,
    ],
    [
      "a file too many",
      () => packTfjs(modelJson(two), [...good, { name: "x", bytes: floats() }]),
      /only the files.*got "x"/,
    ],
    [
      "too few bytes",
      () => packTfjs(modelJson(two), [{ name: "weights.bin", bytes: floats(1) }]),
      /expected 8 bytes at 0, got 4/,
    ],
    [
      "too many bytes",
      () => packTfjs(modelJson(two), [{ name: "weights.bin", bytes: floats(1, 2, 3) }]),
      /expected 8 bytes.*got 12/,
    ],
    [
      "text weights",
      () => packTfjs(modelJson([{ ...two[0], dtype: "string" }]), good),
      /dtype: expected float32, int32, bool, got "string"/,
    ],
    ["a wrong shape", () => packTfjs(modelJson([{ ...two[0], shape: [-2] }]), good), /whole number >= 0, got -2/],
    [
      "a huge shape",
      () => packTfjs(modelJson([{ ...two[0], shape: [1e9, 1e9] }]), good),
      /expected at most \d+ elements/,
    ],
    [
      "two weights of one name",
      () =>
        packTfjs(
          modelJson([
            { ...two[0], shape: [1] },
            { ...two[0], shape: [1] },
          ]),
          good,
        ),
      /names that differ, got "w"/,
    ],
    [
      "NaN",
      () => packTfjs(modelJson(two), [{ name: "weights.bin", bytes: floats(1, Number.NaN) }]),
      /finite numbers, got NaN/,
    ],
    [
      "another quantization",
      () => packTfjs(modelJson([{ ...two[0], quantization: { dtype: "int4" } }]), good),
      /uint8, uint16 or float16, got "int4"/,
    ],
    ["a header beyond the end", () => unpackModel(new Uint8Array(16).fill(255)), /a header of at most 8 bytes/],
  ];
  for (const [what, work, message] of cases) {
    it(what, () => {
      expect(work).toThrow(ModelError);
      expect(work).toThrow(message);
    });
  }

  it("whatever bytes a bundle is cut or changed into, it unpacks or throws a ModelError", () => {
    const bundle = packTfjs(modelJson(two), good);
    const at = fc.integer({ min: 0, max: bundle.length - 1 });
    fc.assert(
      fc.property(
        at,
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: bundle.length }),
        (i, byte, length) => {
          const changed = bundle.slice(0, length);
          if (i < length) changed[i] = byte;
          try {
            unpackModel(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(ModelError);
          }
        },
      ),
      { seed: SEED, numRuns: 500 },
    );
  });
});
