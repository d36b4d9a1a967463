import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { ModelError } from "../../errors.ts";
import { hashNoise } from "../../hash-noise.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { packTfjs } from "./pack-tfjs.ts";
import { tfjsFormat } from "./tfjs-format.ts";
import { createTfjsRuntime } from "./tfjs-runtime.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(tfjsFormat, bundle);

interface Weight {
  name: string;
  shape: number[];
  values?: number[];
}
type Node = { name: string; op: string; input?: string[]; attr?: object };

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const strides = (rows: number, columns: number) => ({ list: { i: ["1", String(rows), String(columns), "1"] } });

function placeholder(...shape: number[]): Node {
  const dim = shape.map((size) => ({ size: String(size) }));
  return { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } } };
}

/** Weights with `values` are int32, the others float32 noise. */
function graph(nodes: Node[], weights: Weight[] = [], signature?: object): Uint8Array {
  const consts = weights.map(({ name }) => ({ name, op: "Const" }));
  const specs = weights.map(({ name, shape, values }) => ({ name, shape, dtype: values ? "int32" : "float32" }));
  const data = weights.map((weight) => Buffer.from(bytesOf(weight)));
  const modelJson = {
    format: "graph-model",
    modelTopology: { node: [...nodes, ...consts], library: {}, versions: { producer: 1, minConsumer: 1 } },
    weightsManifest: [{ paths: ["w"], weights: specs }],
    ...(signature ? { signature } : {}),
  };
  return packTfjs(encode(modelJson), [{ name: "w", bytes: Uint8Array.from(Buffer.concat(data)) }]);
}

function bytesOf({ shape, values }: Weight): ArrayBuffer {
  if (values) return Int32Array.from(values).buffer;
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => hashNoise(31, i)).buffer;
}

const signature = {
  inputs: { image: { name: "x:0" } },
  outputs: { logits: { name: "out:0" } },
};

function convolutionalNet(): Uint8Array {
  const fused = { list: { s: [base64("BiasAdd"), base64("Relu")] } };
  const same = { s: base64("SAME") };
  return graph(
    [
      placeholder(-1, 8, 8, 2),
      {
        name: "conv",
        op: "_FusedConv2D",
        input: ["x", "filter", "bias"],
        attr: {
          strides: strides(2, 2),
          dilations: strides(1, 1),
          padding: same,
          fused_ops: fused,
          num_args: { i: "1" },
        },
      },
      {
        name: "deep",
        op: "DepthwiseConv2dNative",
        input: ["conv", "depth"],
        attr: { strides: strides(1, 1), dilations: strides(1, 1), padding: same },
      },
      {
        name: "pool",
        op: "MaxPool",
        input: ["deep"],
        attr: { ksize: strides(2, 2), strides: strides(2, 2), padding: same },
      },
      { name: "flat", op: "Reshape", input: ["pool", "shape"] },
      { name: "product", op: "MatMul", input: ["flat", "kernel"] },
      { name: "out", op: "AddV2", input: ["product", "offset"] },
    ],
    [
      { name: "filter", shape: [3, 3, 2, 4] },
      { name: "bias", shape: [4] },
      { name: "depth", shape: [3, 3, 4, 1] },
      { name: "shape", shape: [2], values: [-1, 16] },
      { name: "kernel", shape: [16, 3] },
      { name: "offset", shape: [3] },
    ],
    signature,
  );
}

beforeAll(() => createTfjsRuntime("cpu"));

