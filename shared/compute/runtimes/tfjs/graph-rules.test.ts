/** Ops of Graph models, tried against the library on two back-ends: the shapes that the rules say, rows together as alone. As long as the list of ops. */
import { beforeAll, describe, expect, it } from "vitest";
import { hashNoise } from "../../hash-noise.ts";
import { unpackModel } from "../../model-bundle.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { selectOutputOf } from "../../select-output.ts";
import { base64, four, graph, i, int, ints, type Node, node, out, type Weight } from "./testing/graphs.ts";
import { tfjsFormat } from "./tfjs-format.ts";
import { createTfjsRuntime, type TfjsRuntime } from "./tfjs-runtime.ts";

interface Case {
  readonly shape?: readonly number[];
  readonly nodes: readonly Node[];
  readonly weights?: readonly Weight[];
  readonly output: readonly number[];
  readonly batch?: number;
}

const IMAGE = [4, 6, 2];
const toFloat = (from: string) => out("Cast", [from], { DstT: { type: "DT_FLOAT" } });

function dilated(): Node[] {
  return [
    node("cut", "SpaceToBatchND", ["x", "block", "paddings"]),
    node("conv", "Conv2D", ["cut", "filter"], {
      strides: four(1, 1),
      dilations: four(1, 1),
      padding: { s: base64("VALID") },
    }),
    out("BatchToSpaceND", ["conv", "block", "crops"]),
  ];
}

function dilatedWeights(): Weight[] {
  return [
    ints("block", 2, 2),
    { name: "paddings", shape: [2, 2], values: [2, 2, 2, 2] },
    { name: "crops", shape: [2, 2], values: [0, 0, 0, 0] },
    { name: "filter", shape: [3, 3, 2, 3] },
  ];
}

const pooled = (from: string) =>
  out("MaxPool", [from], { ksize: four(3, 3), strides: four(1, 1), padding: { s: base64("VALID") } });

