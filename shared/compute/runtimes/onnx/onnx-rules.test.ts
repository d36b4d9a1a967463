/** Every operator on the list, tried against the library: the shapes that the rules say are those that it makes. */

import { describe, expect, it } from "vitest";
import { factsOfBundle } from "../../model-facts.ts";
import { onnxFormat } from "./onnx-format.ts";
import { MICROSOFT_RULES } from "./onnx-microsoft-rules.ts";
import { ONNX_RULES } from "./onnx-rules.ts";
import { createOnnxRuntime } from "./onnx-runtime.ts";
import { MICROSOFT, type OnnxNodeFacts } from "./onnx-topology.ts";
import { packOnnx } from "./pack-onnx.ts";
import { ELEMENTWISE_CASES } from "./testing/cases/elementwise-cases.ts";
import { MATRIX_CASES, RECURRENT_CASES } from "./testing/cases/matrix-cases.ts";
import { PLACE_CASES } from "./testing/cases/place-cases.ts";
import { FUSED_CASES, QUANTIZED_CASES } from "./testing/cases/quantized-cases.ts";
import { type Attributes, IMAGE, is, long, node, noise, type OperatorCase, weight } from "./testing/operator-case.ts";
import { type SmallOnnx, smallOnnx } from "./testing/small-onnx.ts";

const inspectModel = (bundle: Uint8Array) => factsOfBundle(onnxFormat, bundle);

const ELEMENTWISE =
  "Abs Celu Elu Erf Exp Gelu HardSigmoid HardSwish Identity LeakyRelu Log LogSoftmax Mish Neg Reciprocal Relu Selu Sigmoid Softmax Softplus Softsign Sqrt Tanh Dropout LRN";
const REDUCTIONS =
  "ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare";

