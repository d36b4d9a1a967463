/** Models with several inputs, of whole numbers, and of sizes that the file leaves free: one row of numbers to everybody but the library. */
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web/wasm";
import { describe, expect, it, test } from "vitest";
import { inMemory } from "../../byte-space.ts";
import { ModelError } from "../../errors.ts";
import { unpackModel } from "../../model-bundle.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { selectOutputOf } from "../../select-output.ts";
import { INPUT_SIZES_FILE, INPUT_VALUES_FILE } from "../runtime-description.ts";
import { onnxFormat } from "./onnx-format.ts";
import { createOnnxRuntime } from "./onnx-runtime.ts";
import { packOnnx } from "./pack-onnx.ts";
import { node, weight } from "./testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "./testing/small-onnx.ts";
import { textModel, textRows, VOCABULARY, WIDTH } from "./testing/text-model.ts";
import type { DeclaredInput } from "./write-onnx.ts";

const LENGTH = 9;
const sizesFile = (sizes: object) => ({
  name: `folder/${INPUT_SIZES_FILE}`,
  bytes: new TextEncoder().encode(JSON.stringify(sizes)),
});
const packed = (file: Uint8Array, sizes: object = { sequence_length: LENGTH }) =>
  inMemory(onnxFormat.pack({ name: "model.onnx", bytes: file }, [sizesFile(sizes)]));
const factsOf = (bundle: Uint8Array) => factsOfBundle(onnxFormat, bundle);
const runtime = createOnnxRuntime();

type Feed = readonly [name: string, type: "int64" | "int32" | "uint8" | "bool" | "float32", shape: readonly number[]];

