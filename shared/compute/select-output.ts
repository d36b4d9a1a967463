/**
 * A model with several outputs becomes one with the output that a job asks for: a bundle of its own, without the layers, nodes
 * and weights that only served the others. Whoever runs it knows nothing of them.
 */

import { ModelError } from "./errors.ts";
import { packBundle, type UnpackedModel, unpackModel, weightByteCount } from "./model-bundle.ts";
import { asArray, asObject, asText, type JsonObject } from "./model-json.ts";
import { joinOutputs, keepOutput } from "./runtimes/onnx/onnx-outputs.ts";
import { readOnnxTopology } from "./runtimes/onnx/onnx-topology.ts";
import { firstOutputOf } from "./runtimes/tfjs/graph-node.ts";
import { inspectGraph } from "./runtimes/tfjs/inspect-graph.ts";
import { inboundLayers, inspectLayers, readLayers, type TopologyFacts } from "./runtimes/tfjs/inspect-layers.ts";
import { joinGraphOutputs, joinLayerOutputs } from "./runtimes/tfjs/join-outputs.ts";

/**
 * The names of a model's outputs, in its own order: of a Layers model its output layers, of a Graph model the keys of its
 * signature, or the nodes that nothing takes its input from.
 * @throws ModelError where the bytes are no bundle
 */
export function outputNames(bundle: Uint8Array): string[] {
  return outputsOf(unpackModel(bundle)).map(({ name }) => name);
}

/** In place of a name: all outputs in one row, in their order. */
export const ALL_OUTPUTS = "all";

/**
 * @param output a name, or a place in outputNames; undefined: the only one; ALL_OUTPUTS
 * @returns the bundle itself where it has one output, else a smaller one, or one that joins them all
 * @throws ModelError that lists the outputs where there is no such one, or none was chosen among several
 */
export function selectOutput(bundle: Uint8Array, output: string | number | undefined): Uint8Array {
  const model = unpackModel(bundle);
  const outputs = outputsOf(model);
  if (output === ALL_OUTPUTS && outputs.length > 1 && !outputs.some(({ name }) => name === output)) {
    return allOutputs(model, outputs);
  }
  const listed = outputs.map(({ name }) => `'${name}'`).join(", ");
  const wanted = outputs.find(
    ({ name }, place) => name === output || place === (output ?? (outputs.length === 1 ? 0 : -1)),
  );
  if (wanted === undefined) {
    const got = output === undefined ? "none chosen" : JSON.stringify(output);
    throw new ModelError(`output: expected one of ${listed}, or its place from 0 on, got ${got}`);
  }
  if (outputs.length === 1) return bundle;
  switch (model.format) {
    case "layers-model":
      return layersWith(model, wanted.tensor);
    case "graph-model":
      return graphWith(model, wanted);
    case "onnx":
      return onnxWith(model, wanted.name);
  }
}

interface Output {
  readonly name: string;
  /** The layer or node that makes it. */
  readonly tensor: string;
}

function outputsOf({ format, modelTopology, signature }: UnpackedModel): Output[] {
  if (format === "onnx") return readOnnxTopology(modelTopology).outputs.map((name) => ({ name, tensor: name }));
  if (format === "graph-model") return graphOutputs(modelTopology, signature);
  const { className, layers } = readLayers(modelTopology);
  if (className === "Sequential") return [layers.at(-1)!].map(({ name }) => ({ name, tensor: name }));
  const config = asObject(asObject(modelTopology.model_config ?? modelTopology, "model topology").config, "config");
  const listed = asArray(config.output_layers, "model topology: output_layers");
  // ["name", 0, 0], as newer Keras writes a single one
  const entries = typeof listed[0] === "string" ? [listed] : listed;
  return entries.map((entry) => {
    const name = asText(asArray(entry, "model topology: output_layers")[0], "model topology: output_layers");
    return { name, tensor: name };
  });
}

function graphOutputs(topology: JsonObject, signature: JsonObject | null): Output[] {
  if (signature?.outputs !== undefined) {
    return Object.entries(asObject(signature.outputs, "signature: outputs")).map(([name, tensor]) => ({
      name,
      tensor: firstOutputOf(asObject(tensor, "signature: outputs").name, "signature: outputs"),
    }));
  }
  const nodes = graphNodes(topology);
  const consumed = new Set(nodes.flatMap(({ inputs }) => inputs));
  return nodes.filter(({ name }) => !consumed.has(name)).map(({ name }) => ({ name, tensor: name }));
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
    return { name, inputs: inputs.map((input) => firstOutputOf(input, `node '${name}'`)), value };
  });
}