const BASIC_CASES: Record<string, OperatorCase> = {
  ...Object.fromEntries(
    ELEMENTWISE.split(" ").map((op): [string, OperatorCase] => {
      const attributes: Attributes = op === "LRN" ? { size: { i: 3 } } : {};
      return [op, { nodes: [node(op, ["x"], attributes)], output: IMAGE, opset: 20 }];
    }),
  ),
  ...Object.fromEntries(
    REDUCTIONS.split(" ").map((op): [string, OperatorCase] => [
      op,
      {
        opset: 18,
        nodes: [node(op, ["x", "axes"], { keepdims: { i: 0 } })],
        integers: { axes: long(2, -1) },
        output: [4],
      },
    ]),
  ),
  ...Object.fromEntries(
    ["Add", "Div", "Mul", "PRelu", "Pow", "Sub"].map((op): [string, OperatorCase] => [
      op,
      { nodes: [node(op, ["x", "c"])], weights: [weight("c", 4, 1, 1)], output: IMAGE, macs: 120 },
    ]),
  ),
  ...Object.fromEntries(
    ["Max", "Mean", "Min", "Sum"].map((op): [string, OperatorCase] => [
      op,
      { nodes: [node(op, ["x", "c", "x"])], weights: [weight("c", 5)], output: IMAGE },
    ]),
  ),
  AveragePool: {
    nodes: [node("AveragePool", ["x"], { kernel_shape: is(3, 2), strides: is(2, 2), ceil_mode: { i: 1 } })],
    output: [4, 3, 3],
  },
  BatchNormalization: {
    nodes: [node("BatchNormalization", ["x", "a", "b", "c", "d"])],
    weights: ["a", "b", "c", "d"].map((name) => weight(name, 4)),
    output: IMAGE,
  },
  Cast: { nodes: [node("Cast", ["x"], { to: { i: 1 } })], output: IMAGE },
  Clip: {
    nodes: [node("Clip", ["x", "", "top"])],
    weights: [{ name: "top", shape: [], values: noise(1) }],
    output: IMAGE,
  },
  Concat: { nodes: [node("Concat", ["x", "x"], { axis: { i: -1 } })], output: [4, 6, 10] },
  Conv: {
    nodes: [
      node("Conv", ["x", "k", "b"], { group: { i: 2 }, pads: is(1, 0, 1, 2), strides: is(2, 1), dilations: is(1, 2) }),
    ],
    weights: [weight("k", 6, 2, 3, 2), weight("b", 6)],
    output: [6, 3, 5],
    macs: 6 * 3 * 5 * 2 * 6,
  },
  "ConvTranspose as large as its strides say": {
    nodes: [node("ConvTranspose", ["x", "k"], { strides: is(2, 2), auto_pad: { s: "SAME_UPPER" } })],
    weights: [weight("k", 4, 3, 3, 3)],
    output: [3, 12, 10],
  },
  "ConvTranspose as large as it says": {
    nodes: [node("ConvTranspose", ["x", "k"], { strides: is(2, 2), output_shape: is(12, 11) })],
    weights: [weight("k", 4, 3, 3, 3)],
    output: [3, 12, 11],
  },
  "Masks and places that nobody takes": {
    opset: 10,
    nodes: [
      node("MaxPool", ["x"], { kernel_shape: is(2, 2) }, ["p", "places"]),
      node("Dropout", ["p"], {}, ["y", "mask"]),
    ],
    output: [4, 5, 4],
  },
  ConvTranspose: {
    nodes: [node("ConvTranspose", ["x", "k"], { strides: is(2, 2), pads: is(1, 1, 1, 1), output_padding: is(1, 0) })],
    weights: [weight("k", 4, 3, 3, 3)],
    output: [3, 12, 9],
  },
  Expand: {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Gather", ["s", "zero"], {}, ["n"]),
      node("Concat", ["n", "rest"], { axis: { i: 0 } }, ["target"]),
      node("Expand", ["token", "target"], {}, ["tokens"]),
      node("Concat", ["x", "tokens"], { axis: { i: 1 } }),
    ],
    integers: { zero: long(0), rest: long(1, 6, 5) },
    weights: [weight("token", 1, 1, 6, 5)],
    output: [5, 6, 5],
  },
  "Mod and Reshape of a shape": {
    nodes: [
      node("Mod", ["nine", "five"], {}, ["four"]),
      node("Reshape", ["four", "flat"], {}, ["list"]),
      node("Concat", ["free", "list"], { axis: { i: 0 } }, ["target"]),
      node("Reshape", ["x", "target"]),
    ],
    integers: {
      nine: { dtype: "int64", shape: [], values: [9] },
      five: { dtype: "int64", shape: [], values: [5] },
      flat: long(-1),
      free: long(-1, 30),
    },
    output: [30, 4],
  },
  "Expand as PyTorch writes it": {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Gather", ["s", "zero"], {}, ["n"]),
      node("Concat", ["n", "rest"], { axis: { i: 0 } }, ["target"]),
      node("Shape", ["target"], {}, ["rank"]),
      node("ConstantOfShape", ["rank"], { value: { t: { int64: 1 } } }, ["ones"]),
      node("Mul", ["ones", "minus"], {}, ["kept"]),
      node("Equal", ["target", "kept"], {}, ["isKept"]),
      node("Where", ["isKept", "ones", "target"], {}, ["wanted"]),
      node("Expand", ["token", "wanted"], {}, ["tokens"]),
      node("Add", ["x", "tokens"]),
    ],
    integers: { zero: long(0), rest: long(-1, -1, 5), minus: long(-1) },
    weights: [weight("token", 1, 4, 1, 5)],
    output: IMAGE,
  },
  Flatten: { nodes: [node("Flatten", ["x"])], output: [120] },
  Gather: {
    nodes: [node("Gather", ["x", "i"], { axis: { i: 2 } })],
    integers: { i: long(5, 0, -2) },
    output: [4, 3, 5],
  },
  Gemm: {
    shape: [7],
    nodes: [node("Gemm", ["x", "k", "b"], { transB: { i: 1 }, alpha: { f: 0.5 } })],
    weights: [weight("k", 3, 7), weight("b", 3)],
    output: [3],
    macs: 21,
  },
  GlobalAveragePool: { nodes: [node("GlobalAveragePool", ["x"])], output: [4, 1, 1] },
  GlobalMaxPool: { nodes: [node("GlobalMaxPool", ["x"])], output: [4, 1, 1] },
  GroupNormalization: {
    opset: 21,
    nodes: [node("GroupNormalization", ["x", "a", "b"], { num_groups: { i: 2 } })],
    weights: [weight("a", 4), weight("b", 4)],
    output: IMAGE,
  },
  InstanceNormalization: {
    nodes: [node("InstanceNormalization", ["x", "a", "b"])],
    weights: [weight("a", 4), weight("b", 4)],
    output: IMAGE,
  },
  LayerNormalization: {
    nodes: [node("LayerNormalization", ["x", "a"], { axis: { i: 2 } })],
    weights: [weight("a", 6, 5)],
    output: IMAGE,
  },
  MatMul: { nodes: [node("MatMul", ["x", "k"])], weights: [weight("k", 5, 8)], output: [4, 6, 8], macs: 4 * 6 * 5 * 8 },
  "MatMul of two batches": {
    nodes: [node("Transpose", ["x"], { perm: is(0, 1, 3, 2) }, ["t"]), node("MatMul", ["x", "t"])],
    output: [4, 6, 6],
  },
  MaxPool: {
    nodes: [node("MaxPool", ["x"], { kernel_shape: is(2, 2), strides: is(2, 2), ceil_mode: { i: 1 } })],
    output: [4, 3, 3],
  },
  "MaxPool with padding": {
    nodes: [node("MaxPool", ["x"], { kernel_shape: is(3, 3), auto_pad: { s: "SAME_UPPER" }, strides: is(4, 2) })],
    output: [4, 2, 3],
  },
  Pad: { nodes: [node("Pad", ["x", "p"])], integers: { p: long(0, 0, 1, 2, 0, 1, 0, 3) }, output: [5, 7, 10] },
  Reshape: { nodes: [node("Reshape", ["x", "s"])], integers: { s: long(0, 2, -1, 5) }, output: [2, 12, 5] },
  "Reshape to what Shape says": {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Gather", ["s", "zero"], {}, ["n"]),
      node("Unsqueeze", ["n", "axis"], {}, ["n1"]),
      node("Concat", ["n1", "rest"], { axis: { i: 0 } }, ["target"]),
      node("Reshape", ["x", "target"]),
    ],
    integers: { zero: { dtype: "int64", shape: [], values: [0] }, axis: long(0), rest: long(-1) },
    output: [120],
  },
  Shape: {
    nodes: [
      node("Shape", ["x"], { start: { i: 2 } }, ["s"]),
      node("Concat", ["front", "s"], { axis: { i: 0 } }, ["target"]),
      node("Reshape", ["x", "target"]),
    ],
    integers: { front: long(-1, 2, 2) },
    output: [2, 2, 6, 5],
  },
  Slice: {
    nodes: [node("Slice", ["x", "from", "to", "axes", "steps"])],
    integers: { from: long(-1, 1), to: long(-100, Number.MAX_SAFE_INTEGER), axes: long(1, 3), steps: long(-2, 2) },
    output: [2, 6, 2],
  },
  Split: {
    nodes: [
      node("Split", ["x", "sizes"], { axis: { i: 1 } }, ["a", "b"]),
      node("Concat", ["b", "a"], { axis: { i: 1 } }),
    ],
    integers: { sizes: long(1, 3) },
    output: IMAGE,
  },
  Squeeze: { shape: [1, 3, 1], nodes: [node("Squeeze", ["x", "axes"])], integers: { axes: long(1, -1) }, output: [3] },
  Transpose: { nodes: [node("Transpose", ["x"], { perm: is(0, 2, 3, 1) })], output: [6, 5, 4] },
  Unsqueeze: {
    shape: [3],
    nodes: [node("Unsqueeze", ["x", "axes"])],
    integers: { axes: long(1, -1) },
    output: [1, 3, 1],
  },
};

