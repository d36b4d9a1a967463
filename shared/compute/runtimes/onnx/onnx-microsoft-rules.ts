/** Operators of onnxruntime itself (com.microsoft), into which its optimizer and its exporters fuse several of the standard's. */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  broadcast,
  elementwise,
  lastTurned,
  type OperatorCost,
  sameBatch,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import { multipliedShapes } from "../../tensors/moves.ts";
import { gemm } from "./onnx-matrix-rules.ts";
import type { OnnxOperator, OnnxRule } from "./onnx-operator.ts";
import * as quantized from "./onnx-quantized-rules.ts";
import { dynamicQuantizeLstm } from "./onnx-recurrent-rules.ts";
import { conv } from "./onnx-window-rules.ts";

export const MICROSOFT_RULES: Readonly<Record<string, OnnxRule>> = {
  Attention: attention,
  BiasGelu: withBias,
  DynamicQuantizeLSTM: dynamicQuantizeLstm,
  DynamicQuantizeMatMul: quantized.dynamicQuantizeMatMul,
  EmbedLayerNormalization: embedNorm,
  FastGelu: withBias,
  FusedConv: fusedConv,
  FusedGemm: gemm,
  FusedMatMul: fusedMatMul,
  Gelu: withBias,
  MatMulIntegerToFloat: quantized.matMulIntegerToFloat,
  MatMulNBits: matMulNBits,
  MultiHeadAttention: multiHeadAttention,
  QAttention: qAttention,
  QGemm: quantized.qGemm,
  QLinearAdd: quantized.qLinearBinary,
  QLinearAveragePool: quantized.qLinearPool,
  QLinearConcat: quantized.qLinearConcat,
  QLinearGlobalAveragePool: quantized.qLinearPool,
  QLinearLeakyRelu: quantized.qLinearUnary,
  QLinearMul: quantized.qLinearBinary,
  QLinearSigmoid: quantized.qLinearUnary,
  QLinearSoftmax: quantized.qLinearSoftmax,
  QuickGelu: withBias,
  SkipLayerNormalization: skipNorm,
  SkipSimplifiedLayerNormalization: skipNorm,
};

/** Gelu and its kin; some take a bias along the last axis. */
function withBias(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  const input = node.floats(0);
  const bias = node.constant(1);
  if (bias !== null && bias.shape.join() !== String(input.shape.at(-1)))
    fail(node.what, "a bias along the last axis", bias.shape);
  return elementwise(input, input.dtype, sizeOf(input.shape));
}

function fusedConv(node: OnnxOperator): OperatorCost {
  node.atMost(4);
  const cost = conv(node.withInputs([0, 1, 2]));
  const added = node.optional(3);
  const [out] = cost.outputs as [BatchedTensor];
  if (added !== null && shapesInWords([added]) !== shapesInWords([out]))
    fail(node.what, `an image of ${shapesInWords([out])} to add`, shapesInWords([added]));
  return cost;
}

function fusedMatMul(node: OnnxOperator): OperatorCost {
  node.atMost(2);
  if (node.integer("transBatchA", 0) !== 0 || node.integer("transBatchB", 0) !== 0) {
    fail(`${node.what}: transBatch`, "0", 1);
  }
  const [a, b] = [
    lastTurned(node.floats(0), node.integer("transA", 0) !== 0),
    lastTurned(node.floats(1), node.integer("transB", 0) !== 0),
  ];
  const { placed, macs } = multipliedShapes(node.what, a, b);
  return { outputs: [tensor(placed)], macs };
}

