/** Operators that pick numbers by places, tell places, or make them; and images that change their size. */
import { floats, IMAGE, is, long, node, type OperatorCase, oneLong, single, weight } from "../operator-case.ts";

const toFloat = (from: string, to = "y") => node("Cast", [from], { to: { i: 1 } }, [to]);
const resize = (
  attributes: Parameters<typeof node>[2],
  output: number[],
  more: Partial<OperatorCase>,
): OperatorCase => ({
  nodes: [node("Resize", ["x", "", "scales"], attributes)],
  weights: [floats("scales", 1, 1, 2, 1.5)],
  output,
  ...more,
});

export const PLACE_CASES: Record<string, OperatorCase> = {
  ArgMax: {
    nodes: [node("ArgMax", ["x"], { axis: { i: 2 }, keepdims: { i: 0 } }, ["i"]), toFloat("i")],
    output: [4, 5],
  },
  ArgMin: { nodes: [node("ArgMin", ["x"], { axis: { i: -1 } }, ["i"]), toFloat("i")], output: [4, 6, 1] },
  TopK: {
    nodes: [node("TopK", ["x", "k"], { axis: { i: 2 } }, ["y", "places"])],
    integers: { k: long(3) },
    output: [4, 3, 5],
  },
  "TopK, its places": {
    nodes: [node("TopK", ["x", "k"], {}, ["largest", "places"]), toFloat("places")],
    integers: { k: long(2) },
    output: [4, 6, 2],
  },
  "TopK of opset 7": { opset: 7, nodes: [node("TopK", ["x"], { k: { i: 2 } }, ["y", "places"])], output: [4, 6, 2] },
  "Gather by places that the query has": {
    nodes: [node("ArgMax", ["x"], { axis: { i: 3 }, keepdims: { i: 0 } }, ["i"]), node("Gather", ["table", "i"])],
    weights: [weight("table", 5, 7)],
    output: [4, 6, 7],
  },
  GatherElements: {
    nodes: [
      node("TopK", ["x", "k"], { axis: { i: 2 } }, ["largest", "places"]),
      node("GatherElements", ["x", "places"], { axis: { i: 2 } }),
    ],
    integers: { k: long(2) },
    output: [4, 2, 5],
  },
  GatherND: {
    shape: [6, 5],
    nodes: [
      node("TopK", ["x", "k"], { axis: { i: 1 } }, ["largest", "places"]),
      node("Unsqueeze", ["places", "last"], {}, ["i"]),
      node("GatherND", ["x", "i"], { batch_dims: { i: 1 } }),
    ],
    integers: { k: long(2), last: long(-1) },
    output: [2, 5, 5],
  },
  "GatherND of a table": {
    shape: [6],
    nodes: [
      node("Cast", ["x"], { to: { i: 7 } }, ["whole"]),
      node("Unsqueeze", ["whole", "last"], {}, ["i"]),
      node("GatherND", ["table", "i"]),
    ],
    weights: [weight("table", 4, 3)],
    integers: { last: long(-1) },
    output: [6, 3],
  },
  ScatterElements: {
    opset: 18,
    nodes: [
      node("TopK", ["x", "k"], { axis: { i: 2 } }, ["largest", "places"]),
      node("Neg", ["largest"], {}, ["n"]),
      node("ScatterElements", ["x", "places", "n"], { axis: { i: 2 } }),
    ],
    integers: { k: long(2) },
    output: IMAGE,
  },
  ScatterND: {
    shape: [3, 5],
    nodes: [
      node("Transpose", ["x"], { perm: is(1, 2, 0) }, ["t"]),
      node("Slice", ["t", "zero", "two"], {}, ["part"]),
      node("ScatterND", ["t", "places", "part"], {}, ["s"]),
      node("Transpose", ["s"], { perm: is(2, 0, 1) }),
    ],
    integers: { zero: long(0), two: long(2), places: { dtype: "int64", shape: [2, 1], values: [2, 0] } },
    output: [3, 5],
  },
  OneHot: {
    shape: [5],
    nodes: [node("Cast", ["x"], { to: { i: 7 } }, ["i"]), node("OneHot", ["i", "depth", "values"], { axis: { i: 1 } })],
    integers: { depth: oneLong(4) },
    weights: [floats("values", 0, 2)],
    output: [4, 5],
  },
  CumSum: { nodes: [node("CumSum", ["x", "axis"])], integers: { axis: oneLong(2) }, output: IMAGE },
  Trilu: { nodes: [node("Trilu", ["x"], { upper: { i: 0 } })], output: IMAGE },
  Tile: { nodes: [node("Tile", ["x", "n"])], integers: { n: long(1, 2, 1, 3) }, output: [8, 6, 15] },
  "Tile to the batch": {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Slice", ["s", "zero", "one"], {}, ["b"]),
      node("Concat", ["b", "rest"], { axis: { i: 0 } }, ["n"]),
      node("Tile", ["token", "n"], {}, ["tokens"]),
      node("Add", ["x", "tokens"]),
    ],
    integers: { zero: long(0), one: long(1), rest: long(4, 1, 1) },
    weights: [weight("token", 1, 1, 6, 5)],
    output: IMAGE,
  },
  Range: {
    nodes: [node("Range", ["a", "b", "c"], {}, ["r"]), toFloat("r", "f"), node("Mul", ["x", "f"])],
    integers: { a: oneLong(1), b: oneLong(10), c: oneLong(2) },
    output: IMAGE,
  },
  "Range of floats": {
    nodes: [node("Range", ["a", "b", "c"], {}, ["r"]), node("Mul", ["x", "r"])],
    weights: [single("a", 0.5), single("b", 2.9), single("c", 0.5)],
    output: IMAGE,
  },
  "ConstantOfShape of floats, of the batch": {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("ConstantOfShape", ["s"], { value: { t: { dtype: "float32", value: 0.25 } } }, ["c"]),
      node("Add", ["x", "c"]),
    ],
    output: IMAGE,
  },
  "ConstantOfShape without a value": {
    nodes: [node("ConstantOfShape", ["s"], {}, ["c"]), node("Add", ["x", "c"])],
    integers: { s: long(6, 5) },
    output: IMAGE,
  },
  "NonZero of constants": {
    nodes: [
      node("ConstantOfShape", ["s"], { value: { t: { int64: 1 } } }, ["ones"]),
      node("NonZero", ["ones"], {}, ["places"]),
      node("Squeeze", ["places", "zero"], {}, ["list"]),
      node("Gather", ["x", "list"], { axis: { i: 3 } }),
    ],
    integers: { s: long(3), zero: long(0) },
    output: [4, 6, 3],
  },
  "Size, Mul and Div of shapes": {
    nodes: [
      node("Size", ["x"], {}, ["n"]),
      node("Shape", ["x"], {}, ["s"]),
      node("Gather", ["s", "zero"], {}, ["b"]),
      node("Div", ["n", "b"], {}, ["each"]),
      node("Unsqueeze", ["each", "front"], {}, ["e1"]),
      node("Concat", ["minus", "e1"], { axis: { i: 0 } }, ["target"]),
      node("Reshape", ["x", "target"]),
    ],
    integers: { zero: oneLong(0), front: long(0), minus: long(-1) },
    output: [120],
  },
  DepthToSpace: { nodes: [node("DepthToSpace", ["x"], { blocksize: { i: 2 } })], output: [1, 12, 10] },
  SpaceToDepth: {
    shape: [3, 6, 4],
    nodes: [node("SpaceToDepth", ["x"], { blocksize: { i: 2 } })],
    output: [12, 3, 2],
  },
  "Resize to the nearest, by scales": resize(
    { mode: { s: "nearest" }, coordinate_transformation_mode: { s: "asymmetric" }, nearest_mode: { s: "floor" } },
    [4, 12, 7],
    {},
  ),
  "Resize, linear": resize({ mode: { s: "linear" } }, [4, 12, 7], {}),
  "Resize, cubic": resize({ mode: { s: "cubic" } }, [4, 12, 7], {}),
  "Resize of opset 10": {
    opset: 10,
    nodes: [node("Resize", ["x", "scales"], { mode: { s: "linear" } })],
    weights: [floats("scales", 1, 1, 2, 2)],
    output: [4, 12, 10],
  },
  "Resize with antialias, to sizes of two axes": {
    opset: 18,
    nodes: [node("Resize", ["x", "", "", "sizes"], { mode: { s: "linear" }, antialias: { i: 1 }, axes: is(2, 3) })],
    integers: { sizes: long(3, 2) },
    output: [4, 3, 2],
  },
  "Resize to what Shape says": {
    nodes: [
      node("Shape", ["x"], {}, ["s"]),
      node("Slice", ["s", "zero", "two"], {}, ["front"]),
      node("Slice", ["s", "two", "four"], {}, ["places"]),
      toFloat("places", "pf"),
      node("Mul", ["pf", "scale"], {}, ["grown"]),
      node("Floor", ["grown"], {}, ["floored"]),
      node("Cast", ["floored"], { to: { i: 7 } }, ["whole"]),
      node("Concat", ["front", "whole"], { axis: { i: 0 } }, ["sizes"]),
      node("Resize", ["x", "", "", "sizes"], { mode: { s: "linear" } }),
    ],
    integers: { zero: long(0), two: long(2), four: long(4) },
    weights: [single("scale", 1.7)],
    output: [4, 10, 8],
  },
  Upsample: {
    opset: 9,
    nodes: [node("Upsample", ["x", "scales"], { mode: { s: "nearest" } })],
    weights: [floats("scales", 1, 1, 2, 3)],
    output: [4, 12, 15],
  },
  "Upsample of opset 7": {
    opset: 7,
    nodes: [node("Upsample", ["x"], { mode: { s: "linear" }, scales: { fs: [1, 1, 2, 2] } })],
    output: [4, 12, 10],
  },
  "Pad as PyTorch writes it, turned round and round": {
    nodes: [
      node("ConstantOfShape", ["four"], { value: { t: { int64: 0 } } }, ["zeros"]),
      node("Concat", ["said", "zeros"], { axis: { i: 0 } }, ["pads"]),
      node("Reshape", ["pads", "two"], {}, ["pairs"]),
      node("Slice", ["pairs", "last", "first", "axis", "back"], {}, ["turned"]),
      node("Transpose", ["turned"], { perm: is(1, 0) }, ["columns"]),
      node("Reshape", ["columns", "flat"], {}, ["all"]),
      node("Pad", ["x", "all"]),
    ],
    integers: {
      four: long(4),
      said: long(1, 2, 0, 3),
      two: long(-1, 2),
      last: long(-1),
      first: long(-Number.MAX_SAFE_INTEGER),
      axis: long(0),
      back: long(-1),
      flat: long(-1),
    },
    output: [4, 9, 8],
  },
  GridSample: {
    opset: 20,
    nodes: [
      node("Slice", ["x", "zero", "two", "axis"], {}, ["g"]),
      node("Transpose", ["g"], { perm: is(0, 2, 3, 1) }, ["grid"]),
      node("GridSample", ["x", "grid"]),
    ],
    integers: { zero: long(0), two: long(2), axis: long(1) },
    output: [4, 6, 5],
  },
  "Split of opset 18 into pieces of a size": {
    opset: 18,
    nodes: [
      node("Split", ["x"], { axis: { i: 3 }, num_outputs: { i: 2 } }, ["a", "b"]),
      node("Concat", ["b", "a"], { axis: { i: 3 } }),
    ],
    output: IMAGE,
  },
  "Slice of everything along the batch": {
    nodes: [node("Slice", ["x", "from", "to", "axes"])],
    integers: { from: long(0, 1), to: long(Number.MAX_SAFE_INTEGER, 3), axes: long(0, 2) },
    output: [4, 2, 5],
  },
  "Scatter, as ScatterElements was called up to opset 10": {
    opset: 10,
    nodes: [
      node("TopK", ["x", "k"], { axis: { i: 2 } }, ["largest", "places"]),
      node("Neg", ["largest"], {}, ["n"]),
      node("Scatter", ["x", "places", "n"], { axis: { i: 2 } }),
    ],
    integers: { k: long(2) },
    output: IMAGE,
  },
  ReverseSequence: {
    nodes: [
      node("ArgMax", ["x"], { axis: { i: 1 }, keepdims: { i: 0 } }, ["most"]),
      node("ReduceMax", ["most", "places"], { keepdims: { i: 0 } }, ["lengths"]),
      node("ReverseSequence", ["x", "lengths"], { batch_axis: { i: 0 }, time_axis: { i: 1 } }),
    ],
    opset: 18,
    integers: { places: long(1, 2) },
    output: IMAGE,
  },
  EyeLike: {
    nodes: [
      node("ConstantOfShape", ["sides"], {}, ["zeros"]),
      node("EyeLike", ["zeros"], { k: { i: -1 } }, ["ones"]),
      node("MatMul", ["x", "ones"]),
    ],
    integers: { sides: long(5, 7) },
    output: [4, 6, 7],
  },
  Det: { shape: [2, 3, 3], nodes: [node("Det", ["x"])], output: [2] },
  CenterCropPad: {
    opset: 18,
    nodes: [node("CenterCropPad", ["x", "sides"], { axes: is(2, 3) })],
    integers: { sides: long(4, 8) },
    output: [4, 4, 8],
  },
  Col2Im: {
    opset: 18,
    shape: [8, 12],
    nodes: [node("Col2Im", ["x", "image", "block"], { strides: is(2, 1), pads: is(0, 1, 0, 0) })],
    integers: { image: long(6, 4), block: long(2, 2) },
    output: [2, 6, 4],
  },
  AffineGrid: {
    opset: 20,
    shape: [2, 3],
    nodes: [
      node("Shape", ["x"], {}, ["lengths"]),
      node("Gather", ["lengths", "first"], {}, ["rows"]),
      node("Concat", ["rows", "rest"], { axis: { i: 0 } }, ["size"]),
      node("AffineGrid", ["x", "size"], { align_corners: { i: 1 } }),
    ],
    integers: { first: long(0), rest: long(3, 4, 5) },
    output: [4, 5, 2],
  },
  "Resize that keeps the aspect": {
    opset: 18,
    nodes: [node("Resize", ["x", "", "", "sizes"], { axes: is(2, 3), keep_aspect_ratio_policy: { s: "not_larger" } })],
    integers: { sizes: long(9, 9) },
    output: [4, 9, 8],
  },
  "Resize of a part of the image": {
    opset: 18,
    nodes: [
      node("Resize", ["x", "roi", "", "sizes"], {
        ...{ axes: is(2, 3), mode: { s: "linear" } },
        coordinate_transformation_mode: { s: "tf_crop_and_resize" },
      }),
    ],
    integers: { sizes: long(3, 4) },
    weights: [floats("roi", 0, 0.2, 0.5, 0.9)],
    output: [4, 3, 4],
  },
  ...Object.fromEntries(
    ["BitwiseAnd", "BitwiseOr", "BitwiseXor"].map((op): [string, OperatorCase] => [
      op,
      {
        opset: 18,
        nodes: [
          node("Mul", ["x", "ten"], {}, ["more"]),
          node("Cast", ["more"], { to: { i: 6 } }, ["whole"]),
          node("Cast", ["five"], { to: { i: 6 } }, ["mask"]),
          node(op, ["whole", "mask"], {}, ["bits"]),
          toFloat("bits"),
        ],
        integers: { five: long(5) },
        weights: [single("ten", 10)],
        output: IMAGE,
      },
    ]),
  ),
  "BitwiseNot and BitShift": {
    opset: 18,
    nodes: [
      node("Cast", ["x"], { to: { i: 2 } }, ["whole"]),
      node("BitwiseNot", ["whole"], {}, ["not"]),
      node("Cast", ["two"], { to: { i: 2 } }, ["by"]),
      node("BitShift", ["not", "by"], { direction: { s: "RIGHT" } }, ["bits"]),
      toFloat("bits"),
    ],
    integers: { two: long(2) },
    output: IMAGE,
  },
  ...Object.fromEntries(
    ["BlackmanWindow", "HammingWindow", "HannWindow"].map((op): [string, OperatorCase] => [
      op,
      {
        nodes: [node(op, ["size"], {}, ["window"]), node("Mul", ["x", "window"])],
        integers: { size: oneLong(5) },
        output: IMAGE,
      },
    ]),
  ),
  DFT: {
    opset: 20,
    shape: [3, 8, 1],
    nodes: [node("DFT", ["x", "", "axis"], { onesided: { i: 1 } })],
    integers: { axis: oneLong(2) },
    output: [3, 5, 2],
  },
  "DFT of opset 17, of a length of its own": {
    shape: [7, 1],
    nodes: [node("DFT", ["x", "length"], { axis: { i: 1 } })],
    integers: { length: oneLong(6) },
    output: [6, 2],
  },
  STFT: {
    shape: [32],
    nodes: [node("STFT", ["x", "step", "window"])],
    integers: { step: oneLong(4) },
    weights: [weight("window", 8)],
    output: [7, 5, 2],
  },
  MelWeightMatrix: {
    shape: [2, 5],
    nodes: [
      node("MelWeightMatrix", ["bins", "length", "rate", "low", "high"], {}, ["mel"]),
      node("MatMul", ["x", "mel"]),
    ],
    integers: { bins: oneLong(3), length: oneLong(8), rate: oneLong(8_000) },
    weights: [single("low", 0), single("high", 4_000)],
    output: [2, 3],
  },
};
