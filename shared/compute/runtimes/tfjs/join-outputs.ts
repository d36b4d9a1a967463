/**
 * A tfjs model with several outputs becomes one with a single output: all of them one after another, each flattened. For ONNX
 * ../onnx/onnx-outputs.ts does the same.
 */

import { packBundle, type UnpackedModel, type WeightSpec } from "../../model-bundle.ts";
import { asArray, asObject } from "../../model-json.ts";
import { readLayers } from "./inspect-layers.ts";

export interface JoinedOutput {
  /** The layer or node that makes it. */
  readonly tensor: string;
  /** Numbers for one query. */
  readonly size: number;
}

/** @param outputs at least two layers */
export function joinLayerOutputs(model: UnpackedModel, outputs: readonly JoinedOutput[]): Uint8Array {
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
    ...outputs.map(({ tensor, size }, i) => layer("Reshape", parts[i]!, { target_shape: [size] }, [tensor])),
    layer("Concatenate", joined, { axis: -1 }, parts),
  ];
  const modelTopology = { ...outer, config: { ...config, layers, output_layers: [[joined, 0, 0]] } };
  const { format, weightSpecs, weightData } = model;
  return packBundle({ format, modelTopology, weightSpecs }, [weightData]);
}

/** @param outputs at least two nodes */
export function joinGraphOutputs(model: UnpackedModel, outputs: readonly JoinedOutput[]): Uint8Array {
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
  const values = littleEndian([...outputs.flatMap(({ size }) => [-1, size]), 1]);
  const modelTopology = { ...model.modelTopology, node: [...nodes, ...added] };
  const signature = { ...model.signature, outputs: { [joined]: { name: `${joined}:0` } } };
  return packBundle({ format: model.format, modelTopology, weightSpecs, signature }, [model.weightData, values]);
}

/** Names that nobody has yet. */
function freshNames(taken: readonly string[]): (name: string) => string {
  const names = new Set(taken);
  return (wanted) => {
    let name = wanted;
    while (names.has(name)) name += "_";
    names.add(name);
    return name;
  };
}

function littleEndian(integers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * integers.length));
  integers.forEach((value, i) => {
    view.setInt32(4 * i, value, true);
  });
  return new Uint8Array(view.buffer);
}