/** The file itself in the library, its inputs given one by one. */
async function straight(file: Uint8Array, rows: Float32Array, rowCount: number, feeds: readonly Feed[]) {
  const session = await ort.InferenceSession.create(file);
  const width = rows.length / rowCount;
  let start = 0;
  const given = feeds.map(([name, type, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const numbers = Array.from({ length: rowCount }, (_, r) => [
      ...rows.subarray(r * width + start, r * width + start + size),
    ]).flat();
    start += size;
    const data = {
      int64: () => BigInt64Array.from(numbers, BigInt),
      int32: () => Int32Array.from(numbers),
      uint8: () => Uint8Array.from(numbers),
      bool: () => Uint8Array.from(numbers),
      float32: () => Float32Array.from(numbers),
    }[type]();
    return [name, new ort.Tensor(type, data as never, [rowCount, ...shape])] as const;
  });
  const [output] = Object.values(await session.run(Object.fromEntries(given)));
  await session.release();
  return output!.data as Float32Array;
}

describe("a text model", () => {
  const inputs = ["input_ids", "attention_mask", "token_type_ids"];

  it("takes a row of its inputs one after the other, and says what they are", () => {
    const facts = factsOf(packed(textModel()));
    const [ids, mask, types] = inputs.map((name) => ({ name, shape: [LENGTH], dtype: "int64" }));
    // Of the places in tables it is known how many there are.
    expect(facts.inputs).toEqual([{ ...ids, below: VOCABULARY }, mask, { ...types, below: 2 }]);
    expect(facts).toMatchObject({ inputShape: [3 * LENGTH], inputSize: 3 * LENGTH, outputSize: WIDTH });
    // Of two lengths, the longer one costs more.
    const longer = factsOf(packed(textModel(), { sequence_length: 2 * LENGTH }));
    expect(longer.macsPerQuery).toBeGreaterThan(1.9 * facts.macsPerQuery);
  });

  it("gives bit for bit what the library gives of the file itself, alone and together", async () => {
    const file = textModel();
    const rows = textRows(5, LENGTH);
    const model = await runtime.load(packed(file));
    const feeds = inputs.map((name): Feed => [name, "int64", [LENGTH]]);
    const expected = await straight(file, rows, 5, feeds);
    expect(await model.run(rows, 5)).toEqual(expected);
    const alone = await model.run(rows.slice(0, 3 * LENGTH), 1);
    expect(alone).toEqual(expected.slice(0, WIDTH));
    model.dispose();
  });

  it("keeps its inputs where one of its outputs is chosen", async () => {
    const bundle = packed(textModel({ outputs: ["sentence", "sum"] }));
    const chosen = selectOutputOf(onnxFormat, bundle, "sum");
    expect(factsOf(chosen).inputs.map(({ name }) => name)).toEqual(inputs);
    const model = await runtime.load(chosen);
    expect(await model.run(textRows(2, LENGTH), 2)).toHaveLength(2 * WIDTH);
    model.dispose();
  });

  it("is refused without its length, with another's, and with one that is none", () => {
    expect(() => packOnnx(textModel())).toThrow(
      /input 'input_ids': expected a size for 'sequence_length', got "batch_size x sequence_length"; submit it with --size sequence_length=N; over HTTP and on the dashboard with a file input-sizes\.json beside it: \{"sequence_length": N\}/,
    );
    expect(() => packed(textModel(), { sequence_length: 4, width: 4 })).toThrow(
      /input sizes: expected those of 'sequence_length', got "width"/,
    );
    for (const size of [0, -1, 1.5, "9", 65_537]) {
      expect(() => packed(textModel(), { sequence_length: size })).toThrow(/input-sizes\.json: 'sequence_length'/);
    }
    expect(() => packed(textModel(), { batch_size: 4, sequence_length: 4 })).toThrow(/got "batch_size"/);
  });
});

test("a BERT of PyTorch's exporter gives what PyTorch said for it, its length bound here", async () => {
  const folder = new URL("../../../../e2e/models/small-encoder/", import.meta.url);
  const said = JSON.parse(await readFile(new URL("outputs.json", folder), "utf8")) as Record<string, number[][]>;
  const {
    input_ids: ids,
    attention_mask: masks,
    logits,
  } = said as { input_ids: number[][]; attention_mask: number[][]; logits: number[][] };
  const length = ids[0]!.length;
  const bundle = packed(await readFile(new URL("onnx/model.onnx", folder)), { sequence_length: length });
  const model = await runtime.load(selectOutputOf(onnxFormat, bundle, "logits"));
  expect(model.facts.inputs.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual([
    "input_ids int64",
    "attention_mask int64",
    "token_type_ids int64",
  ]);
  const rows = Float32Array.from(ids.flatMap((row, r) => [...row, ...masks[r]!, ...row.map(() => 0)]));
  const got = await model.run(rows, ids.length);
  for (const [i, value] of logits.flat().entries()) expect(got[i]).toBeCloseTo(value, 5);
  model.dispose();
});

describe("inputs of every type", () => {
  const TYPES = ["float32", "float64", "int64", "int32", "uint8", "int8", "uint16", "bool"] as const;
  const model = (opset: number, batch: number) =>
    smallOnnx({
      opset,
      inputs: TYPES.map((dtype) => ({ name: dtype, shape: [batch, 2, 3], dtype })),
      outputs: ["y"],
      nodes: [
        ...TYPES.map((dtype) => node("Cast", [dtype], { to: { i: 1 } }, [`${dtype}-float`])),
        node(
          "Sum",
          TYPES.map((dtype) => `${dtype}-float`),
          {},
          ["y"],
        ),
      ],
      weights: [],
    } satisfies SmallOnnx);

  // All are cast first here, and come as floats; the others are taken as places below.
  it("are parts of a row, with a free batch and one of 1, in old and new operators", async () => {
    for (const [opset, batch] of [
      [17, -1],
      [17, 1],
      [11, -1],
    ] as const) {
      const loaded = await runtime.load(packOnnx(model(opset, batch)));
      expect(loaded.facts.inputs.map(({ shape }) => shape)).toEqual(TYPES.map(() => [2, 3]));
      const rows = Float32Array.from({ length: 2 * TYPES.length * 6 }, (_, i) => i % 2);
      const answers = await loaded.run(rows, 2);
      expect([...answers]).toEqual(Array.from({ length: 12 }, (_, i) => TYPES.length * (i % 2)));
      loaded.dispose();
    }
  });

  it("a number a query, choices, and places of bytes beside floats", async () => {
    const file = smallOnnx({
      inputs: [
        { name: "scale", shape: [-1], dtype: "float32" },
        { name: "isKept", shape: [-1, 3], dtype: "bool" },
        { name: "x", shape: [-1, 3], dtype: "float32" },
        { name: "step", shape: [-1, 3], dtype: "int32" },
      ],
      outputs: ["y"],
      nodes: [
        node("Unsqueeze", ["scale", "last"], {}, ["s"]),
        node("Mul", ["x", "s"], {}, ["scaled"]),
        node("Where", ["isKept", "scaled", "zero"], {}, ["kept"]),
        node("Add", ["step", "one"], {}, ["next"]),
        node("Cast", ["next"], { to: { i: 1 } }, ["steps"]),
        node("Add", ["kept", "steps"], {}, ["y"]),
      ],
      integers: { last: { dtype: "int64", shape: [1], values: [-1] }, one: { dtype: "int32", shape: [], values: [1] } },
      weights: [{ name: "zero", shape: [], values: Float32Array.of(0) }],
    });
    const bundle = packOnnx(file);
    expect(factsOf(bundle).inputs).toEqual([
      { name: "scale", shape: [], dtype: "float32" },
      { name: "isKept", shape: [3], dtype: "bool" },
      { name: "x", shape: [3], dtype: "float32" },
      { name: "step", shape: [3], dtype: "int32" },
    ]);
    const loaded = await runtime.load(bundle);
    const rows = Float32Array.of(2, 1, 0, 1, 5, 6, 7, 0, 1, 2, /**/ 3, 0, 1, 1, 1, 2, 3, -5, 100_000, 16_777_215);
    const feeds: Feed[] = [
      ["scale", "float32", []],
      ["isKept", "bool", [3]],
      ["x", "float32", [3]],
      ["step", "int32", [3]],
    ];
    expect(await loaded.run(rows, 2)).toEqual(await straight(file, rows, 2, feeds));
    loaded.dispose();
  });

  it("a picture of any height and width, at the size that is said", async () => {
    const file = smallOnnx({
      inputs: [{ name: "pixels", shape: ["n", 3, "height", "width"], dtype: "float32" }],
      outputs: ["y"],
      nodes: [node("GlobalAveragePool", ["pixels"])],
      weights: [],
    });
    const bundle = packed(file, { height: 4, width: 2 });
    expect(factsOf(bundle)).toMatchObject({ inputShape: [3, 4, 2], outputSize: 3 });
    expect(unpackModel(bundle).modelTopology.input).toEqual({ name: "pixels", shape: [-1, 3, 4, 2] });
    expect(() => packed(file, { height: 4 })).toThrow(/expected a size for 'width', got "n x 3 x 4 x width"/);
    const unnamed = smallOnnx({
      inputs: [{ name: "x", shape: ["", 3, "", 5], dtype: "float32" }],
      outputs: ["y"],
      nodes: [node("Relu", ["x"])],
      weights: [],
    });
    expect(factsOf(packed(unnamed, { "x:2": 7 })).inputShape).toEqual([3, 7, 5]);
  });

  it("a batch of 1 of one input is that of all", () => {
    const file = smallOnnx({
      inputs: [
        { name: "a", shape: ["n", 2], dtype: "float32" },
        { name: "b", shape: [1, 2], dtype: "float32" },
      ],
      outputs: ["y"],
      nodes: [node("Add", ["a", "b"])],
      weights: [],
    });
    expect(unpackModel(packOnnx(file)).modelTopology.input).toEqual({ name: "inputs/row", shape: [1, 4] });
  });
});

describe("inputs without a batch of their own", () => {
  /** A window, the state before it, and a setting: the answer is made of all three. */
  const speech = (batch: string | number = "batch", more: Partial<SmallOnnx> = {}) =>
    smallOnnx({
      inputs: [
        { name: "x", shape: ["batch", 3], dtype: "float32" },
        { name: "state", shape: [2, batch, 3], dtype: "float32" },
        { name: "rate", shape: [], dtype: "int64" },
      ],
      outputs: ["y"],
      nodes: [
        node("Gather", ["state", "last"], { axis: { i: 0 } }, ["before"]),
        node("Cast", ["rate"], { to: { i: 1 } }, ["scale"]),
        node("Mul", ["x", "scale"], {}, ["scaled"]),
        node("Add", ["scaled", "before"], {}, ["y"]),
      ],
      integers: { last: { dtype: "int64", shape: [], values: [1] } },
      weights: [],
      ...more,
    });
  const said = (file: Uint8Array, values: object, sizes: object = {}) =>
    inMemory(
      onnxFormat.pack({ name: "model.onnx", bytes: file }, [
        sizesFile(sizes),
        { name: INPUT_VALUES_FILE, bytes: new TextEncoder().encode(JSON.stringify(values)) },
      ]),
    );
  const ROWS = Float32Array.of(1, 2, 3, /**/ 9, 9, 9, 4, 5, 6, /**/ 10);

  it("go whole with each row, and rows go alone", async () => {
    const bundle = packOnnx(speech());
    expect(factsOf(bundle)).toMatchObject({ inputSize: 10, outputSize: 3 });
    expect(factsOf(bundle).inputs).toEqual([
      { name: "x", shape: [3], dtype: "float32" },
      { name: "state", shape: [2, 1, 3], dtype: "float32" },
      // Cast to floats before anything else: a code may mix it.
      { name: "rate", shape: [], dtype: "float32", takes: "int64" },
    ]);
    const model = await runtime.load(bundle);
    const both = Float32Array.from([...ROWS, ...ROWS.map((value) => 2 * value)]);
    expect([...(await model.run(both, 2))]).toEqual([14, 25, 36, 48, 90, 132]);
    model.dispose();
  });

  it("are constants where they are the same for every row: a number for all of it, or all numbers", async () => {
    const state = [0, 0, 0, 7, 8, 9];
    for (const [given, expected] of [
      [0, [10, 20, 30]],
      [state, [17, 28, 39]],
    ] as const) {
      const bundle = said(speech(), { state: given, rate: 10 });
      expect(factsOf(bundle)).toMatchObject({ inputShape: [3], inputs: [{ name: "x" }] });
      const model = await runtime.load(bundle);
      expect([...(await model.run(ROWS.slice(0, 3), 1))]).toEqual(expected);
      model.dispose();
    }
  });

  it("want a size where the file has no name for it", () => {
    expect(() => packOnnx(speech(""))).toThrow(
      /input 'state': expected a size for 'state:1', got "2 x free x 3"; submit it with --size state:1=N \(1 where that is the batch\)/,
    );
    expect(factsOf(said(speech(""), { state: 0, rate: 1 }, { "state:1": 1 })).inputSize).toBe(3);
  });

  it("refuse what is no value of theirs", () => {
    for (const [values, message] of [
      [{ state: [1, 2] }, /value of input 'state': expected one number, or 6, got "2 numbers"/],
      [{ rate: 1.5 }, /value of input 'rate': expected whole numbers from .*, got 1.5/],
      [{ volume: 1 }, /input values: expected those of 'x', 'state', 'rate', got "volume"/],
      [{ state: "0" }, /input-values.json: 'state': expected an array, got "0"/],
      [{ x: 0, state: 0, rate: 1 }, /onnx graph: expected an input, got "none"/],
    ] as const) {
      expect(() => said(speech(), values)).toThrow(message);
    }
  });

  it("a batch of 8 is a row of 8 where that is said, and rows go alone where a batch is said to be 1", async () => {
    const eight = smallOnnx({
      inputs: [{ name: "x", shape: [8, 4], dtype: "float32" }],
      outputs: ["y"],
      nodes: [node("ReduceMax", ["x"], { axes: { is: [0] }, keepdims: { i: 0 } })],
      weights: [],
    });
    expect(() => packOnnx(eight)).toThrow(/got "8 x 4"; .*; where a row is all of it: --size x:0=8/);
    expect(() => packed(eight, { "x:0": 7 })).toThrow(/input 'x': expected 8, got 7/);
    const model = await runtime.load(packed(eight, { "x:0": 8 }));
    expect(model.facts).toMatchObject({ inputShape: [8, 4], outputSize: 4 });
    const rows = Float32Array.from({ length: 64 }, (_, i) => i);
    expect([...(await model.run(rows, 2))]).toEqual([28, 29, 30, 31, 60, 61, 62, 63]);
    model.dispose();

    const loudest = smallOnnx({
      inputs: [{ name: "x", shape: ["clips", 4], dtype: "float32" }],
      outputs: ["y"],
      nodes: [node("ReduceMax", ["x"], { keepdims: { i: 0 } }, ["most"]), node("Div", ["x", "most"], {}, ["y"])],
      weights: [],
    });
    expect(() => packOnnx(loudest)).toThrow(
      /\(ReduceMax\): axes: .*; with each row alone it is taken: submit it with --size clips=1$/,
    );
    const alone = await runtime.load(packed(loudest, { clips: 1 }));
    expect([...(await alone.run(Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40), 2))]).toEqual([
      0.25, 0.5, 0.75, 1, 0.25, 0.5, 0.75, 1,
    ]);
    alone.dispose();
  });
});

describe("inputs that somebody made to do harm", () => {
  const two = (a: Partial<DeclaredInput>, b: Partial<DeclaredInput>, changed: Partial<SmallOnnx> = {}) =>
    smallOnnx({
      inputs: [
        { name: "a", shape: ["n", 2], dtype: "float32", ...a },
        { name: "b", shape: ["n", 2], dtype: "float32", ...b },
      ],
      outputs: ["y"],
      nodes: [node("Add", ["a", "b"])],
      weights: [],
      ...changed,
    });

  it.each([
    ["one name twice", () => two({}, { name: "a" }), /tensors whose names differ, got "a"/],
    ["the name of the row", () => two({ name: "inputs/row" }, {}), /names? differ|without cycles/],
    [
      "more numbers than a row may have",
      () => two({ shape: ["n", 9_000, 1_000] }, { shape: ["n", 9_000, 1_000] }),
      /at most 16777216 elements/,
    ],
    ["a shape beyond all memory", () => two({ shape: ["n", 2 ** 40, 2 ** 40] }, {}), /at most 16777216 elements/],
    ["no name", () => two({ name: "" }, {}), /./],
    ["texts", () => two({ dtype: "text" as never }, {}), /input 'a': expected numbers, got "(undefined|text)"/],
    ["shapes that do not go together", () => two({ shape: ["n", 3] }, {}), /shapes that go together/],
  ])("%s", (_name, file, message) => {
    expect(() => factsOf(packOnnx(file()))).toThrow(ModelError);
    expect(() => factsOf(packOnnx(file()))).toThrow(message);
  });

  it("sizes that multiply to more than there is are refused before anything is made", () => {
    const file = smallOnnx({
      inputs: [{ name: "x", shape: ["n", "a", "b", "c"], dtype: "int64" }],
      outputs: ["y"],
      nodes: [node("Gather", ["w", "x"])],
      weights: [weight("w", 4, 4)],
    });
    expect(() => packed(file, { a: 65_536, b: 65_536, c: 65_536 })).toThrow(/at most 16777216 elements/);
    expect(() => packed(file, { a: 60_000, b: 200, c: 1 })).toThrow(
      /output of node 'y' \(Gather\): expected at most 16777216/,
    );
  });

  it("a bundle whose inputs make no row is refused", () => {
    const bundle = packOnnx(two({}, {}));
    const changed = (from: string, to: string) => {
      const text = new TextDecoder("latin1").decode(bundle).replace(from, to);
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
    };
    expect(() => factsOf(changed('"shape":[2],"dtype":"float32"', '"shape":[3],"dtype":"float32"'))).toThrow(
      /expected 4 numbers, got 5/,
    );
    expect(() => factsOf(changed('"dtype":"float32"', '"dtype":"float16"'))).toThrow(/float32, bool, or whole numbers/);
  });
});
