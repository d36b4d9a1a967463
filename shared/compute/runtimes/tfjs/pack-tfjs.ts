/**
 * The files of a tfjs model become a bundle: a model.json with its weightsManifest, and the weight files. A path in model.json is
 * never resolved: it is matched, as it stands, against the names of the files that were given.
 */

import { MODEL_TFJS_BYTES_MAX } from "../../../protocol/limits.ts";
import { type ByteSpace, inMemory, joinedSpaces } from "../../byte-space.ts";
import { ModelError } from "../../errors.ts";
import {
  packBundle,
  readWeightSpec,
  requireFinite,
  requireUniqueNames,
  unpackModel,
  type WeightSpec,
  weightByteCount,
} from "../../model-bundle.ts";
import { asArray, asObject, asText, fail, type JsonObject, parseModelJson } from "../../model-json.ts";
import { readInnerOutputs } from "../inner-outputs.ts";
import { type InputSizes, readInputSizes } from "../input-sizes.ts";
import { fileCalled, INPUT_SIZES_FILE, MODEL_OUTPUTS_FILE, type SourceFile } from "../runtime-description.ts";
import { plainWeight } from "./dequantize.ts";
import { withSizes } from "./free-sizes.ts";
import { withoutControl } from "./graph-control.ts";
import { withInnerOutputs } from "./graph-outputs.ts";

/**
 * @param modelJson bytes of model.json
 * @param others weight files in any order, each named exactly as weightsManifest names it; input-sizes.json where it leaves some free; model-outputs.json
 * @throws ModelError where it is not JSON, too deep or too large, a file is missing or has the wrong length, or a weight's
 *   type is none of float32, int32, bool
 */
export function packTfjs(modelJson: Uint8Array, others: readonly SourceFile[]): Uint8Array {
  return inMemory(tfjsBundle(modelJson, others));
}

/** As packTfjs, not joined yet. */
export function tfjsBundle(modelJson: ByteSpace, others: readonly SourceFile[]): ByteSpace {
  const said = fileCalled(others, INPUT_SIZES_FILE);
  const sizes: InputSizes = said === undefined ? new Map() : readInputSizes(said);
  const inner = fileCalled(others, MODEL_OUTPUTS_FILE);
  const weightFiles = others.filter((other) => other !== said && other !== inner);
  const model = parseModelJson(modelJson, "model.json");
  const format = formatOf(model);
  const modelTopology = withSizes(asObject(model.modelTopology, "model.json: modelTopology"), format, sizes);
  const files = new Map(weightFiles.map((file) => [file.name, file.bytes]));
  const specs: WeightSpec[] = [];
  const data: Uint8Array[] = [];
  const used = new Set<string>();
  let total = 0;
  for (const [g, value] of asArray(model.weightsManifest, "model.json: weightsManifest").entries()) {
    const group = asObject(value, `weightsManifest[${g}]`);
    const paths = asArray(group.paths, `weightsManifest[${g}].paths`).map((path) =>
      asText(path, "a weight file's path"),
    );
    for (const path of paths) used.add(path);
    const stored = joinedSpaces(paths.map((path) => fileNamed(files, path)));
    // Of what is named and not of what came: a file may be named a thousand times.
    total += stored.length;
    if (total > MODEL_TFJS_BYTES_MAX)
      fail("model files", `weights of at most ${MODEL_TFJS_BYTES_MAX} bytes, or an ONNX file (tf2onnx)`, total);
    readGroup(group, inMemory(stored), paths.join(" + "), specs, data);
  }
  for (const name of files.keys()) {
    if (!used.has(name))
      fail("model files", "only the files that weightsManifest names, input-sizes.json, and model-outputs.json", name);
  }
  requireUniqueNames(specs);
  const signature =
    format === "graph-model" && model.signature ? { signature: asObject(model.signature, "signature") } : {};
  const topology = format === "graph-model" ? withoutControl(modelTopology) : modelTopology;
  const whole = packBundle({ format, modelTopology: topology, weightSpecs: specs, ...signature }, data);
  return inner === undefined ? whole : upTo(whole, format, readInnerOutputs(inner));
}

function upTo(bundle: ByteSpace, format: TfjsFormat, outputs: readonly string[]): ByteSpace {
  if (format === "graph-model") return withInnerOutputs(unpackModel(bundle), outputs);
  return fail(
    MODEL_OUTPUTS_FILE,
    "a Graph model, or an ONNX one",
    "a Layers model: convert it with the outputs that you want",
  );
}

/** The weight files that a model.json names. @throws ModelError where it is no model.json */
export function weightFilesOf(modelJson: ByteSpace): string[] {
  const groups = asArray(parseModelJson(modelJson, "model.json").weightsManifest, "model.json: weightsManifest");
  return groups.flatMap((group) => pathsOf(asObject(group, "model.json: weightsManifest")));
}

function pathsOf(group: JsonObject): string[] {
  return asArray(group.paths, "model.json: weightsManifest: paths").map((path) => asText(path, "a weight file's path"));
}

const TFJS_DTYPES = ["float32", "int32", "bool"];

type TfjsFormat = "layers-model" | "graph-model";

function formatOf(model: JsonObject): TfjsFormat {
  if (model.format === "layers-model" || model.format === "graph-model") return model.format;
  // Older tfjs wrote no format; only graph models have nodes.
  if (model.format === undefined) {
    return asObject(model.modelTopology, "model.json: modelTopology").node === undefined
      ? "layers-model"
      : "graph-model";
  }
  return fail("model.json: format", '"layers-model" or "graph-model"', model.format);
}

function fileNamed(files: ReadonlyMap<string, ByteSpace>, path: string): ByteSpace {
  const bytes = files.get(path);
  if (bytes) return bytes;
  const given = [...files.keys()].map((name) => `'${name}'`).join(", ") || "no weight file";
  throw new ModelError(`model files: expected the weights file '${path}' that model.json names, got ${given}`);
}

/** A single number may be infinite: what pads an image before the largest is sought. */
function requireUsable({ shape }: WeightSpec, plain: Uint8Array, what: string): void {
  const isOne = shape.every((length) => length === 1);
  const value = isOne && plain.length === 4 ? new DataView(plain.buffer, plain.byteOffset, 4).getFloat32(0, true) : 0;
  if (Math.abs(value) !== Number.POSITIVE_INFINITY) requireFinite(plain, what);
}

/** Appends the group's weights to specs and data. Weights of an optimizer are left out: nothing is trained from here. */
function readGroup(group: JsonObject, bytes: Uint8Array, file: string, specs: WeightSpec[], data: Uint8Array[]): void {
  let offset = 0;
  for (const value of asArray(group.weights, `${file}: weights`)) {
    const entry = asObject(value, `${file}: weights`);
    const spec = readWeightSpec(entry, TFJS_DTYPES);
    const what = `weights '${spec.name}'`;
    const length = weightByteCount(spec);
    const stored = bytes.subarray(offset, offset + length);
    if (stored.length < length) fail(`${what} in ${file}`, `${length} bytes at ${offset}`, stored.length);
    offset += length;
    if (entry.group === "optimizer") continue;
    if (spec.dtype === "float32") requireUsable(spec, plainWeight(spec, stored), what);
    specs.push(spec);
    data.push(stored);
  }
  if (offset !== bytes.length) fail(`weights in ${file}`, `${offset} bytes, as weightsManifest says`, bytes.length);
}
