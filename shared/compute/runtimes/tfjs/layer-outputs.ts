/**
 * The outputs of a Layers model: its output layers. One of several is kept without the layers and weights that only served the
 * others, or all of them become one, each flattened, one after another.
 */
import type { ByteSpace } from "../../byte-space.ts";
import { packBundle, repackModel, type UnpackedModel, unpackModel } from "../../model-bundle.ts";
import { asArray, asObject, asText } from "../../model-json.ts";
import type { ModelOutput } from "../runtime-description.ts";
import { inboundLayers, inspectLayers, readLayers } from "./inspect-layers.ts";
import { freshNames, neededFor } from "./output-names.ts";

type Model = UnpackedModel<ByteSpace>;

export function layerOutputs({ modelTopology }: Model): ModelOutput[] {
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

export function keepLayerOutput(model: Model, { tensor: output }: ModelOutput): ByteSpace {
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
  return repackModel(model, modelTopology, null, (weight) => !dropped.includes(ownerOf(weight) ?? ""));
}

/** @param outputs at least two layers */
export function joinLayerOutputs(model: Model, outputs: readonly ModelOutput[]): ByteSpace {
  const fresh = freshNames(readLayers(model.modelTopology).layers.map(({ name }) => name));
  const [joined, ...parts] = ["all", ...outputs.map((_, i) => `all-${i}`)].map(fresh) as [string, ...string[]];
  const inbound = (names: readonly string[]) => [names.map((name) => [name, 0, 0, {}])];
  const layer = (class_name: string, name: string, settings: object, from: readonly string[]) => {
    const config = { name, trainable: false, dtype: "float32", ...settings };
    return { class_name, name, config, inbound_nodes: inbound(from) };
  };
  const outer = asObject(model.modelTopology.model_config ?? model.modelTopology, "model topology");
  const config = asObject(outer.config, "model topology: config");
  const layers = [
    ...asArray(config.layers, "model topology: layers"),
    ...outputs.map((output, i) =>
      layer("Reshape", parts[i]!, { target_shape: [sizeOf(model, output)] }, [output.tensor]),
    ),
    layer("Concatenate", joined, { axis: -1 }, parts),
  ];
  const modelTopology = { ...outer, config: { ...config, layers, output_layers: [[joined, 0, 0]] } };
  const { format, weightSpecs, weightData } = model;
  return packBundle({ format, modelTopology, weightSpecs }, [weightData]);
}

/** Numbers of one query. */
function sizeOf(model: Model, output: ModelOutput): number {
  const { outputShape } = inspectLayers(unpackModel(keepLayerOutput(model, output)).modelTopology);
  return outputShape.reduce((size, length) => size * length, 1);
}

function longest(names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => b.length - a.length)[0];
}
