/** Sizes that a tfjs model leaves free beside its batch, as "input:axis": a topology gets them before anything of it is inspected. */
import { asArray, asObject, fail, type JsonObject } from "../../model-json.ts";
import { failUnsized, type InputSizes } from "../input-sizes.ts";

type Format = "layers-model" | "graph-model";
type Length = number | string | null;

const isFree = (length: unknown, axis: number) => axis > 0 && (length === null || Number(length) === -1);

/**
 * @returns the topology with these sizes in the shapes of its inputs; what they do not say stays free, and is refused with everything else
 * @throws ModelError where a size is of nothing that is free
 */
export function withSizes(topology: JsonObject, format: Format, sizes: InputSizes): JsonObject {
  const unused = new Set(sizes.keys());
  const bound = (input: string, lengths: readonly Length[]): Length[] =>
    lengths.map((length, axis) => {
      const name = `${input}:${axis}`;
      if (!isFree(length, axis) || !sizes.has(name)) return length;
      unused.delete(name);
      return sizes.get(name)!;
    });
  const sized = format === "graph-model" ? withGraphSizes(topology, bound) : withLayerSizes(topology, bound);
  const [other] = unused;
  if (other !== undefined) fail("input-sizes.json", "sizes that the model leaves free, as input:axis", other);
  return sized;
}

/** @param lengths with the batch @throws ModelError that says how sizes are said, where one is free */
export function requireSizes(input: string, what: string, lengths: readonly unknown[]): void {
  const missing = lengths.flatMap((length, axis) => (isFree(length, axis) ? [`${input}:${axis}`] : []));
  if (missing.length === 0) return;
  const words = lengths.map((length, axis) => (axis === 0 ? "batch" : isFree(length, axis) ? "free" : length));
  failUnsized(what, missing, words.join(" x "));
}

type Bind = (input: string, lengths: readonly Length[]) => Length[];

function withGraphSizes(topology: JsonObject, bound: Bind): JsonObject {
  if (!Array.isArray(topology.node)) return topology;
  const node = topology.node.map((value: unknown) => {
    const { name, op, attr } = asObject(value, "graph node");
    if (op !== "Placeholder" || typeof name !== "string") return value;
    const shape = asObject(asObject(attr ?? {}, "graph node: attr").shape ?? {}, "graph node: shape").shape;
    const dims = shape === undefined ? undefined : asObject(shape, "graph node: shape").dim;
    if (!Array.isArray(dims)) return value;
    const lengths = dims.map((dim) => asObject(dim, `node '${name}': shape`).size as Length);
    const dim = bound(name, lengths).map((size) => ({ size: String(size) }));
    return { ...(value as object), attr: { ...(attr as object), shape: { shape: { dim } } } };
  });
  return { ...topology, node };
}

function withLayerSizes(topology: JsonObject, bound: Bind): JsonObject {
  const model = asObject(topology.model_config ?? topology, "model topology");
  const listed = Array.isArray(model.config) ? model.config : asObject(model.config, "model topology: config").layers;
  const layers = asArray(listed, "model topology: layers").map((value, place) => {
    const entry = asObject(value, `layer ${place}`);
    const config = asObject(entry.config ?? {}, `layer ${place}: config`);
    const key = config.batch_shape === undefined ? "batch_input_shape" : "batch_shape";
    const lengths = config[key];
    // Beside inputs, only the first layer of a sequence says what it takes.
    const isInput = entry.class_name === "InputLayer" || place === 0;
    if (!isInput || !Array.isArray(lengths)) return value;
    const name = String(entry.name ?? config.name ?? place);
    const [batch, ...rest] = bound(name, lengths as Length[]);
    // Layers say what they do with each query: one that was written down for a single one does it with any number.
    return { ...entry, config: { ...config, [key]: [batch === 1 ? null : batch, ...rest] } };
  });
  const config = Array.isArray(model.config) ? layers : { ...(model.config as object), layers };
  const changed = { ...model, config };
  return topology.model_config === undefined ? changed : { ...topology, model_config: changed };
}