const ALL_CASES = {
  ...BASIC_CASES,
  ...ELEMENTWISE_CASES,
  ...Object.fromEntries(Object.entries(FUSED_CASES).map(([name, one]) => [`${MICROSOFT}.${name}`, one])),
  ...MATRIX_CASES,
  ...PLACE_CASES,
  ...QUANTIZED_CASES,
  ...RECURRENT_CASES,
};
const nameOf = ({ op, domain }: OnnxNodeFacts) => (domain === undefined ? op : `${domain}.${op}`);

const runtime = createOnnxRuntime();
const ROWS = 3;

describe("operators of ONNX", () => {
  it("each one on the list is tried here", () => {
    const tried = new Set(Object.values(ALL_CASES).flatMap(({ nodes }) => nodes.map(nameOf)));
    const all = [...Object.keys(ONNX_RULES), ...Object.keys(MICROSOFT_RULES).map((op) => `${MICROSOFT}.${op}`)];
    expect(all.filter((op) => !tried.has(op))).toEqual([]);
  });

  for (const [name, { shape = IMAGE, output, macs, ...rest }] of Object.entries(ALL_CASES)) {
    it(`${name}: a query gives [${output}], in a batch as alone`, async () => {
      const input = { name: "x", shape: [-1, ...shape] };
      const bundle = packOnnx(smallOnnx({ input, outputs: ["y"], weights: [], ...rest }));
      const size = output.reduce((a, b) => a * b, 1);
      const facts = inspectModel(bundle);
      expect([facts.inputShape, facts.outputSize]).toEqual([shape, size]);
      if (macs !== undefined) expect(facts.macsPerQuery).toBe(macs);

      const model = await runtime.load(bundle);
      const rows = noise(ROWS * facts.inputSize, 2);
      const together = await model.run(rows, ROWS);
      expect(together).toHaveLength(ROWS * size);
      for (let r = 0; r < ROWS; r++) {
        const alone = await model.run(rows.slice(r * facts.inputSize, (r + 1) * facts.inputSize), 1);
        for (const [i, value] of alone.entries()) expect(together[r * size + i]).toBeCloseTo(value, 4);
      }
      model.dispose();
    });
  }
});