/** A sum, a bias, and a norm along the last axis; the sum may be an output of its own, the fourth. */
function skipNorm(node: OnnxOperator): OperatorCost {
  node.atMost(5);
  node.giving(4);
  const [input, skip] = [node.floats(0), node.floats(1)];
  const placed = broadcast(node.what, [input, skip]);
  if (placed.shape.join() !== input.shape.join())
    fail(node.what, "two of the same shape", shapesInWords([input, skip]));
  node.ownAxis(input, -1);
  for (const place of [2, 3, 4]) {
    const constant = node.constant(place);
    if (constant !== null) broadcast(node.what, [{ shape: input.shape.slice(-1), batch: null }, constant]);
  }
  if (node.outputCount > 1 && node.outputCount < 4)
    fail(node.what, "the norm, and the sum as its fourth output", node.outputCount);
  const out = tensor(input, input.dtype);
  const none = tensor({ shape: [1], batch: null });
  const outputs = node.outputCount === 4 ? [out, none, none, out] : [out];
  return { outputs, macs: 4 * sizeOf(input.shape), scratch: sizeOf(input.shape) };
}

/** Self-attention with its projections: batch x steps x size, weights for queries, keys and values side by side. */
function attention(node: OnnxOperator): OperatorCost {
  node.atMost(6);
  node.giving(1);
  node.constant(2);
  if (node.optional(4) !== null) fail(node.what, "no keys and values of steps before", "some");
  const added = node.optional(5);
  if (added !== null) node.requireBatchFirst(added);
  return selfAttention(node, node.floats(0), 3);
}

/** The same of bytes, with a scale and a zero point for what comes in and for the weights. */
function qAttention(node: OnnxOperator): OperatorCost {
  node.atMost(8);
  node.giving(1);
  for (const place of [2, 4, 7]) node.constant(place);
  const { shape, batch } = node.any(0);
  return selfAttention(node, tensor({ shape, batch }), 5);
}

function selfAttention(node: OnnxOperator, input: BatchedTensor, maskPlace: number): OperatorCost {
  const weights = node.requiredConstant(1, "weights");
  const [batch, steps, size] = input.shape;
  const [depth, all] = weights.shape;
  const [q, , v] = node.list("qkv_hidden_sizes") ?? [all! / 3, all! / 3, all! / 3];
  const heads = node.integer("num_heads", 0);
  if (input.shape.length !== 3 || depth !== size || heads < 1 || !Number.isInteger(v) || v === undefined) {
    return fail(node.what, "batch x steps x size, and weights for it", shapesInWords([input, weights]));
  }
  node.requireBatchFirst(input);
  requireMask(node, maskPlace, input, steps!);
  const placed = { shape: [batch!, steps!, v], batch: input.batch };
  const macs = batch! * steps! * (size! * all! + steps! * (q! + v));
  const scratch = batch! * (2 * steps! * all! + 2 * heads * steps! * steps!) + sizeOf(placed.shape);
  return { outputs: [tensor(placed, input.dtype)], macs, scratch };
}

/** How many steps each query has, or which of them count: batch, batch x steps, or batch x steps x steps. */
function requireMask(node: OnnxOperator, place: number, like: BatchedTensor, steps: number): void {
  const mask = node.optional(place);
  if (mask === null) return;
  const isRight =
    mask.shape[0] === like.shape[0] &&
    sameBatch(mask.batch, like.batch) &&
    mask.shape.length <= 3 &&
    mask.shape.slice(1).every((length) => length === steps);
  if (!isRight || (mask.dtype !== "int32" && mask.dtype !== "bool")) {
    fail(node.what, "a mask of whole numbers, batch or batch x steps", shapesInWords([mask]));
  }
}

