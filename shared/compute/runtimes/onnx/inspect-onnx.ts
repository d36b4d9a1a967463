/** Shapes and cost of an ONNX graph from its nodes alone. */
import { MODEL_ACTIVATION_SIZE_MAX, TENSOR_RANK_MAX } from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import { type MemoryStep, mostLiveNumbers } from "../../live-numbers.ts";
import type { UnpackedModel } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import type { TopologyFacts } from "../runtime-description.ts";
import { OnnxOperator, type OnnxTensor, perQuery } from "./onnx-operator.ts";
import { ONNX_RULES } from "./onnx-rules.ts";
import { FREE, type OnnxNodeFacts, readOnnxTopology } from "./onnx-topology.ts";
import { nodeName } from "./read-onnx.ts";

/** @throws ModelError where an operator is not on the allow-list, shapes do not fit, or there is not one output */
export function inspectOnnx(model: UnpackedModel): TopologyFacts {
  const { opset, input, outputs, nodes, integers } = readOnnxTopology(model.modelTopology);
  checkedSize(perQueryShape(input.shape), MODEL_ACTIVATION_SIZE_MAX, `input '${input.name}'`);
  const tensors = new Map<string, OnnxTensor>([[input.name, { shape: input.shape, integers: null }]]);
  const weights = new Map<string, OnnxTensor>(
    Object.entries(integers).map(([n, { shape, values }]) => [n, { shape, integers: values }]),
  );
  for (const { name, shape, dtype } of model.weightSpecs) {
    if (dtype !== "float32") fail(`weights '${name}'`, "float32 in an ONNX model", dtype);
    weights.set(name, { shape, integers: null });
  }
  for (const [name, tensor] of weights) define(tensors, name, tensor, `'${name}'`);

  const ofQuery = new Set([input.name]);
  const steps: MemoryStep[] = [];
  let [macs, numbersPerRun] = [0, 0];
  for (const facts of nodes) {
    const cost = costOf(facts, tensors, opset);
    const what = nodeName(facts.op, facts.outputs);
    macs += cost.macs;
    const isOfQuery = facts.inputs.some((name) => ofQuery.has(name));
    const made: { name: string; size: number }[] = [];
    for (const [place, tensor] of cost.outputs.entries()) {
      const name = facts.outputs[place] ?? "";
      requireRegular(tensor, what);
      const size = checkedSize(perQueryShape(tensor.shape), MODEL_ACTIVATION_SIZE_MAX, `output of ${what}`);
      made.push({ name, size });
      if (name === "") continue;
      define(tensors, name, tensor, what);
      if (isOfQuery) ofQuery.add(name);
    }
    // What comes of weights alone is folded when the model is loaded, and stays.
    if (isOfQuery) steps.push({ inputs: facts.inputs, outputs: made, scratch: cost.scratch ?? 0 });
    else numbersPerRun += made.reduce((sum, { size }) => sum + size, cost.scratch ?? 0);
    numbersPerRun += cost.perRun ?? 0;
  }
  const given = perQuery(input.shape);
  return {
    inputShape: input.shape.slice(1),
    outputShape: outputShape(input.shape, outputs, tensors),
    macs,
    activations: mostLiveNumbers(given, steps, outputs[0]!),
    numbersPerRun,
  };
}

function costOf(facts: OnnxNodeFacts, tensors: ReadonlyMap<string, OnnxTensor>, opset: number) {
  const what = nodeName(facts.op, facts.outputs);
  if (!Object.hasOwn(ONNX_RULES, facts.op)) fail(what, "an operator on the list", facts.op);
  const inputs = facts.inputs.map((name) => {
    if (name === "") return null;
    return tensors.get(name) ?? fail(what, "inputs made by earlier nodes", name);
  });
  return ONNX_RULES[facts.op]!(new OnnxOperator(facts, inputs, opset));
}

function define(tensors: Map<string, OnnxTensor>, name: string, tensor: OnnxTensor, what: string): void {
  if (tensors.has(name)) fail(what, "tensors whose names differ", name);
  tensors.set(name, tensor);
}

function requireRegular({ shape }: OnnxTensor, what: string): void {
  if (shape.length > TENSOR_RANK_MAX) fail(what, `at most ${TENSOR_RANK_MAX} dimensions`, shape.length);
  if (shape.includes(FREE, 1)) fail(what, "the batch as the first dimension", shape);
}

/** With a free batch an answer has it too; with a batch of 1 the whole output is the answer of that one query. */
function outputShape(
  inputShape: readonly number[],
  outputs: readonly string[],
  tensors: ReadonlyMap<string, OnnxTensor>,
): readonly number[] {
  const [name] = outputs;
  if (name === undefined || outputs.length !== 1) return fail("onnx graph", "one output", outputs);
  const output = tensors.get(name) ?? fail(`output '${name}'`, "a node that makes it", "none");
  if (output.integers !== null) fail(`output '${name}'`, "float32", "whole numbers");
  if (inputShape[0] !== FREE) return output.shape;
  return output.shape[0] === FREE
    ? output.shape.slice(1)
    : fail(`output '${name}'`, "an output with a batch dimension", output.shape);
}

const perQueryShape = (shape: readonly number[]) => shape.filter((length) => length !== FREE);
