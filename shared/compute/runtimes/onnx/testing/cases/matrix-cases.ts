/** Products of matrices and norms, and batches that go to another axis and come back. */
import { MACS_OF_MOVED } from "../../../../tensors/moving-cost.ts";
import { IMAGE, is, long, node, type OperatorCase, oneLong, weight } from "../operator-case.ts";

const T = (from: string, perm: number[], to = "y") => node("Transpose", [from], { perm: is(...perm) }, [to]);

export const MATRIX_CASES: Record<string, OperatorCase> = {
  ReduceLogSum: { nodes: [node("ReduceLogSum", ["x"], { axes: is(1) })], output: [1, 6, 5] },
  LpNormalization: { nodes: [node("LpNormalization", ["x"], { axis: { i: 1 } })], output: IMAGE },
  MeanVarianceNormalization: { nodes: [node("MeanVarianceNormalization", ["x"], { axes: is(2, 3) })], output: IMAGE },
  RMSNormalization: {
    opset: 23,
    nodes: [node("RMSNormalization", ["x", "c"])],
    weights: [weight("c", 5)],
    output: IMAGE,
  },
  SimplifiedLayerNormalization: {
    nodes: [node("SimplifiedLayerNormalization", ["x", "c"])],
    weights: [weight("c", 5)],
    output: IMAGE,
  },
  LpPool: { nodes: [node("LpPool", ["x"], { kernel_shape: is(2, 2) })], output: [4, 5, 4] },
  GlobalLpPool: { nodes: [node("GlobalLpPool", ["x"])], output: [4, 1, 1] },
  Einsum: {
    shape: [4, 6],
    nodes: [node("Einsum", ["x", "w"], { equation: { s: "bij,jk->bki" } })],
    weights: [weight("w", 6, 3)],
    output: [3, 4],
    macs: 4 * 6 * 3,
  },
  "Einsum of two batches": {
    shape: [4, 6],
    nodes: [node("Einsum", ["x", "x"], { equation: { s: "bij,bkj->bik" } })],
    output: [4, 4],
  },
  "MatMul with a list": { shape: [4, 6], nodes: [node("MatMul", ["x", "w"])], weights: [weight("w", 6)], output: [4] },
  "MatMul from the left, the batch in its columns": {
    shape: [6],
    nodes: [T("x", [1, 0], "t"), node("MatMul", ["w", "t"], {}, ["m"]), T("m", [1, 0])],
    weights: [weight("w", 3, 6)],
    output: [3],
  },
  "a batch that moves and comes back": {
    shape: [4, 6],
    nodes: [
      T("x", [1, 0, 2], "steps"),
      node("Softmax", ["steps"], { axis: { i: 0 } }, ["s"]),
      node("MatMul", ["s", "w"], {}, ["m"]),
      T("m", [1, 0, 2]),
    ],
    weights: [weight("w", 6, 3)],
    output: [4, 3],
  },
  "heads folded into the batch, as nn.MultiheadAttention writes them": {
    shape: [5, 8],
    nodes: [
      T("x", [1, 0, 2], "steps"),
      node("Shape", ["steps"], {}, ["s"]),
      node("Gather", ["s", "one"], {}, ["b"]),
      node("Mul", ["b", "heads"], {}, ["bh"]),
      node("Unsqueeze", ["bh", "front"], {}, ["bh1"]),
      node("Concat", ["five", "bh1", "four"], { axis: { i: 0 } }, ["split"]),
      node("Reshape", ["steps", "split"], {}, ["h"]),
      T("h", [1, 0, 2], "q"),
      T("h", [1, 2, 0], "k"),
      node("MatMul", ["q", "k"], {}, ["scores"]),
      node("Softmax", ["scores"], { axis: { i: -1 } }, ["p"]),
      node("MatMul", ["p", "q"], {}, ["mixed"]),
      T("mixed", [1, 0, 2], "back"),
      // All steps of all queries as rows of one matrix, and apart again.
      node("Reshape", ["back", "flat"], {}, ["rows"]),
      node("Gemm", ["rows", "w"], {}, ["g"]),
      node("Unsqueeze", ["b", "front"], {}, ["b1"]),
      node("Concat", ["five", "b1", "three"], { axis: { i: 0 } }, ["joined"]),
      node("Reshape", ["g", "joined"], {}, ["r"]),
      T("r", [1, 0, 2]),
    ],
    integers: {
      one: oneLong(1),
      heads: oneLong(2),
      front: long(0),
      five: long(5),
      four: long(4),
      three: long(3),
      flat: long(-1, 8),
    },
    weights: [weight("w", 8, 3)],
    output: [5, 3],
  },
  "windows folded into the batch": {
    shape: [4, 4, 3],
    nodes: [
      node("Reshape", ["x", "split"], {}, ["a"]),
      T("a", [0, 1, 3, 2, 4, 5], "b"),
      node("Reshape", ["b", "windows"], {}, ["w"]),
      node("MatMul", ["w", "k"], {}, ["m"]),
      node("Softmax", ["m"], { axis: { i: 1 } }, ["s"]),
      node("Reshape", ["s", "apart"], {}, ["c"]),
      T("c", [0, 1, 3, 2, 4, 5], "d"),
      node("Reshape", ["d", "whole"]),
    ],
    integers: {
      split: long(-1, 2, 2, 2, 2, 3),
      windows: long(-1, 4, 3),
      apart: long(-1, 2, 2, 2, 2, 3),
      whole: long(-1, 4, 4, 3),
    },
    weights: [weight("k", 3, 3)],
    output: [4, 4, 3],
  },
  "Attention of 4 axes": { opset: 23, nodes: [node("Attention", ["x", "x", "x"])], output: IMAGE },
  "Attention of 3 axes": {
    opset: 23,
    shape: [5, 8],
    nodes: [node("Attention", ["x", "x", "x"], { q_num_heads: { i: 2 }, kv_num_heads: { i: 2 } })],
    output: [5, 8],
  },
  "Gemm of two computed matrices": {
    shape: [6],
    nodes: [node("MatMul", ["a", "b"], {}, ["w"]), node("Gemm", ["x", "w"])],
    weights: [weight("a", 6, 2), weight("b", 2, 3)],
    output: [3],
  },
  "Einsum with dots and without an arrow": {
    nodes: [node("Einsum", ["x", "k"], { equation: { s: "...ij, jk" } })],
    weights: [weight("k", 5, 3)],
    output: [4, 6, 3],
  },
  "LayerNormalization with its mean and deviation": {
    nodes: [
      node("LayerNormalization", ["x", "g"], { axis: { i: -1 } }, ["n", "mean", "deviation"]),
      node("Mul", ["n", "deviation"], {}, ["m"]),
      node("Add", ["m", "mean"]),
    ],
    weights: [weight("g", 5)],
    output: IMAGE,
  },
};