const CASES: Record<string, Case> = {
  AddN: { nodes: [node("r", "Relu", ["x"]), out("AddN", ["x", "r", "x"])], output: IMAGE },
  "ResizeBilinear to what Shape says": {
    nodes: [
      node("shape", "Shape", ["x"]),
      node("rows", "StridedSlice", ["shape", "one", "two", "ones"], { shrink_axis_mask: i(1) }),
      node("columns", "StridedSlice", ["shape", "two", "three", "ones"], { shrink_axis_mask: i(1) }),
      node("twice", "Mul", ["rows", "factor"]),
      node("wide", "Mul", ["columns", "factor"]),
      node("size", "Pack", ["twice", "wide"], { N: i(2), axis: i(0) }),
      out("ResizeBilinear", ["x", "size"]),
    ],
    weights: [ints("one", 1), ints("two", 2), ints("three", 3), ints("ones", 1), int("factor", 2)],
    output: [8, 12, 2],
  },
  ResizeNearestNeighbor: {
    nodes: [out("ResizeNearestNeighbor", ["x", "size"], { half_pixel_centers: { b: true } })],
    weights: [ints("size", 3, 5)],
    output: [3, 5, 2],
  },
  "Conv2DBackpropInput to the batch": {
    nodes: [
      node("shape", "Shape", ["x"]),
      node("b", "StridedSlice", ["shape", "zero", "one", "one"], { shrink_axis_mask: i(1) }),
      node("to", "Pack", ["b", "eight", "twelve", "three"], { N: i(4) }),
      out("Conv2DBackpropInput", ["to", "filter", "x"], {
        strides: four(2, 2),
        dilations: four(1, 1),
        padding: { s: base64("SAME") },
      }),
    ],
    weights: [
      ints("zero", 0),
      ints("one", 1),
      int("eight", 8),
      int("twelve", 12),
      int("three", 3),
      { name: "filter", shape: [3, 3, 3, 2] },
    ],
    output: [8, 12, 3],
  },
  "MirrorPad and Slice": {
    nodes: [
      node("padded", "MirrorPad", ["x", "p"], { mode: { s: base64("REFLECT") } }),
      out("Slice", ["padded", "from", "size"]),
    ],
    weights: [
      { name: "p", shape: [4, 2], values: [0, 0, 1, 2, 2, 1, 0, 0] },
      ints("from", 0, 1, 0, 0),
      ints("size", -1, 5, 9, 1),
    ],
    output: [5, 9, 1],
  },
  "GatherNd, with places within a query": {
    nodes: [node("a", "Transpose", ["x", "p"]), node("b", "GatherNd", ["a", "places"]), out("Transpose", ["b", "q"])],
    weights: [ints("p", 1, 2, 0, 3), { name: "places", shape: [3, 2], values: [0, 1, 3, 5, 2, 2] }, ints("q", 1, 0, 2)],
    output: [3, 2],
  },
  "GatherNd of a batch fixed at 1, where the query says the places": {
    batch: 1,
    nodes: [
      node("row", "Reshape", ["x", "flat"]),
      node("at", "ArgMax", ["row", "one"]),
      node("place", "ExpandDims", ["at", "one"]),
      node("turned", "Reshape", ["x", "column"]),
      out("GatherNd", ["turned", "place"]),
    ],
    weights: [ints("flat", 1, 48), int("one", 1), ints("column", 48, 1)],
    output: [1, 1],
  },
  "SparseToDense of constants": {
    nodes: [
      node("d", "SparseToDense", ["places", "shape", "there", "elsewhere"]),
      node("f", "Cast", ["d"], { DstT: { type: "DT_FLOAT" } }),
      out("Mul", ["x", "f"]),
    ],
    weights: [
      { name: "places", shape: [2, 2], values: [0, 0, 5, 1] },
      ints("shape", 6, 2),
      ints("there", 7, -2),
      int("elsewhere", 3),
    ],
    output: IMAGE,
  },
  "SparseToDense that is known": {
    nodes: [node("d", "SparseToDense", ["place", "length", "there", "elsewhere"]), out("Tile", ["x", "d"])],
    weights: [{ name: "place", shape: [1, 1], values: [2] }, ints("length", 4), ints("there", 2), int("elsewhere", 1)],
    output: [4, 12, 2],
  },
  "a Range whose ends are floats": {
    nodes: [
      node("s", "Shape", ["x"]),
      node("n", "StridedSlice", ["s", "from", "to", "by"], { shrink_axis_mask: i(1) }),
      node("f", "Cast", ["n"], { DstT: { type: "DT_FLOAT" } }),
      node("start", "Sub", ["step", "step"]),
      node("r", "Range", ["start", "f", "step"]),
      node("column", "Reshape", ["r", "shape"]),
      out("Add", ["x", "column"]),
    ],
    weights: [
      ints("from", 2),
      ints("to", 3),
      ints("by", 1),
      ints("shape", 6, 1),
      { name: "step", shape: [], float: 1 },
    ],
    output: IMAGE,
  },
  "FloorDiv of a number below 0": {
    nodes: [
      node("below", "FloorDiv", ["minus", "two"]),
      node("twice", "Sub", ["below", "minus3"]),
      node("n", "Pack", ["one", "one", "twice", "one"], { N: i(4) }),
      out("Tile", ["x", "n"]),
    ],
    weights: [int("minus", -1), int("two", 2), int("minus3", -3), int("one", 1)],
    output: [4, 12, 2],
  },
  "Prelu with a slope for each channel": {
    nodes: [out("Prelu", ["x", "slopes"])],
    weights: [{ name: "slopes", shape: [1, 1, 2] }],
    output: IMAGE,
  },
  "ReverseV2 and Cumsum": {
    nodes: [node("r", "ReverseV2", ["x", "axes"]), out("Cumsum", ["r", "axis"], { exclusive: { b: true } })],
    weights: [ints("axes", 1, 3), int("axis", 2)],
    output: IMAGE,
  },
  DivNoNan: {
    nodes: [node("r", "Relu", ["x"]), out("DivNoNan", ["x", "r"])],
    output: IMAGE,
  },
  "Size of what does not depend on the batch": {
    nodes: [node("n", "Size", ["k"]), node("f", "Cast", ["n"], { DstT: { type: "DT_FLOAT" } }), out("Mul", ["x", "f"])],
    weights: [{ name: "k", shape: [3, 5] }],
    output: IMAGE,
  },
  DepthToSpace: {
    shape: [2, 3, 8],
    nodes: [out("DepthToSpace", ["x"], { block_size: i(2), data_format: { s: base64("NHWC") } })],
    output: [4, 6, 2],
  },
  "a dilated convolution as SpaceToBatchND and BatchToSpaceND": {
    nodes: dilated(),
    weights: dilatedWeights(),
    output: [4, 6, 3],
  },
  "the same of a batch fixed at 1": { batch: 1, nodes: dilated(), weights: dilatedWeights(), output: [1, 4, 6, 3] },
  "an infinite constant": {
    nodes: [node("p", "PadV2", ["x", "paddings", "low"]), pooled("p")],
    weights: [
      { name: "paddings", shape: [4, 2], values: [0, 0, 1, 1, 1, 1, 0, 0] },
      { name: "low", shape: [], float: Number.NEGATIVE_INFINITY },
    ],
    output: [4, 6, 2],
  },
  "Gather and GatherV2": {
    nodes: [node("a", "GatherV2", ["x", "places", "axis"]), out("Mean", ["a", "last"])],
    weights: [ints("places", 3, 0), int("axis", 2), ints("last", 3)],
    output: [4, 2],
  },
  "TopKV2, both outputs": {
    shape: [7],
    nodes: [
      node("k", "TopKV2", ["x", "three"]),
      node("f", "Cast", ["k:1"], { DstT: { type: "DT_FLOAT" } }),
      out("ConcatV2", ["k", "f", "axis"], { N: i(2) }),
    ],
    weights: [int("three", 3), int("axis", 1)],
    output: [6],
  },
  ArgMax: { nodes: [node("a", "ArgMax", ["x", "axis"]), toFloat("a")], weights: [int("axis", 3)], output: [4, 6] },
  "whole numbers as an answer": { nodes: [out("ArgMax", ["x", "axis"])], weights: [int("axis", 1)], output: [6, 2] },
  "comparisons and a choice": {
    nodes: [node("g", "Greater", ["x", "c"]), node("l", "LogicalNot", ["g"]), out("SelectV2", ["l", "x", "c"])],
    weights: [{ name: "c", shape: [6, 2] }],
    output: IMAGE,
  },
  "Split and Unpack": {
    nodes: [
      node("s", "Split", ["axis", "x"], { num_split: i(2) }),
      node("u", "Unpack", ["s:1"], { num: i(6), axis: i(2) }),
      out("Add", ["u", "u:3"]),
    ],
    weights: [int("axis", 1)],
    output: [2, 2],
  },
  SplitV: {
    nodes: [node("s", "SplitV", ["x", "sizes", "axis"], { num_split: i(2) }), out("Relu", ["s:1"])],
    weights: [ints("sizes", 1, 3), int("axis", 1)],
    output: [3, 6, 2],
  },
  "BatchMatMul of two batches": {
    shape: [4, 6],
    nodes: [out("BatchMatMulV2", ["x", "x"], { adj_y: { b: true } })],
    output: [4, 4],
  },
  "ExpandDims, Tile and Squeeze": {
    nodes: [
      node("e", "ExpandDims", ["x", "at"]),
      node("t", "Tile", ["e", "n"]),
      node("s", "Slice", ["t", "from", "size"]),
      out("Squeeze", ["s"], { squeeze_dims: { list: { i: ["2"] } } }),
    ],
    weights: [int("at", 2), ints("n", 1, 1, 2, 1, 2), ints("from", 0, 0, 1, 0, 0), ints("size", -1, 4, 1, 6, 4)],
    output: [4, 6, 4],
  },
  "Fill to the batch": {
    nodes: [
      node("shape", "Shape", ["x"]),
      node("ones", "Fill", ["shape", "one"]),
      node("f", "Cast", ["ones"], { DstT: { type: "DT_FLOAT" } }),
      out("Mul", ["x", "f"]),
    ],
    weights: [int("one", 3)],
    output: IMAGE,
  },
  "StridedSlice of an image": {
    nodes: [
      out("StridedSlice", ["x", "begin", "end", "step"], {
        begin_mask: i(1),
        end_mask: i(0b0101),
        shrink_axis_mask: i(8),
      }),
    ],
    weights: [ints("begin", 0, 1, 1, 1), ints("end", 0, 3, 0, 2), ints("step", 1, 1, 2, 1)],
    output: [2, 3],
  },
  "a batch that goes to another axis and comes back": {
    shape: [4, 3],
    nodes: [
      node("t", "Transpose", ["x", "p"]),
      node("s", "Softmax", ["t"]),
      node("m", "BatchMatMulV2", ["s", "k"]),
      out("Transpose", ["m", "p"]),
    ],
    weights: [ints("p", 1, 0, 2), { name: "k", shape: [3, 5] }],
    output: [4, 5],
  },
  "a batch fixed at 1": {
    batch: 1,
    nodes: [node("flat", "Reshape", ["x", "to"]), out("MatMul", ["flat", "k"])],
    weights: [ints("to", 1, 48), { name: "k", shape: [48, 3] }],
    output: [1, 3],
  },
  "a batch fixed at 1 that is summed over": {
    batch: 1,
    nodes: [out("Sum", ["x", "axes"])],
    weights: [ints("axes", 0, 1)],
    output: [6, 2],
  },
  "control inputs, and what they alone lead to": {
    nodes: [
      node("assert", "Assert", ["x"]),
      node("nothing", "NoOp", ["^assert"]),
      out("ConcatV2", ["x", "x", "axis", "^nothing", "^x"], { N: i(2) }),
    ],
    weights: [int("axis", -1)],
    output: [4, 6, 4],
  },
  "quantized weights": {
    nodes: [out("BatchMatMulV2", ["x", "k"])],
    weights: [{ name: "k", shape: [2, 5], isQuantized: true }],
    output: [4, 6, 5],
  },
};

