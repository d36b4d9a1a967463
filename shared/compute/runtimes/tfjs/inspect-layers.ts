/** Shapes, weights and cost of a Layers model (Sequential or Functional) from its topology alone. */
import { MODEL_ACTIVATION_SIZE_MAX } from "../../../protocol/limits.ts";
import type { ByteSpace } from "../../byte-space.ts";
import { checkedSize } from "../../checked-size.ts";
import { type MemoryStep, mostLiveNumbers } from "../../live-numbers.ts";
import type { UnpackedModel } from "../../model-bundle.ts";
import { asArray, asObject, asText, fail, failWith, type JsonObject } from "../../model-json.ts";
import { Reasons } from "../../reasons.ts";
import type { TopologyFacts } from "../runtime-description.ts";
import { requireSizes } from "./free-sizes.ts";
import { LayerConfig } from "./layer-config.ts";
import { LAYER_RULES } from "./layer-rules.ts";

export interface LayersFacts extends TopologyFacts {
  /** Numbers in all weights that the topology asks for. */
  readonly weights: number;
}

/** A layer on the allow-list. */
export interface Layer {
  readonly name: string;
  readonly className: string;
  readonly config: LayerConfig;
  readonly entry: JsonObject;
}

type Shape = readonly number[];
interface Tally {
  weights: number;
  macs: number;
  numbersPerRun: number;
  readonly steps: MemoryStep[];
}

/** @throws ModelError where a layer is not on the allow-list, shapes do not fit, or there is not one input and one output */
export function inspectLayers(topology: JsonObject): LayersFacts {
  const model = asObject(topology.model_config ?? topology, "model topology");
  const layers = listLayers(model);
  const tally: Tally = { weights: 0, macs: 0, numbersPerRun: 0, steps: [] };
  const { inputShape, outputShape, output } = shapesOf(model, layers, tally);
  const { steps, ...counted } = tally;
  const activations = mostLiveNumbers(sizeOf(inputShape), steps, output);
  return { inputShape, outputShape, activations, ...counted };
}

interface Ends {
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** The layer that makes it. */
  readonly output: string;
}

function shapesOf(model: JsonObject, layers: readonly Layer[], tally: Tally): Ends {
  if (model.class_name === "Sequential") return sequential(layers, tally);
  if (model.class_name === "Model" || model.class_name === "Functional") {
    return functional(asObject(model.config, "model topology: config"), layers, tally);
  }
  return fail("model topology: class_name", "Sequential, Model or Functional", model.class_name);
}

/**
 * tfjs allocates what the topology asks for before it looks at the weights, so both must agree first.
 * @throws ModelError as inspectLayers, and where the weights do not fit the topology
 */
export function inspectLayersModel(model: UnpackedModel<ByteSpace>): TopologyFacts {
  const facts = inspectLayers(model.modelTopology);
  let given = 0;
  for (const spec of model.weightSpecs) {
    if (spec.dtype !== "float32") fail(`weights '${spec.name}'`, "float32 in a Layers model", spec.dtype);
    given += spec.shape.reduce((size, length) => size * length, 1);
  }
  if (given !== facts.weights) fail("model weights", `${facts.weights} numbers, as the layers have`, given);
  return facts;
}

/** The layers in the order of the file. @throws ModelError where one is not on the allow-list */
export function readLayers(topology: JsonObject): { className: unknown; layers: Layer[] } {
  const model = asObject(topology.model_config ?? topology, "model topology");
  return { className: model.class_name, layers: listLayers(model) };
}

function listLayers(model: JsonObject): Layer[] {
  const listed = Array.isArray(model.config) ? model.config : asObject(model.config, "model topology: config").layers;
  const reasons = new Reasons();
  const layers = asArray(listed, "model topology: layers").map((value, i): Layer => {
    const entry = asObject(value, `layer ${i}`);
    const className = asText(entry.class_name, `layer ${i}: class_name`);
    const config = asObject(entry.config, `layer ${i}: config`);
    const name = asText(entry.name ?? config.name ?? `${i}`, `layer ${i}: name`);
    const what = `layer '${name}' (${className})`;
    for (const key of Object.keys(entry)) if (/[A-Z]/.test(key)) fail(what, "keys in snake_case", key);
    if (className !== "InputLayer" && !Object.hasOwn(LAYER_RULES, className)) {
      reasons.attempt(() => failUnknown(what, className), className);
    }
    const layer = { name, className, config: new LayerConfig(what, config), entry };
    const { lengths } = declaredLengths(layer);
    const takesInput = className === "InputLayer" || i === 0;
    if (takesInput && Array.isArray(lengths)) reasons.attempt(() => requireSizes(name, what, lengths));
    return layer;
  });
  reasons.throwIfAny();
  if (layers.length === 0) fail("model topology: layers", "at least one layer", layers);
  return layers;
}