/** Steps first, the batch second, as PyTorch writes batch_first=True. */
function recurrent(op: string, gates: number, states: string[], more: Partial<OperatorCase> = {}): OperatorCase {
  return {
    shape: [5, 4],
    nodes: [
      T("x", [1, 0, 2], "steps"),
      node(op, ["steps", "w", "r", "b", "", ...states], { hidden_size: { i: 3 } }, ["all", "last"]),
      node("Squeeze", ["all", "one"], {}, ["s"]),
      T("s", [1, 0, 2]),
    ],
    integers: { one: long(1) },
    weights: [weight("w", 1, gates * 3, 4), weight("r", 1, gates * 3, 3), weight("b", 1, 2 * gates * 3)],
    output: [5, 3],
    // The query is turned before it, and the answer behind.
    macs: 5 * gates * 3 * (4 + 3) + MACS_OF_MOVED * 5 * (4 + 3),
    ...more,
  };
}

/** A state of zeros for each query. */
const zeros = [
  node("Shape", ["x"], {}, ["shape"]),
  node("Slice", ["shape", "front", "one"], {}, ["rows"]),
  node("Concat", ["one", "rows", "three"], { axis: { i: 0 } }, ["state"]),
  node("ConstantOfShape", ["state"], { value: { t: { dtype: "float32", value: 0 } } }, ["h"]),
];

export const RECURRENT_CASES: Record<string, OperatorCase> = {
  GRU: recurrent("GRU", 3, []),
  RNN: recurrent("RNN", 1, []),
  LSTM: recurrent("LSTM", 4, []),
  "LSTM whose state begins at zeros for each query": (() => {
    const plain = recurrent("LSTM", 4, ["h", "h"]);
    const integers = { front: long(0), one: long(1), three: long(3) };
    return { ...plain, nodes: [...zeros, ...plain.nodes], integers, macs: 423 + MACS_OF_MOVED * 5 * (4 + 3) };
  })(),
  "LSTM in both directions, its last state": {
    shape: [5, 4],
    nodes: [
      T("x", [1, 0, 2], "steps"),
      node("LSTM", ["steps", "w", "r"], { hidden_size: { i: 3 }, direction: { s: "bidirectional" } }, ["", "h", ""]),
      T("h", [1, 0, 2], "rows"),
      node("Flatten", ["rows"]),
    ],
    weights: [weight("w", 2, 12, 4), weight("r", 2, 12, 3)],
    output: [6],
  },
};
