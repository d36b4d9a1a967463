/** Shapes and cost of a Graph model from its nodes alone. */
import { KNOWN_NUMBERS_MAX, MODEL_ACTIVATION_SIZE_MAX, MODEL_NODES_MAX } from "../../../protocol/limits.ts";
import { type ByteSpace, inMemory, partOf } from "../../byte-space.ts";
import { checkedSize } from "../../checked-size.ts";
import { type MemoryStep, mostLiveNumbers } from "../../live-numbers.ts";
import { type UnpackedModel, type WeightSpec, weightByteCount } from "../../model-bundle.ts";
import { asArray, asObject, fail, failWith, type JsonObject } from "../../model-json.ts";
import { JUMPING } from "../../orders.ts";
import { Reasons } from "../../reasons.ts";
import {
  type BatchedTensor,
  FIRST,
  knownInWords,
  type OperatorCost,
  shapesInWords,
  sizeOf,
  tensor,
} from "../../tensors/batched-tensor.ts";
import { macsOf } from "../../tensors/moving-cost.ts";
import { isSureWhole, outgrown, withSureNumbers } from "../../tensors/sure-numbers.ts";
import type { TopologyFacts } from "../runtime-description.ts";
import { plainWeight } from "./dequantize.ts";
import { requireSizes } from "./free-sizes.ts";
import { GraphNode, nodeOf, outputNameOf, type TfjsDtype } from "./graph-node.ts";
import { GRAPH_RULES, requireNoBatchSize } from "./graph-rules.ts";

const SOURCES = ["Placeholder", "Const"];
const FREE = -1;

/** @throws ModelError where an op is not on the allow-list, shapes do not fit, or there is not one input and one output */
export function inspectGraph(model: UnpackedModel<ByteSpace>): TopologyFacts {
  const nodes = readNodes(model.modelTopology);
  const input = onlyInput(nodes, model.signature);
  const output = onlyOutput(nodes, model.signature);
  const { tensor: inputTensor, dtype, isFree } = placeholder(input);
  const tensors = new Map<string, BatchedTensor>([[input.name, inputTensor], ...constants(nodes, model)]);
  // What is made from the query; all else is made once, whatever the batch.
  const ofQuery = new Set([input.name]);
  const steps: MemoryStep[] = [];
  const reasons = new Reasons();
  const jumps = new Set<string>();
  let [macs, numbersPerRun] = [0, 0];
  for (const node of inOrder(nodes, nodes.get(nodeOf(output))!, tensors)) {
    // What only follows from a refusal is no reason of its own.
    if (node.inputs.some((name) => !tensors.has(name) && !tensors.has(nodeOf(name)))) continue;
    const made = reasons.attempt(() => costOf(node, tensors, sizeOf(inputTensor.shape)));
    if (made === null) continue;
    const isOfQuery = node.inputs.some((name) => ofQuery.has(name));
    if (isOfQuery && JUMPING.has(node.op) && made.cost.outputs.some(({ values }) => values === null))
      jumps.add(node.op);
    if (isOfQuery) steps.push({ inputs: node.inputs, outputs: made.outputs, scratch: made.cost.scratch ?? 0 });
    else numbersPerRun += made.outputs.reduce((sum, { size }) => sum + size, made.cost.scratch ?? 0);
    numbersPerRun += made.cost.perRun ?? 0;
    // Constants between themselves are computed once a batch; counting them once a query is on the safe side.
    macs += macsOf(node.op, made.cost);
    for (const [place, { name }] of made.outputs.entries()) {
      tensors.set(name, made.cost.outputs[place]!);
      if (isOfQuery) ofQuery.add(name);
    }
  }
  reasons.throwIfAny();
  const outputTensor = tensors.get(output) ?? fail(`output '${output}'`, "an output of its node", "none");
  if (isFree && (outputTensor.batch?.axis !== 0 || outputTensor.batch.lead !== 1)) {
    fail(`output '${output}'`, "an output with the batch first", shapesInWords([outputTensor]));
  }
  const inputShape = inputTensor.shape.slice(1);
  const isBatchAlone = outputTensor.batch?.times === 1;
  return {
    inputShape,
    ...(dtype === "float32" ? {} : { inputs: [{ name: input.name, shape: inputShape, dtype }] }),
    outputShape: isBatchAlone ? outputTensor.shape.slice(1) : outputTensor.shape,
    macs,
    activations: mostLiveNumbers(sizeOf(inputShape), steps, output),
    numbersPerRun,
    ...(jumps.size === 0 ? {} : { jumps: [...jumps].sort() }),
  };
}