function sequential(layers: readonly Layer[], tally: Tally): Ends {
  const inputShape = declaredInput(layers[0]!);
  let [shape, made]: [Shape, string] = [inputShape, ""];
  for (const [i, layer] of layers.entries()) {
    if (layer.className === "InputLayer") {
      if (i > 0) fail(layer.config.what, "to stand first", `place ${i}`);
      continue;
    }
    // By its place: names in a sequence may repeat.
    shape = apply(layer, [shape], tally, [made], `${i}`);
    made = `${i}`;
  }
  return { inputShape, outputShape: shape, output: made };
}

function functional(config: JsonObject, layers: readonly Layer[], tally: Tally): Ends {
  const input = onlyTensor(config.input_layers, "model topology: input_layers");
  const output = onlyTensor(config.output_layers, "model topology: output_layers");
  const shapes = new Map<string, Shape>();
  for (const layer of layers) {
    if (shapes.has(layer.name)) fail(layer.config.what, "a name of its own", layer.name);
    if (layer.className === "InputLayer") {
      if (layer.name !== input) fail("model topology", `one input, '${input}'`, layer.name);
      shapes.set(layer.name, declaredInput(layer));
    } else {
      const names = inboundLayers(layer);
      const inputs = names.map(
        (name) => shapes.get(name) ?? fail(layer.config.what, "an earlier layer as its input", name),
      );
      shapes.set(layer.name, apply(layer, inputs, tally, names, layer.name));
    }
  }
  return {
    inputShape: shapes.get(input) ?? fail("model topology: input_layers", "the name of a layer", input),
    outputShape: shapes.get(output) ?? fail("model topology: output_layers", "the name of a layer", output),
    output,
  };
}

/** @param from the layers that the inputs come from, and `name` that of this one */
function apply(layer: Layer, inputs: readonly Shape[], tally: Tally, from: readonly string[], name: string): Shape {
  const cost = LAYER_RULES[layer.className]!(layer.config, inputs);
  const size = checkedSize(cost.shape, MODEL_ACTIVATION_SIZE_MAX, `output of ${layer.config.what}`);
  tally.steps.push({ inputs: from, outputs: [{ name, size }], scratch: cost.scratch ?? 0 });
  tally.numbersPerRun += cost.perRun ?? 0;
  tally.weights += cost.weights;
  tally.macs += cost.macs;
  return cost.shape;
}

const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

function failUnknown(what: string, className: string): never {
  const isWithin = className === "Sequential" || className === "Model" || className === "Functional";
  if (isWithin) return fail(what, "a flat model", `a model within the model`);
  const toDo = "convert it as a Graph model, or as ONNX (tf2onnx); docs/models.md lists the layers that are taken";
  return failWith(what, "a layer on the list", className, toDo);
}

function declaredLengths({ config }: Layer): { key: string; lengths: unknown } {
  const key = config.get("batch_shape") === undefined ? "batch_input_shape" : "batch_shape";
  return { key, lengths: config.get(key) };
}

function declaredInput(layer: Layer): Shape {
  const { what } = layer.config;
  const { key, lengths: declared } = declaredLengths(layer);
  const [batch, ...shape] = asArray(declared, `${what}: ${key}`);
  if (batch !== null) fail(`${what}: ${key}`, "a free batch dimension (null) first", declared);
  if (shape.length === 0 || !shape.every((length) => Number.isSafeInteger(length) && (length as number) >= 1)) {
    fail(`${what}: ${key}`, "fixed dimensions >= 1 after the batch dimension", declared);
  }
  checkedSize(shape as number[], MODEL_ACTIVATION_SIZE_MAX, `input of ${what}`);
  return shape as number[];
}

/** [["name", 0, 0]], or ["name", 0, 0] as newer Keras writes it */
function onlyTensor(value: unknown, what: string): string {
  const list = asArray(value, what);
  if (typeof list[0] === "string") return list[0];
  if (list.length !== 1) fail(what, "exactly one", list);
  return asText(asArray(list[0], what)[0], what);
}

/** inbound_nodes: [[["name", node, tensor, keywords], ...]], one inner list a call of the layer */
export function inboundLayers(layer: Layer): string[] {
  const what = `${layer.config.what}: inbound_nodes`;
  const calls = asArray(layer.entry.inbound_nodes, what);
  if (calls.length !== 1) fail(what, "exactly one use of the layer", `${calls.length}`);
  return asArray(calls[0], what).map((value) => {
    const [name, node, tensor, keywords] = asArray(value, what);
    if (node !== 0 || tensor !== 0) fail(what, "each layer's first and only output", value);
    for (const [key, keyword] of Object.entries(asObject(keywords ?? {}, what))) {
      // training: true would make dropout random, and answers with it.
      if (key !== "training" || keyword) fail(what, "no keywords", keywords);
    }
    return asText(name, what);
  });
}