describe("numbers that are moved and not computed with", () => {
  const chain = (step: (from: string, to: string) => OnnxNodeFacts, count: number, side: number) => {
    const names = Array.from({ length: count }, (_, i) => (i === count - 1 ? "y" : `h${i}`));
    const nodes = names.map((to, i) => step(i === 0 ? "x" : names[i - 1]!, to));
    const input = { name: "x", shape: [-1, side, side] };
    return inspectModel(packOnnx(smallOnnx({ input, outputs: ["y"], weights: [], nodes, integers: SIZES })));
  };
  const SIZES = {
    shape: { dtype: "int64", shape: [3], values: [-1, 64, 64] },
    once: { dtype: "int64", shape: [3], values: [1, 1, 1] },
    places: { dtype: "int64", shape: [64], values: Array.from({ length: 64 }, (_, i) => 63 - i) },
  } as const;
  const turned = (from: string, to: string) => node("Transpose", [from], { perm: is(0, 2, 1) }, [to]);

  it("[PR100] cost ten multiply-adds each, whichever operator moves them, and shapes that change alone cost none", () => {
    const steps = {
      Transpose: turned,
      Tile: (from: string, to: string) => node("Tile", [from, "once"], {}, [to]),
      Expand: (from: string, to: string) => node("Expand", [from, "once"], {}, [to]),
      Gather: (from: string, to: string) => node("Gather", [from, "places"], { axis: { i: 2 } }, [to]),
      Reshape: (from: string, to: string) => node("Reshape", [from, "shape"], {}, [to]),
    };
    const costs = Object.fromEntries(
      Object.entries(steps).map(([op, step]) => [op, chain(step, 3, 64).macsPerQuery / (3 * 64 * 64)]),
    );
    expect(costs).toEqual({ Transpose: 10, Tile: 10, Expand: 10, Gather: 10, Reshape: 0 });
  });

  it("[PR100] a thousand of them over four million numbers are refused, as no row of any model may take so long", () => {
    expect(() => chain(turned, 1_000, 2_048)).toThrow(/multiply-adds/);
    expect(chain(turned, 400, 2_048).macsPerQuery).toBe(400 * 10 * 2_048 ** 2);
  });
});