/** What a text's words, places and segments are in their tables, added up and normed. How many words each text has is its second output. */
function embedNorm(node: OnnxOperator): OperatorCost {
  node.atMost(9);
  node.giving(3);
  const ids = node.any(0);
  const [words, places] = [node.requiredConstant(2, "a table of words"), node.requiredConstant(3, "a table of places")];
  const segments = node.constant(4);
  const [batch, steps, ...more] = ids.shape;
  const size = words.shape[1];
  const isRight =
    steps !== undefined &&
    more.length === 0 &&
    ids.dtype === "int32" &&
    [words, places, segments].every(
      (table) => table === null || (table.shape.length === 2 && table.shape[1] === size),
    ) &&
    (node.optional(8) !== null || places.shape[0]! >= steps);
  if (!isRight || size === undefined)
    return fail(node.what, "batch x steps of int32, and tables for them", shapesInWords([ids, words, places]));
  node.requireBatchFirst(ids);
  for (const place of [1, 7]) {
    const like = node.optional(place);
    if (like !== null && (like.shape.join() !== ids.shape.join() || !sameBatch(like.batch, ids.batch))) {
      fail(node.what, "segments and a mask like the words", shapesInWords([ids, like]));
    }
  }
  const own = node.optional(8);
  const isOwn =
    own === null ||
    (own.shape[1] === steps && (own.batch === null ? own.shape[0] === 1 : sameBatch(own.batch, ids.batch)));
  if (!isOwn) fail(node.what, "places like the words, or 1 x steps", shapesInWords([own!]));
  for (const place of [5, 6]) {
    const constant = node.constant(place);
    if (constant !== null && constant.shape.join() !== String(size))
      fail(node.what, `a norm of ${size} numbers`, constant.shape);
  }
  const sum = tensor({ shape: [batch!, steps!, size], batch: ids.batch });
  const counts = tensor({ shape: [batch!], batch: ids.batch }, "int32");
  const outputs = [sum, counts, sum].slice(0, Math.max(1, node.outputCount));
  return { outputs, macs: 8 * sizeOf(sum.shape), scratch: sizeOf(sum.shape) };
}

function multiHeadAttention(node: OnnxOperator): OperatorCost {
  node.atMost(6);
  node.giving(1);
  const [q, k, v] = [node.floats(0), node.floats(1), node.floats(2)];
  const all = [q, k, v];
  if (all.some(({ shape }) => shape.length !== 3))
    return fail(node.what, "three of batch x steps x size", shapesInWords(all));
  for (const one of all) node.requireBatchFirst(one);
  node.constant(3);
  const added = node.optional(5);
  if (added !== null) node.requireBatchFirst(added);
  const heads = node.integer("num_heads", 0);
  const batch = broadcast(
    node.what,
    all.map(({ shape, batch }) => ({ shape: shape.slice(0, 1), batch })),
  );
  const [queries, keys] = [q.shape[1]!, k.shape[1]!];
  requireMask(node, 4, q, keys);
  if (heads < 1 || v.shape[1] !== keys || k.shape[2] !== q.shape[2])
    fail(node.what, "queries, keys and values that fit", shapesInWords(all));
  const rows = batch.shape[0]!;
  const placed = { shape: [rows, queries, v.shape[2]!], batch: batch.batch };
  const macs = rows * queries * keys * (q.shape[2]! + v.shape[2]!);
  const scratch =
    2 * (all.reduce((sum, { shape }) => sum + sizeOf(shape), sizeOf(placed.shape)) + heads * queries * keys * rows);
  return { outputs: [tensor(placed, q.dtype)], macs, scratch };
}

/** A product with a matrix of 4 or 8 bits a number, in blocks with scales of their own. */
function matMulNBits(node: OnnxOperator): OperatorCost {
  node.atMost(6);
  for (let place = 1; place < 6; place++) node.constant(place);
  const input = node.floats(0);
  const [inner, columns] = [node.integer("K", 0), node.integer("N", 0)];
  const block = node.integer("block_size", 0);
  const bits = node.integer("bits", 4);
  const packed = node.requiredConstant(1, "a packed matrix").shape;
  const wanted = [columns, Math.ceil(inner / block), (block * bits) / 8];
  if (input.shape.at(-1) !== inner || columns < 1 || packed.join() !== wanted.join()) {
    fail(node.what, `a packed matrix of [${wanted}]`, packed);
  }
  node.ownAxis(input, -1);
  const placed = { shape: input.shape.with(-1, columns), batch: input.batch };
  return { outputs: [tensor(placed)], macs: sizeOf(placed.shape) * inner, perRun: inner * columns };
}