/** May a run of this model choose the size of its batch? Otherwise rows go one by one. */
export function takesBatches({ modelTopology, signature }: UnpackedModel): boolean {
  return placeholder(onlyInput(readNodes(modelTopology), signature)).isFree;
}

interface Made {
  readonly cost: OperatorCost;
  readonly outputs: readonly { readonly name: string; readonly size: number }[];
}

function costOf(node: GraphNode, tensors: ReadonlyMap<string, BatchedTensor>, inputSize: number): Made {
  const inputs = node.inputs.map((name) => tensors.get(name) ?? fail(node.what, "an output that its node has", name));
  // Of whatever type, WebAssembly divides float32.
  if (node.op === "FloorDiv")
    for (const { values } of inputs) requireNotOutgrown(node, { values, dtype: "float32" }, inputSize);
  const told = GRAPH_RULES[node.op]!(node, inputs);
  for (const one of told.outputs) requireNotOutgrown(node, one, inputSize);
  const cost = { ...told, outputs: told.outputs.map((one) => withSureNumbers(one)) };
  requireNoBatchSize(node, inputs, cost);
  const outputs = cost.outputs.map(({ shape }, place) => ({
    name: place === 0 ? node.name : `${node.name}:${place}`,
    size: checkedSize(shape, MODEL_ACTIVATION_SIZE_MAX, `output of ${node.what}`),
  }));
  return { cost, outputs };
}

function requireNotOutgrown(node: GraphNode, one: Pick<BatchedTensor, "values" | "dtype">, inputSize: number): void {
  const wrong = outgrown(one, inputSize);
  if (wrong !== null) fail(node.what, "whole numbers of queries that fit its type", knownInWords([wrong]));
}

function readNodes(topology: JsonObject): Map<string, GraphNode> {
  const functions = topology.library === undefined ? [] : (asObject(topology.library, "graph library").function ?? []);
  if (asArray(functions, "graph library").length > 0) fail("graph library", "no functions", functions);
  asObject(topology.versions, "model topology: versions");
  const nodes = new Map<string, GraphNode>();
  const reasons = new Reasons();
  const all = asArray(topology.node, "model topology: node");
  if (all.length > MODEL_NODES_MAX) fail("model topology: node", `at most ${MODEL_NODES_MAX}`, all.length);
  for (const value of all) {
    const node = new GraphNode(value);
    if (!SOURCES.includes(node.op) && !Object.hasOwn(GRAPH_RULES, node.op)) {
      reasons.attempt(() => failWith(node.what, "an op on the list", node.op, adviceFor(node.op)), node.op);
    }
    if (node.op === "Placeholder") reasons.attempt(() => requireSizes(node.name, node.what, node.declaredShape()));
    if (nodes.has(node.name)) fail(node.what, "a name of its own", node.name);
    nodes.set(node.name, node);
  }
  reasons.attempt(() => requireOneInput(nodes));
  reasons.throwIfAny();
  return nodes;
}

/** [batch, 2] of whole numbers beside a list of any length: each number of the list, and which row it is of. */
function isRagged(placeholders: readonly GraphNode[]): boolean {
  const shapes = placeholders.map((node) => node.declaredShape());
  return shapes.some(([, pair], at) => pair === 2 && placeholders[at]!.dtype("dtype", "DT_FLOAT") === "int32");
}

function requireOneInput(nodes: ReadonlyMap<string, GraphNode>): void {
  const placeholders = [...nodes.values()].filter((node) => node.op === "Placeholder");
  const names = placeholders.map(({ name }) => name);
  if (names.length < 2) return;
  const toDo = isRagged(placeholders)
    ? "its rows are pairs of row and place, whose number differs from query to query, so their first axis is not the batch: convert it with " +
      "one input of a fixed length a query, such as ids that are padded"
    : "convert it with one input, or as ONNX (tf2onnx), which may have several";
  failWith("graph", "one Placeholder", names, toDo);
}

const CONTROL_FLOW =
  /While|^If$|StatelessIf|^Switch$|^Merge$|^Enter$|^Exit$|NextIteration|LoopCond|TensorArray|TensorList/;

function adviceFor(op: string): string {
  if (CONTROL_FLOW.test(op))
    return "convert with fixed shapes, and unroll loops (Keras: unroll=True), so that no control flow is left, or end the model before it (--up-to NAME)";
  if (op.startsWith("NonMaxSuppression") || op === "Where") {
    return "how many numbers come out is decided by the query: end the model at a node before it (--up-to NAME)";
  }
  return "docs/models.md lists the operators: end the model at a node before it (--up-to NAME), or convert it to ONNX (tf2onnx)";
}

