/** Shapes and cost of a Graph model from its nodes alone. */
import { MODEL_ACTIVATION_SIZE_MAX, MODEL_BYTES_MAX } from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import { type MemoryStep, mostLiveNumbers } from "../../live-numbers.ts";
import { type UnpackedModel, type WeightSpec, weightByteCount } from "../../model-bundle.ts";
import { asArray, asObject, fail, type JsonObject } from "../../model-json.ts";
import type { TopologyFacts } from "../runtime-description.ts";
import { firstOutputOf, GraphNode } from "./graph-node.ts";
import { GRAPH_RULES, type GraphTensor } from "./graph-rules.ts";

const SOURCES = ["Placeholder", "Const"];

/** @throws ModelError where an op is not on the allow-list, shapes do not fit, or there is not one input and one output */
export function inspectGraph(model: UnpackedModel): TopologyFacts {
  const nodes = readNodes(model.modelTopology);
  const input = onlyInput(nodes, model.signature);
  const output = onlyOutput(nodes, model.signature);
  const inputTensor = placeholder(input);
  const tensors = new Map<string, GraphTensor>([[input.name, inputTensor], ...constants(nodes, model)]);
  const steps: MemoryStep[] = [];
  let [macs, numbersPerRun] = [0, 0];
  for (const node of inOrder(nodes, output, tensors)) {
    const inputs = node.inputs.map((name) => tensors.get(name)!);
    const cost = GRAPH_RULES[node.op]!(node, inputs);
    const size = checkedSize(withoutBatch(cost.shape), MODEL_ACTIVATION_SIZE_MAX, `output of ${node.what}`);
    const scratch = cost.scratch ?? 0;
    // Without a batch dimension it is there once, whatever the batch.
    if (cost.shape[0] === -1) steps.push({ inputs: node.inputs, outputs: [{ name: node.name, size }], scratch });
    else numbersPerRun += size + scratch;
    numbersPerRun += cost.perRun ?? 0;
    // Constants between themselves are computed once a batch; counting them once a query is on the safe side.
    macs += cost.macs;
    tensors.set(node.name, { shape: cost.shape, integers: node.op === "Identity" ? inputs[0]!.integers : null });
  }
  const outputShape = tensors.get(output.name)!.shape;
  if (outputShape[0] !== -1) fail(output.what, "an output with a batch dimension", outputShape);
  const inputShape = withoutBatch(inputTensor.shape);
  const given = inputShape.reduce((size, length) => size * length, 1);
  const activations = mostLiveNumbers(given, steps, output.name);
  return { inputShape, outputShape: withoutBatch(outputShape), macs, activations, numbersPerRun };
}

function readNodes(topology: JsonObject): Map<string, GraphNode> {
  const functions = topology.library === undefined ? [] : (asObject(topology.library, "graph library").function ?? []);
  if (asArray(functions, "graph library").length > 0) fail("graph library", "no functions", functions);
  asObject(topology.versions, "model topology: versions");
  const nodes = new Map<string, GraphNode>();
  for (const value of asArray(topology.node, "model topology: node")) {
    const node = new GraphNode(value);
    if (!SOURCES.includes(node.op) && !Object.hasOwn(GRAPH_RULES, node.op)) {
      fail(node.what, `one of ${[...SOURCES, ...Object.keys(GRAPH_RULES)].join(", ")}`, node.op);
    }
    if (nodes.has(node.name)) fail(node.what, "a name of its own", node.name);
    nodes.set(node.name, node);
  }
  return nodes;
}

function onlyInput(nodes: ReadonlyMap<string, GraphNode>, signature: JsonObject | null): GraphNode {
  const placeholders = [...nodes.values()].filter((node) => node.op === "Placeholder");
  const [input] = placeholders;
  if (!input || placeholders.length !== 1)
    return fail(
      "graph",
      "one Placeholder",
      placeholders.map(({ name }) => name),
    );
  const declared = signedNames(signature?.inputs, "inputs");
  if (declared && declared.join() !== input.name) fail("signature: inputs", `one, '${input.name}'`, declared);
  return input;
}

function onlyOutput(nodes: ReadonlyMap<string, GraphNode>, signature: JsonObject | null): GraphNode {
  const consumed = new Set([...nodes.values()].flatMap((node) => node.inputs));
  const unconsumed = [...nodes.keys()].filter((name) => !consumed.has(name));
  const names = signedNames(signature?.outputs, "outputs") ?? unconsumed;
  const output = nodes.get(names[0] ?? "");
  return output && names.length === 1 ? output : fail("graph", "one output", names);
}

function signedNames(value: unknown, what: string): string[] | null {
  if (value === undefined) return null;
  const tensors = Object.values(asObject(value, `signature: ${what}`));
  return tensors.map((tensor) => firstOutputOf(asObject(tensor, `signature: ${what}`).name, `signature: ${what}`));
}

function placeholder(node: GraphNode): GraphTensor {
  const shape = node.declaredShape();
  node.requireFloat("dtype");
  const [batch, ...rest] = shape;
  if (batch !== -1 || rest.length === 0 || rest.some((length) => length < 1)) {
    fail(`${node.what}: shape`, "a free batch dimension (-1), then fixed ones", shape);
  }
  checkedSize(rest, MODEL_ACTIVATION_SIZE_MAX, node.what);
  return { shape, integers: null };
}

function* constants(nodes: ReadonlyMap<string, GraphNode>, model: UnpackedModel): Generator<[string, GraphTensor]> {
  let offset = 0;
  const weights = new Map<string, GraphTensor>();
  for (const spec of model.weightSpecs) {
    const length = weightByteCount(spec);
    weights.set(spec.name, {
      shape: spec.shape,
      integers: integersIn(spec, model.weightData.subarray(offset, offset + length)),
    });
    offset += length;
  }
  for (const node of nodes.values()) {
    if (node.op === "Const")
      yield [node.name, weights.get(node.name) ?? fail(node.what, "weights of its name", "none")];
  }
}

function integersIn(spec: WeightSpec, bytes: Uint8Array): number[] | null {
  if (spec.dtype !== "int32") return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: checkedSize(spec.shape, MODEL_BYTES_MAX, spec.name) }, (_, i) =>
    view.getInt32(4 * i, true),
  );
}

/** What the output needs, each node after its inputs; constants and the placeholder are known already. */
function inOrder(
  nodes: ReadonlyMap<string, GraphNode>,
  output: GraphNode,
  known: ReadonlyMap<string, GraphTensor>,
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
    const missing = node.inputs.filter((name) => state.get(name) !== "done");
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

function withoutBatch(shape: readonly number[]): readonly number[] {
  return shape[0] === -1 ? shape.slice(1) : shape;
}