describe("memory", () => {
  const factsOf = (nodes: readonly OnnxNodeFacts[], shape: readonly number[], weights: SmallOnnx["weights"] = []) =>
    inspectModel(packOnnx(smallOnnx({ input: { name: "x", shape: [-1, ...shape] }, outputs: ["y"], weights, nodes })));

  it("branches that wait for each other are all held", () => {
    const branches = Array.from({ length: 30 }, (_, i) => node("Relu", ["x"], {}, [`b${i}`]));
    const joined = node(
      "Concat",
      branches.map((_, i) => `b${i}`),
      { axis: { i: 1 } },
    );
    const facts = factsOf([...branches, joined], [1000]);
    expect(facts).toMatchObject({ activationsPerQuery: 1000 + 60_000, numbersPerRun: 0 });
  });

  it("a transposed convolution holds its whole product, once a run", () => {
    const facts = factsOf([node("ConvTranspose", ["x", "k"])], [1, 32, 32], [weight("k", 1, 1, 64, 64)]);
    expect(facts).toMatchObject({ activationsPerQuery: 32 * 32 + 95 * 95, numbersPerRun: 32 * 32 * 64 * 64 });
  });

  it("what comes of weights alone is there once", () => {
    const weights = [weight("a", 100, 1), weight("b", 1, 100)];
    const nodes = [node("Add", ["a", "b"], {}, ["c"]), node("MatMul", ["x", "c"])];
    expect(factsOf(nodes, [100], weights)).toMatchObject({ activationsPerQuery: 200, numbersPerRun: 10_000 });
  });
});

describe("what reaches across the batch, or is not known before it runs", () => {
  const refused: [string, Partial<SmallOnnx> & { nodes: readonly OnnxNodeFacts[] }, RegExp][] = [
    [
      "a sum over the batch",
      { nodes: [node("ReduceSum", ["x", "a"])], integers: { a: long(0) } },
      /axis within one query/,
    ],
    ["a sum over everything", { nodes: [node("ReduceSum", ["x"])] }, /axes within one query/],
    ["a batch that is turned away", { nodes: [node("Transpose", ["x"])] }, /the batch first/],
    [
      "a batch that is folded in",
      { nodes: [node("Reshape", ["x", "s"])], integers: { s: long(1, -1) } },
      /the batch first/,
    ],
    ["softmax over the batch", { nodes: [node("Softmax", ["x"], { axis: { i: 0 } })] }, /axis within one query/],
    ["a row of the batch", { nodes: [node("Gather", ["x", "i"])], integers: { i: long(0) } }, /axis within one query/],
    [
      "a slice of the batch",
      { nodes: [node("Slice", ["x", "i", "j"])], integers: { i: long(0), j: long(1) } },
      /axis within one query/,
    ],
    [
      "a batch as weights",
      { nodes: [node("Flatten", ["x"], {}, ["f"]), node("MatMul", ["c", "f"])], weights: [weight("c", 120, 120)] },
      /go together|batch/,
    ],
    [
      "a norm in training",
      {
        nodes: [node("BatchNormalization", ["x", "c", "c", "c", "c"], { training_mode: { i: 1 } })],
        weights: [weight("c", 4)],
      },
      /after training/,
    ],
    ["a shape that is computed", { nodes: [node("Reshape", ["x", "x"])] }, /constant, got "a computed value"/],
    [
      "a comparison with the batch",
      {
        nodes: [
          node("Shape", ["x"], {}, ["s"]),
          node("Equal", ["s", "four"], {}, ["e"]),
          node("Where", ["e", "s", "s"]),
        ],
        integers: { four: long(4) },
      },
      /the batch does not decide, got 4/,
    ],
    ["whole numbers as an output", { nodes: [node("Shape", ["x"])] }, /float32, got "whole numbers"/],
    [
      "a filter of other channels",
      { nodes: [node("Conv", ["x", "c"])], weights: [weight("c", 2, 3, 3, 3)] },
      /filter for 4 channels/,
    ],
    [
      "shapes that grow without end",
      { nodes: [node("Pad", ["x", "p"])], integers: { p: long(0, 9e6, 9e6, 0, 0, 0, 0, 0) } },
      /at most \d+ elements/,
    ],
    [
      "nine dimensions",
      { nodes: [node("Unsqueeze", ["x", "a"])], integers: { a: long(1, 2, 3, 4, 5) } },
      /at most 8 dimensions/,
    ],
  ];
  for (const [name, graph, message] of refused) {
    it(`${name} is refused`, () => {
      const file = smallOnnx({ input: { name: "x", shape: [-1, ...IMAGE] }, outputs: ["y"], weights: [], ...graph });
      expect(() => inspectModel(packOnnx(file))).toThrow(message);
    });
  }
});
