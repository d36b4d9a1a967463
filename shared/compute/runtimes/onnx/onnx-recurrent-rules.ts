/**
 * LSTM, GRU and RNN: steps along the first axis, the batch along the second. Their state begins at zero, or at a constant, and is gone
 * when the query is answered: rows neither follow nor see each other.
 */
import { fail } from "../../model-json.ts";
import {
  type BatchedTensor,
  type OperatorCost,
  sameBatch,
  shapesInWords,
  shifted,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import type { OnnxOperator, OnnxRule } from "./onnx-operator.ts";
import { requireNoBatch } from "./onnx-quantized-rules.ts";

/** @param gates numbers of gates @param states how many states it hands on */
export function recurrent(gates: number, states: 1 | 2): OnnxRule {
  return (node) => {
    node.atMost(states === 2 ? 8 : 6);
    node.giving(1 + states);
    const input = node.floats(0);
    const [weights, recurrence] = [node.requiredConstant(1, "weights"), node.requiredConstant(2, "weights")];
    const [steps, rows, size] = input.shape;
    const directions = node.text("direction", "forward") === "bidirectional" ? 2 : 1;
    const hidden = node.integer("hidden_size", recurrence.shape[2] ?? 0);
    const isRight =
      input.shape.length === 3 &&
      weights.shape.join() === [directions, gates * hidden, size].join() &&
      recurrence.shape.join() === [directions, gates * hidden, hidden].join();
    if (!isRight)
      return fail(node.what, "steps, a batch and numbers that fit its weights", shapesInWords([input, weights]));
    if (input.batch !== null && input.batch.axis !== 1) {
      fail(
        node.what,
        "the batch as the second axis, after the steps (in PyTorch: batch_first=True)",
        shapesInWords([input]),
      );
    }
    if (node.integer("layout", 0) !== 0) fail(`${node.what}: layout`, "0: steps first", 1);
    node.constant(3);
    requireWholeRows(node, steps!);
    for (let place = 5; place < 5 + states; place++) requireState(node, place, input, [directions, rows!, hidden]);
    if (states === 2) node.constant(7);
    return costOf(input, steps!, directions, hidden, gates, states);
  };
}

/** DynamicQuantizeLSTM of onnxruntime: weights of bytes, turned, with scales beside. The scale of its input spans all rows. */
export function dynamicQuantizeLstm(node: OnnxOperator): OperatorCost {
  node.atMost(12);
  node.giving(3);
  const input = node.floats(0);
  requireNoBatch(node);
  const [weights, recurrence] = [node.requiredConstant(1, "weights"), node.requiredConstant(2, "weights")];
  const [steps, rows, size] = input.shape;
  const [directions, hidden] = recurrence.shape;
  const isRight =
    input.shape.length === 3 &&
    weights.shape.join() === [directions, size, 4 * hidden!].join() &&
    recurrence.shape.join() === [directions, hidden, 4 * hidden!].join();
  if (!isRight)
    return fail(node.what, "steps, a batch and numbers that fit its weights", shapesInWords([input, weights]));
  requireWholeRows(node, steps!);
  for (const place of [5, 6]) requireState(node, place, input, [directions!, rows!, hidden!]);
  for (const place of [3, 7, 8, 9, 10, 11]) node.constant(place);
  return costOf(input, steps!, directions!, hidden!, 4, 2);
}

/** The lengths of sequences, where all are whole. */
function requireWholeRows(node: OnnxOperator, steps: number): void {
  const lengths = node.optional(4);
  if (lengths === null) return;
  const values = node.numbersAt(4, "sequence_lens") ?? [];
  if (lengths.batch !== null || values.some((length) => length !== steps)) {
    fail(`${node.what}: sequence_lens`, `all ${steps} steps of each query`, "others");
  }
}

function requireState(node: OnnxOperator, place: number, input: BatchedTensor, wanted: readonly number[]): void {
  const state = node.optional(place);
  if (state === null) return;
  if (state.shape.join() !== wanted.join() || !sameBatch(state.batch, input.batch)) {
    fail(`${node.what}: the state it begins with`, `a state for each query, [${wanted}]`, shapesInWords([state]));
  }
}

function costOf(
  input: BatchedTensor,
  steps: number,
  directions: number,
  hidden: number,
  gates: number,
  states: number,
): OperatorCost {
  const [, rows, size] = input.shape as readonly [number, number, number];
  const all = { shape: [steps, directions, rows, hidden], batch: shifted(input.batch, 1) };
  const last = tensor({ shape: [directions, rows, hidden], batch: input.batch }, input.dtype);
  const macs = steps * directions * rows * gates * hidden * (size + hidden);
  // The inputs' share of all gates, for all steps at once; turned copies for the second direction.
  const scratch = steps * directions * rows * gates * hidden + 2 * sizeOf(input.shape) + 2 * sizeOf(all.shape);
  return { outputs: [tensor(all, input.dtype), ...Array<BatchedTensor>(states).fill(last)], macs, scratch };
}