describe("inspectModel on Graph models", () => {
  it("finds shapes and multiply-adds, with a signature and without", () => {
    const facts = inspectModel(convolutionalNet());
    expect(facts).toMatchObject({ inputShape: [8, 8, 2], inputSize: 128, outputSize: 3 });
    const parts = [4 * 4 * 4 * 9 * 2, 4 * 4 * 4 * 9, 2 * 2 * 4 * 4, 16 * 3, 3];
    expect(facts.macsPerQuery).toBe(parts.reduce((a, b) => a + b));
  });

  it("what it accepts runs on tfjs with the shapes it found, a row at a time as in a batch", async () => {
    const runtime = await createTfjsRuntime("cpu");
    const before = tf.memory().numTensors;
    const model = await runtime.load(convolutionalNet());
    const rows = Float32Array.from({ length: 3 * 128 }, (_, i) => hashNoise(32, i));
    const together = await model.run(rows, 3);
    const last = await model.run(rows.slice(2 * 128), 1);
    expect(together).toHaveLength(9);
    for (let c = 0; c < 3; c++) expect(last[c]).toBeCloseTo(together[6 + c]!, 5);
    const flat = Float32Array.from({ length: 128 }, (_, i) => rows[i]!);
    expect(await model.run(flat, 1)).toEqual(together.slice(0, 3));
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("each op that only moves or folds numbers has the shape that tfjs gives", async () => {
    const runtime = await createTfjsRuntime("cpu");
    const cases: [Node, Weight[], number][] = [
      [
        { name: "out", op: "Mean", input: ["x", "a"], attr: { keep_dims: { b: true } } },
        [{ name: "a", shape: [2], values: [1, -1] }],
        3,
      ],
      [{ name: "out", op: "Max", input: ["x", "a"] }, [{ name: "a", shape: [1], values: [2] }], 8],
      [{ name: "out", op: "Transpose", input: ["x", "a"] }, [{ name: "a", shape: [4], values: [0, 3, 1, 2] }], 24],
      [
        { name: "out", op: "Pad", input: ["x", "a"] },
        [{ name: "a", shape: [4, 2], values: [0, 0, 1, 2, 0, 0, 0, 1] }],
        5 * 3 * 5,
      ],
      [
        { name: "out", op: "ConcatV2", input: ["x", "x", "a"], attr: { N: { i: "2" } } },
        [{ name: "a", shape: [], values: [-1] }],
        48,
      ],
      [
        { name: "out", op: "FusedBatchNormV3", input: ["x", "s", "s", "s", "t"], attr: { epsilon: { f: 1 } } },
        [
          { name: "s", shape: [4] },
          { name: "t", shape: [4] },
        ],
        24,
      ],
      [{ name: "out", op: "Mul", input: ["x", "a"] }, [{ name: "a", shape: [3, 1] }], 24],
    ];
    for (const [node, weights, outputSize] of cases) {
      const model = await runtime.load(graph([placeholder(-1, 2, 3, 4), node], weights));
      expect(model.facts.outputSize, node.op).toBe(outputSize);
      expect(await model.run(new Float32Array(48).fill(0.5), 2)).toHaveLength(2 * outputSize);
      model.dispose();
    }
    expect(cases).toHaveLength(7);
  });
});

describe("a Graph model that tfjs cannot run after all", () => {
  it("is a ModelError when it is loaded, not later, and leaves no tensor behind", async () => {
    const runtime = await createTfjsRuntime("cpu");
    const before = tf.memory().numTensors;
    // tfjs takes strides or dilations, not both.
    const attr = { strides: strides(2, 2), dilations: strides(2, 2), padding: { s: base64("SAME") } };
    const conv = { name: "out", op: "Conv2D", input: ["x", "filter"], attr };
    const both = graph([placeholder(-1, 8, 8, 1), conv], [{ name: "filter", shape: [3, 3, 1, 1] }]);
    expect(inspectModel(both).outputSize).toBe(16);
    await expect(runtime.load(both)).rejects.toBeInstanceOf(ModelError);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("inspectModel refuses Graph models", () => {
  const x = placeholder(-1, 4);
  const axis0 = [{ name: "a", shape: [1], values: [0] }];
  const cases: [string, () => Uint8Array, RegExp][] = [
    [
      "with an op it does not know",
      () => graph([x, { name: "out", op: "PyFunc", input: ["x"] }]),
      /node 'out' \(PyFunc\): expected an op on the list, got "PyFunc"; docs\/models\.md/,
    ],
    ["with control flow", () => graph([x, { name: "out", op: "StatelessWhile", input: ["x"] }]), /StatelessWhile/],
    [
      "with an unknown op that nothing uses",
      () => graph([x, { name: "out", op: "Relu", input: ["x"] }, { name: "y", op: "ReadFile" }], [], signature),
      /ReadFile/,
    ],
    [
      "with two inputs",
      () => graph([x, { ...x, name: "y" }, { name: "out", op: "Add", input: ["x", "y"] }]),
      /one Placeholder, got \["x","y"\]/,
    ],
    [
      "of index pairs, told with everything else that is wrong",
      () => {
        const whole = (name: string, ...lengths: number[]) => ({
          ...{ name, op: "Placeholder" },
          attr: { dtype: { type: 9 }, shape: { shape: { dim: lengths.map((size) => ({ size: String(size) })) } } },
        });
        return graph([whole("indices", -1, 2), whole("values", -1), { name: "w", op: "Where", input: ["values"] }]);
      },
      /2 reasons.*\n\(1\) node 'w' \(Where\).*\n\(2\) graph: expected one Placeholder, got \["indices","values"\]; .*their first axis is not the batch/,
    ],
    [
      "with two outputs",
      () => graph([x, { name: "a", op: "Relu", input: ["x"] }, { name: "b", op: "Relu", input: ["x"] }]),
      /one output, got \["a","b"\]/,
    ],
    [
      "with free dimensions",
      () => graph([placeholder(-1, -1), { name: "out", op: "Relu", input: ["x"] }]),
      /a size for 'x:1', got "batch x free"; submit it with --size x:1=N/,
    ],
    [
      "with a cycle",
      () =>
        graph([x, { name: "a", op: "Add", input: ["x", "b"] }, { name: "b", op: "Relu", input: ["a"] }], [], {
          outputs: { o: { name: "b" } },
        }),
      /without cycles/,
    ],
    [
      "with inputs from nowhere",
      () => graph([x, { name: "out", op: "Relu", input: ["z"] }], [], signature),
      /inputs that exist, got "z"/,
    ],
    [
      "with constants that have no weights",
      () => graph([x, { name: "c", op: "Const" }, { name: "out", op: "Add", input: ["x", "c"] }]),
      /node 'c' \(Const\): expected weights of its name/,
    ],
    [
      "with shapes that do not fit",
      () => graph([x, { name: "out", op: "MatMul", input: ["x", "k"] }], [{ name: "k", shape: [5, 2] }]),
      /two matrices that go together, \[batch,4\] first, got \[5,2\]/,
    ],
    [
      "that mix the rows of a batch: sum",
      () => graph([x, { name: "out", op: "Sum", input: ["x", "a"] }], axis0),
      /an axis within one query, got 0/,
    ],
    [
      "that mix the rows of a batch: concatenation",
      () => graph([x, { name: "out", op: "ConcatV2", input: ["x", "x", "a"] }], axis0),
      /an axis within one query, got 0/,
    ],
    [
      "that mix the rows of a batch: transpose",
      () =>
        graph([x, { name: "out", op: "Transpose", input: ["x", "p"] }], [{ name: "p", shape: [2], values: [1, 0] }]),
      /an output with the batch first, got "\[4,batch\]"/,
    ],
    [
      "that mix the rows of a batch: reshape",
      () => graph([x, { name: "out", op: "Reshape", input: ["x", "s"] }], [{ name: "s", shape: [2], values: [-1, 8] }]),
      /-1 for the batch, then 4 elements/,
    ],
    [
      "that mix the rows of a batch: rows times rows",
      () => graph([x, { name: "out", op: "MatMul", input: ["x", "x"], attr: { transpose_b: { b: true } } }]),
      /constants for all but its first input/,
    ],
    [
      "that mix the rows of a batch: a table as long as the batch",
      () => graph([x, { name: "out", op: "Add", input: ["x", "t"] }], [{ name: "t", shape: [7, 4] }]),
      /shapes that go together, got "\[batch,4\] and \[7,4\]"/,
    ],
    [
      "with functions in their library",
      () =>
        packTfjs(
          encode({
            format: "graph-model",
            modelTopology: { node: [x], versions: {}, library: { function: [{}] } },
            weightsManifest: [],
          }),
          [],
        ),
      /no functions/,
    ],
  ];
  for (const [what, make, message] of cases) {
    it(what, () => {
      const bundle = make();
      expect(() => inspectModel(bundle)).toThrow(ModelError);
      expect(() => inspectModel(bundle)).toThrow(message);
    });
  }
});
