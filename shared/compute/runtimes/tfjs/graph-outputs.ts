/**
 * The outputs of a Graph model: the keys of its signature, or the nodes that nothing takes its input from. One of several is kept
 * without the nodes and weights that only served the others, or all of them become one, each flattened, one after another.
 */
import type { ByteSpace } from "../../byte-space.ts";
import { packBundle, repackModel, type UnpackedModel, unpackModel, type WeightSpec } from "../../model-bundle.ts";
import { asArray, asObject, asText, fail, type JsonObject } from "../../model-json.ts";
import type { ModelOutput } from "../runtime-description.ts";
import { nodeOf, outputNameOf } from "./graph-node.ts";
import { inspectGraph } from "./inspect-graph.ts";
import { freshNames, neededFor } from "./output-names.ts";

type Model = UnpackedModel<ByteSpace>;

export function graphOutputs({ modelTopology, signature }: Model): ModelOutput[] {
  if (signature?.outputs !== undefined) {
    return Object.entries(asObject(signature.outputs, "signature: outputs")).map(([name, tensor]) => ({
      name,
      tensor: outputNameOf(asObject(tensor, "signature: outputs").name, "signature: outputs"),
    }));
  }
  const nodes = graphNodes(modelTopology);
  const consumed = new Set(nodes.flatMap(({ inputs }) => inputs));
  return nodes.filter(({ name }) => !consumed.has(name)).map(({ name }) => ({ name, tensor: name }));
}

export function keepGraphOutput(model: Model, { name, tensor }: ModelOutput): ByteSpace {
  const nodes = graphNodes(model.modelTopology);
  const needed = neededFor(nodeOf(tensor), new Map(nodes.map((node) => [node.name, node.inputs])));
  // The placeholder stays, or there would be no input to give.
  const isPlaceholder = ({ value }: Node) => asObject(value, "graph node").op === "Placeholder";
  const kept = nodes.filter((node) => needed.has(node.name) || isPlaceholder(node));
  const declared = model.signature?.outputs === undefined ? null : asObject(model.signature.outputs, "signature");
  const outputs = { [name]: declared?.[name] ?? tensorNamed(tensor) };
  return keepNodes(model, kept, outputs);
}

/**
 * The graph up to some of its nodes.
 * @param wanted nodes, or outputs of them ("split:1")
 * @throws ModelError where there is no such node
 */
export function withInnerOutputs(model: Model, wanted: readonly string[]): ByteSpace {
  const nodes = graphNodes(model.modelTopology);
  const inputsOf = new Map(nodes.map((node) => [node.name, node.inputs]));
  const needed = new Set<string>();
  for (const name of wanted) {
    if (!inputsOf.has(nodeOf(name))) fail(`output '${name}'`, "the name of a node of the model", "another");
    for (const one of neededFor(nodeOf(name), inputsOf)) needed.add(one);
  }
  const kept = nodes.filter(({ name }) => needed.has(name));
  const outputs = Object.fromEntries(wanted.map((name) => [name, tensorNamed(name)]));
  return keepNodes(model, kept, outputs);
}

/** As a signature names it: the first output of a node, where no other is said. */
function tensorNamed(tensor: string): JsonObject {
  return { name: tensor.includes(":") ? tensor : `${tensor}:0` };
}

function keepNodes(model: Model, kept: readonly Node[], outputs: JsonObject): ByteSpace {
  const modelTopology = { ...model.modelTopology, node: kept.map(({ value }) => value) };
  const names = new Set(kept.map(({ name }) => name));
  return repackModel(model, modelTopology, { ...model.signature, outputs }, (weight) => names.has(weight));
}

/** @param outputs at least two nodes */
export function joinGraphOutputs(model: Model, outputs: readonly ModelOutput[]): ByteSpace {
  const nodes = asArray(model.modelTopology.node, "model topology: node");
  const fresh = freshNames(nodes.map((node) => String(asObject(node, "graph node").name)));
  const [joined, axis] = [fresh("all"), fresh("all-axis")];
  const parts = outputs.map((_, i) => fresh(`all-${i}`));
  const shapes = outputs.map((_, i) => fresh(`all-shape-${i}`));
  const constant = (name: string) => ({ name, op: "Const", attr: { dtype: { type: "DT_INT32" } } });
  const added = [
    ...[...shapes, axis].map(constant),
    ...outputs.map(({ tensor }, i) => ({ name: parts[i], op: "Reshape", input: [tensor, shapes[i]] })),
    { name: joined, op: "ConcatV2", input: [...parts, axis], attr: { N: { i: String(parts.length) } } },
  ];
  const integers = (name: string, shape: number[]): WeightSpec => ({ name, shape, dtype: "int32" });
  const weightSpecs = [...model.weightSpecs, ...shapes.map((name) => integers(name, [2])), integers(axis, [])];
  const values = littleEndian([...outputs.flatMap((output) => [-1, sizeOf(model, output)]), 1]);
  const modelTopology = { ...model.modelTopology, node: [...nodes, ...added] };
  const signature = { ...model.signature, outputs: { [joined]: { name: `${joined}:0` } } };
  return packBundle({ format: model.format, modelTopology, weightSpecs, signature }, [model.weightData, values]);
}

/** Numbers of one query. */
function sizeOf(model: Model, output: ModelOutput): number {
  const { outputShape } = inspectGraph(unpackModel(keepGraphOutput(model, output)));
  return outputShape.reduce((size, length) => size * length, 1);
}

interface Node {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly value: unknown;
}

function graphNodes(topology: JsonObject): Node[] {
  return asArray(topology.node, "model topology: node").map((value) => {
    const node = asObject(value, "graph node");
    const name = asText(node.name, "graph node: name");
    const inputs = asArray(node.input ?? [], `node '${name}': input`);
    return { name, inputs: inputs.map((input) => nodeOf(outputNameOf(input, `node '${name}'`))), value };
  });
}

function littleEndian(integers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * integers.length));
  integers.forEach((value, i) => {
    view.setInt32(4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}