describe("ops of Graph models", () => {
  let runtimes: readonly TfjsRuntime[] = [];
  beforeAll(async () => {
    runtimes = [await createTfjsRuntime("cpu"), await createTfjsRuntime("wasm")];
  });

  for (const [name, { shape = IMAGE, nodes, weights = [], output, batch }] of Object.entries(CASES)) {
    it(`${name}: a query gives [${output}], in a batch as alone`, async () => {
      const bundle = graph(shape, nodes, weights, batch);
      const facts = factsOfBundle(tfjsFormat, bundle);
      const size = output.reduce((a, b) => a * b, 1);
      expect([facts.inputShape, facts.outputSize]).toEqual([shape, size]);
      const rows = Float32Array.from({ length: 3 * facts.inputSize }, (_, at) => hashNoise(32, at));
      const answers: Float32Array[] = [];
      for (const runtime of runtimes) {
        const model = await runtime.load(bundle);
        const together = await model.run(rows, 3);
        expect(together).toHaveLength(3 * size);
        const alone = await model.run(rows.slice(facts.inputSize, 2 * facts.inputSize), 1);
        for (const [at, value] of alone.entries()) expect(together[size + at]).toBeCloseTo(value, 4);
        answers.push(together);
        model.dispose();
      }
      for (const [at, value] of answers[0]!.entries()) expect(answers[1]![at]).toBeCloseTo(value, 4);
    });
  }

  it("a further output of a node can be the model's", () => {
    const json = (names: string[]) => Object.fromEntries(names.map((name) => [name, { name }]));
    const bundle = graph([7], [node("k", "TopKV2", ["x", "three"])], [int("three", 3)]);
    const model = { ...unpackModel(bundle), signature: { outputs: json(["k:0", "k:1"]) } };
    expect(tfjsFormat.outputs(model)).toEqual([
      { name: "k:0", tensor: "k" },
      { name: "k:1", tensor: "k:1" },
    ]);
    const places = tfjsFormat.keepOutput(model, { name: "k:1", tensor: "k:1" });
    expect(factsOfBundle(tfjsFormat, selectOutputOf(tfjsFormat, places, 0)).outputSize).toBe(3);
  });

  it("quantized weights are a quarter of the bytes that are sent, and cost what they become", () => {
    const weights = (isQuantized: boolean) => [{ name: "k", shape: [2, 5_000], isQuantized }];
    const bundle = (isQuantized: boolean) => graph(IMAGE, [out("BatchMatMulV2", ["x", "k"])], weights(isQuantized));
    expect(bundle(false).length - bundle(true).length).toBeGreaterThan(29_900);
    const cost = (isQuantized: boolean) => factsOfBundle(tfjsFormat, bundle(isQuantized)).weightBytes;
    expect(cost(true)).toBe(cost(false));
  });

  const refused: [string, readonly Node[], readonly Weight[], RegExp][] = [
    [
      "all reasons at once",
      [node("a", "Where", ["x"]), node("b", "TensorListReserve", ["x"]), out("AddN", ["a", "b"])],
      [],
      /2 reasons.*\n\(1\) node 'a' \(Where\).*decided by the query.*\n\(2\) node 'b' \(TensorListReserve\).*unroll/,
    ],
    [
      "the size of the batch as a number",
      [
        node("s", "Shape", ["x"]),
        node("f", "Cast", ["s"], { DstT: { type: "DT_FLOAT" } }),
        out("Add", ["x", "r"]),
        node("r", "GatherV2", ["f", "zero", "axis"]),
      ],
      [int("zero", 0), int("axis", 0)],
      /numbers that do not depend on the batch/,
    ],
    [
      "the largest of more than there are",
      [out("TopKV2", ["x", "k"])],
      [int("k", 2 ** 31 - 1)],
      /k: expected 1 to 2, which there are, got 2147483647/,
    ],
    [
      "places of another query",
      [out("GatherNd", ["x", "p"])],
      [{ name: "p", shape: [1, 1], values: [0] }],
      /indices within one query/,
    ],
    ...[4, -1].map((place): [string, readonly Node[], readonly Weight[], RegExp] => [
      `[PR96] GatherNd of place ${place} of 4`,
      [node("g", "GatherNd", ["k", "p"]), out("Add", ["x", "g"])],
      [
        { name: "k", shape: [4] },
        { name: "p", shape: [1, 1], values: [place] },
      ],
      new RegExp(`places within \\[4\\], got "?\\[${place}\\]`),
    ]),
    [
      "[PR96] SparseToDense outside of its shape",
      [node("d", "SparseToDense", ["p", "s", "v", "e"]), out("Add", ["x", "d"])],
      [
        { name: "p", shape: [2, 2], values: [0, 0, 6, 1] },
        ints("s", 6, 2),
        { name: "v", shape: [2] },
        { name: "e", shape: [] },
      ],
      /places within \[6,2\], got "?\[6\]/,
    ],
    [
      "SparseToDense with two numbers for elsewhere",
      [node("d", "SparseToDense", ["p", "s", "v", "e"]), out("Add", ["x", "d"])],
      [ints("p", 1), ints("s", 2), { name: "v", shape: [1] }, { name: "e", shape: [2] }],
      /one number elsewhere/,
    ],
    [
      "ExpandDims by half an axis",
      [node("e", "ExpandDims", ["x", "a"]), out("Sum", ["e", "one"])],
      [{ name: "a", shape: [], float: 0.5 }, int("one", 1)],
      /axis: expected a constant of whole numbers/,
    ],
    [
      "Range in steps of a tenth",
      [node("r", "Range", ["a", "b", "c"]), out("Tile", ["x", "r"])],
      [
        { name: "a", shape: [], float: 0 },
        { name: "b", shape: [], float: 1.05 },
        { name: "c", shape: [], float: 0.1 },
      ],
      /start, limit and delta: expected a constant of whole numbers/,
    ],
    [
      "Range of bytes",
      [node("r", "Range", ["a", "b", "c"], { Tidx: { type: "DT_BOOL" } }), out("Tile", ["x", "r"])],
      [int("a", -1), int("b", 3), int("c", 1)],
      /Tidx: expected float32 or int32/,
    ],
    ...Object.entries({
      "what a byte cuts short": [
        node("b", "Cast", ["both"], { DstT: { type: "DT_BOOL" } }),
        node("n", "Cast", ["b"], { DstT: { type: "DT_INT32" } }),
      ],
      "what a Fill of bytes cuts short": [node("n", "Fill", ["four", "many"], { T: { type: "DT_BOOL" } })],
      "whole numbers of which every other is left out": [node("n", "StridedSlice", ["eight", "zero", "to", "two"])],
      "a product that goes round": [node("m", "Mul", ["many", "big"]), node("n", "FloorDiv", ["m", "big"])],
      "a sum beyond what float32 counts": [node("m", "Add", ["big", "one"]), node("n", "Sub", ["m", "big"])],
      "a place that is put twice": [node("n", "SparseToDense", ["places", "four", "both", "one"])],
    }).map(([name, nodes]): [string, readonly Node[], readonly Weight[], RegExp] => [
      `Tile by ${name}`,
      [...nodes, out("Tile", ["x", "n"])],
      [
        int("many", 300),
        int("big", 2 ** 24),
        int("one", 1),
        ints("zero", 0),
        ints("two", 2),
        ints("four", 4),
        ints("to", 8),
        ints("eight", 1, 1, 1, 1, 1, 1, 1, 1),
        { name: "places", shape: [2, 1], values: [3, 3] },
        ints("both", 1, 2),
      ].filter((weight) => nodes.some(({ input }) => input?.includes(weight.name))),
      /multiples: expected a constant of whole numbers/,
    ]),
    ...[-1, 2 ** 20].map((factor): [string, readonly Node[], readonly Weight[], RegExp] => [
      `${factor} times the batch`,
      [
        node("s", "Shape", ["x"]),
        node("m", "Mul", ["s", "f"]),
        node("d", "FloorDiv", ["m", "f"]),
        out("Reshape", ["x", "d"]),
      ],
      [int("f", factor)],
      /whole numbers of queries that fit its type/,
    ]),
    [
      "a bias of one number for 64 columns",
      [
        node("flat", "Reshape", ["x", "to"]),
        out("_FusedMatMul", ["flat", "k", "b"], { fused_ops: { list: { s: [base64("BiasAdd")] } } }),
      ],
      [ints("to", -1, 48), { name: "k", shape: [48, 64] }, { name: "b", shape: [1] }],
      /a bias of 64 numbers/,
    ],
    ...["Exp", "ReverseV2", "TopKV2", "Sum", "SelectV2"].map(
      (op): [string, readonly Node[], readonly Weight[], RegExp] => [
        `${op} of true and false`,
        [
          node("b", "Greater", ["x", "one"]),
          out(op, op === "Exp" ? ["b"] : op === "SelectV2" ? ["b", "b", "b"] : ["b", "one"]),
        ],
        [int("one", 1)],
        /numbers, which Cast makes of true and false/,
      ],
    ),
    [
      "Erf of whole numbers",
      [node("n", "Cast", ["x"], { DstT: { type: "DT_INT32" } }), out("Erf", ["n"])],
      [],
      /expected float32, got "int32"/,
    ],
    [
      "more slopes than there are channels",
      [out("Prelu", ["x", "slopes"])],
      [{ name: "slopes", shape: [6, 1] }],
      /a slope for each number along the last axes/,
    ],
    [
      "blocks that do not divide an image",
      [out("SpaceToBatchND", ["x", "b", "p"])],
      [ints("b", 3, 2), { name: "p", shape: [2, 2], values: [0, 0, 0, 0] }],
      /one that divides 4 x 6 places/,
    ],
    [
      "images that were never cut",
      [out("BatchToSpaceND", ["x", "b", "p"])],
      [ints("b", 2, 2), { name: "p", shape: [2, 2], values: [0, 0, 0, 0] }],
      /that images were cut into before/,
    ],
    [
      "channels that make no block",
      [out("DepthToSpace", ["x"], { block_size: i(2) })],
      [],
      /whose square divides 2 channels/,
    ],
    [
      "an image of endless rows",
      [out("ResizeBilinear", ["x", "s"])],
      [ints("s", 2 ** 30, 2 ** 30)],
      /at most \d+ elements/,
    ],
    [
      "a range without end",
      [node("r", "Range", ["a", "b", "c"]), out("Add", ["x", "r"])],
      [int("a", 0), int("b", 2 ** 30), int("c", 1)],
      /1 to 4096 numbers/,
    ],
  ];
  for (const [name, nodes, weights, message] of refused) {
    it(`${name} is refused`, () => {
      expect(() => factsOfBundle(tfjsFormat, graph(IMAGE, nodes, weights))).toThrow(message);
    });
  }
});