function onlyInput(nodes: ReadonlyMap<string, GraphNode>, signature: JsonObject | null): GraphNode {
  // Of a second one readNodes has told.
  const input = [...nodes.values()].find((node) => node.op === "Placeholder");
  if (input === undefined) return fail("graph", "one Placeholder", []);
  const declared = signedNames(signature?.inputs, "inputs");
  if (declared && declared.join() !== input.name) fail("signature: inputs", `one, '${input.name}'`, declared);
  return input;
}

/** @returns a node's name, or that of one of its further outputs */
function onlyOutput(nodes: ReadonlyMap<string, GraphNode>, signature: JsonObject | null): string {
  const consumed = new Set([...nodes.values()].flatMap((node) => node.inputs.map(nodeOf)));
  const unconsumed = [...nodes.keys()].filter((name) => !consumed.has(name));
  const names = signedNames(signature?.outputs, "outputs") ?? unconsumed;
  const [output] = names;
  return output !== undefined && nodes.has(nodeOf(output)) && names.length === 1
    ? output
    : fail("graph", "one output", names);
}

function signedNames(value: unknown, what: string): string[] | null {
  if (value === undefined) return null;
  const tensors = Object.values(asObject(value, `signature: ${what}`));
  return tensors.map((tensor) => outputNameOf(asObject(tensor, `signature: ${what}`).name, `signature: ${what}`));
}

function placeholder(node: GraphNode): { tensor: BatchedTensor; dtype: TfjsDtype; isFree: boolean } {
  const shape = node.declaredShape();
  const dtype = node.dtype("dtype", "DT_FLOAT");
  const [batch, ...rest] = shape;
  if ((batch !== FREE && batch !== 1) || rest.length === 0 || rest.some((length) => length < 1)) {
    const toDo = "convert with fixed sizes beside the batch (tf.TensorSpec([None, 224, 224, 3]))";
    failWith(`${node.what}: shape`, "a free batch dimension (-1) or 1, then fixed ones", shape, toDo);
  }
  checkedSize(rest, MODEL_ACTIVATION_SIZE_MAX, node.what);
  const isFree = batch === FREE;
  return { tensor: tensor({ shape: [1, ...rest], batch: isFree ? FIRST : null }, dtype), dtype, isFree };
}

function* constants(
  nodes: ReadonlyMap<string, GraphNode>,
  model: UnpackedModel<ByteSpace>,
): Generator<[string, BatchedTensor]> {
  let offset = 0;
  const weights = new Map<string, BatchedTensor>();
  for (const spec of model.weightSpecs) {
    const length = weightByteCount(spec);
    const values = numbersIn(spec, partOf(model.weightData, offset, offset + length));
    const dtype = spec.dtype === "float16" ? "float32" : spec.dtype;
    weights.set(spec.name, { shape: spec.shape, batch: null, dtype, values });
    offset += length;
  }
  for (const node of nodes.values()) {
    if (node.op === "Const")
      yield [node.name, weights.get(node.name) ?? fail(node.what, "weights of its name", "none")];
  }
}

/** Shapes, axes and places; single whole numbers that are written as floats, which ends of ranges are. */
function numbersIn(spec: WeightSpec, bytes: ByteSpace): number[] | null {
  const size = sizeOf(spec.shape);
  const isOne = spec.dtype === "float32" && size === 1;
  if (!isOne && (spec.dtype !== "int32" || size > KNOWN_NUMBERS_MAX)) return null;
  const plain = plainWeight(spec, inMemory(bytes));
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const numbers = Array.from({ length: size }, (_, i) =>
    isOne ? view.getFloat32(0, true) : view.getInt32(4 * i, true),
  );
  return numbers.every(isSureWhole(isOne ? "float32" : "int32")) ? numbers : null;
}

/** What the output needs, each node after its inputs; constants and the placeholder are known already. */
function inOrder(
  nodes: ReadonlyMap<string, GraphNode>,
  output: GraphNode,
  known: ReadonlyMap<string, BatchedTensor>,
): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<string, "open" | "done">([...known.keys()].map((name) => [name, "done"]));
  const stack = [output];
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    if (state.get(node.name) === "done") {
      stack.pop();
      continue;
    }
    const missing = node.inputs.map(nodeOf).filter((name) => state.get(name) !== "done");
    if (missing.length === 0) {
      state.set(node.name, "done");
      order.push(node);
      continue;
    }
    if (state.get(node.name) === "open") fail(node.what, "a graph without cycles", missing);
    state.set(node.name, "open");
    for (const name of missing) stack.push(nodes.get(name) ?? fail(node.what, "inputs that exist", name));
  }
  return order;
}