function layersWith(model: UnpackedModel, output: string): Uint8Array {
  const { layers } = readLayers(model.modelTopology);
  const inputsOf = new Map(
    layers.map((layer) => [layer.name, layer.className === "InputLayer" ? [] : inboundLayers(layer)]),
  );
  const needed = neededFor(output, inputsOf);
  const outer = asObject(model.modelTopology.model_config ?? model.modelTopology, "model topology");
  const config = asObject(outer.config, "model topology: config");
  const entries = asArray(config.layers, "model topology: layers").filter((_, i) => needed.has(layers[i]!.name));
  const modelTopology = { ...outer, config: { ...config, layers: entries, output_layers: [[output, 0, 0]] } };
  // tfjs names a weight by its layer: "dense_1/kernel". What belongs to no layer stays, and is refused later.
  const dropped = layers.filter(({ name }) => !needed.has(name)).map(({ name }) => name);
  const ownerOf = (weight: string) => longest(layers.map(({ name }) => name).filter((n) => weight.startsWith(`${n}/`)));
  return repack(model, modelTopology, null, (weight) => !dropped.includes(ownerOf(weight) ?? ""));
}

function graphWith(model: UnpackedModel, { name, tensor }: Output): Uint8Array {
  const nodes = graphNodes(model.modelTopology);
  const needed = neededFor(tensor, new Map(nodes.map((node) => [node.name, node.inputs])));
  // The placeholder stays, or there would be no input to give.
  const isPlaceholder = ({ value }: Node) => asObject(value, "graph node").op === "Placeholder";
  const kept = nodes.filter((node) => needed.has(node.name) || isPlaceholder(node));
  const modelTopology = { ...model.modelTopology, node: kept.map(({ value }) => value) };
  const declared = model.signature?.outputs === undefined ? null : asObject(model.signature.outputs, "signature");
  const outputs = { [name]: declared?.[name] ?? { name: `${tensor}:0` } };
  const names = new Set(kept.map((node) => node.name));
  return repack(model, modelTopology, { ...model.signature, outputs }, (weight) => names.has(weight));
}

function allOutputs(model: UnpackedModel, outputs: readonly Output[]): Uint8Array {
  const sized = (sizeOf: (output: Output) => number) =>
    outputs.map((output) => ({ tensor: output.tensor, size: sizeOf(output) }));
  switch (model.format) {
    case "layers-model":
      return joinLayerOutputs(
        model,
        sized(({ tensor }) => sizeOfShape(inspectLayers(unpackModel(layersWith(model, tensor)).modelTopology))),
      );
    case "graph-model":
      return joinGraphOutputs(
        model,
        sized((output) => sizeOfShape(inspectGraph(unpackModel(graphWith(model, output))))),
      );
    case "onnx":
      return repack(model, { ...joinOutputs(readOnnxTopology(model.modelTopology)) }, null, () => true);
  }
}

function sizeOfShape({ outputShape }: TopologyFacts): number {
  return outputShape.reduce((size, length) => size * length, 1);
}

function onnxWith(model: UnpackedModel, output: string): Uint8Array {
  const topology = keepOutput(readOnnxTopology(model.modelTopology), output);
  const taken = new Set(topology.nodes.flatMap(({ inputs }) => inputs));
  return repack(model, { ...topology }, null, (weight) => taken.has(weight));
}

/** The output and everything that it is made from. Cycles and missing inputs are for the inspection to refuse. */
function neededFor(output: string, inputsOf: ReadonlyMap<string, readonly string[]>): Set<string> {
  const needed = new Set<string>();
  const waiting = [output];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    waiting.push(...(inputsOf.get(name) ?? []));
  }
  return needed;
}

function repack(
  model: UnpackedModel,
  modelTopology: JsonObject,
  signature: JsonObject | null,
  isKept: (weight: string) => boolean,
): Uint8Array {
  const data: Uint8Array[] = [];
  let offset = 0;
  const weightSpecs = model.weightSpecs.filter((spec) => {
    const bytes = model.weightData.subarray(offset, offset + weightByteCount(spec));
    offset += bytes.length;
    if (isKept(spec.name)) data.push(bytes);
    return isKept(spec.name);
  });
  const header = { format: model.format, modelTopology, weightSpecs, ...(signature === null ? {} : { signature }) };
  return packBundle(header, data);
}

function longest(names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => b.length - a.length)[0];
}
