/**
 * One immutable blob a model: what is hashed, stored, sent and run.
 *
 *   8 bytes   length of the header, little-endian (the safetensors layout)
 *   header    JSON, padded with spaces to a multiple of 8: { format, modelTopology, weightSpecs, signature? }
 *   data      the weights, little-endian, in the order of weightSpecs, nothing between them
 *
 * It is made from an ONNX file (runtimes/onnx/pack-onnx.ts), or from tfjs files: a model.json with its weightsManifest, and the weight
 * files. A path in model.json is never resolved: it is matched, as it stands, against the names of the files that were given.
 */
import { MODEL_BYTES_MAX } from "../protocol/limits.ts";
import { checkedSize } from "./checked-size.ts";
import { ModelError } from "./errors.ts";
import { asArray, asObject, asShape, asText, fail, type JsonObject, parseModelJson } from "./model-json.ts";
import { dequantize, QUANTIZED_BYTES } from "./runtimes/tfjs/dequantize.ts";

/** The first two are tfjs's. */
export type ModelFormat = "layers-model" | "graph-model" | "onnx";

export interface WeightFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightDtype;
}
export type WeightDtype = keyof typeof DTYPE_BYTES;

export interface UnpackedModel {
  readonly format: ModelFormat;
  readonly modelTopology: JsonObject;
  readonly weightSpecs: readonly WeightSpec[];
  /** Graph models: which tensors are inputs and outputs. */
  readonly signature: JsonObject | null;
  /** A view into the bundle. */
  readonly weightData: Uint8Array;
}

const DTYPE_BYTES = { float32: 4, int32: 4, bool: 1 } as const;

/**
 * @param modelJson bytes of model.json
 * @param weightFiles in any order; each is named exactly as weightsManifest names it
 * @throws ModelError where it is not JSON, too deep or too large, a file is missing or has the wrong length, or a weight's
 *   type is none of float32, int32, bool
 */
export function packModel(modelJson: Uint8Array, weightFiles: readonly WeightFile[]): Uint8Array {
  const model = parseModelJson(modelJson);
  const format = formatOf(model);
  const modelTopology = asObject(model.modelTopology, "model.json: modelTopology");
  const files = new Map(weightFiles.map((file) => [file.name, file.bytes]));
  const specs: WeightSpec[] = [];
  const data: Uint8Array[] = [];
  const used = new Set<string>();
  for (const [g, value] of asArray(model.weightsManifest, "model.json: weightsManifest").entries()) {
    const group = asObject(value, `weightsManifest[${g}]`);
    const paths = asArray(group.paths, `weightsManifest[${g}].paths`).map((path) =>
      asText(path, "a weight file's path"),
    );
    for (const path of paths) used.add(path);
    readGroup(group, join(paths.map((path) => fileNamed(files, path))), paths.join(" + "), specs, data);
  }
  for (const name of files.keys()) {
    if (!used.has(name)) fail("model files", "only the files that weightsManifest names", name);
  }
  requireUniqueNames(specs);
  const signature =
    format === "graph-model" && model.signature ? { signature: asObject(model.signature, "signature") } : {};
  return packBundle({ format, modelTopology, weightSpecs: specs, ...signature }, data);
}

/** @throws ModelError where the bytes are no bundle */
export function unpackModel(bundle: Uint8Array): UnpackedModel {
  const { header, dataStart } = headerOf(bundle);
  const weightSpecs = asArray(header.weightSpecs, "model bundle: weightSpecs").map(readSpec);
  requireUniqueNames(weightSpecs);
  const weightData = bundle.subarray(dataStart);
  const expected = weightSpecs.reduce((sum, spec) => sum + weightByteCount(spec), 0);
  if (weightData.length !== expected) fail("model bundle", `${expected} bytes of weights`, weightData.length);
  return {
    format: bundleFormat(header),
    modelTopology: asObject(header.modelTopology, "model bundle: modelTopology"),
    weightSpecs,
    signature: header.signature === undefined ? null : asObject(header.signature, "model bundle: signature"),
    weightData,
  };
}

/** @throws ModelError where the bytes do not begin as a bundle does */
export function formatOfBundle(bundle: Uint8Array): ModelFormat {
  return bundleFormat(headerOf(bundle).header);
}

function headerOf(bundle: Uint8Array): { header: JsonObject; dataStart: number } {
  if (bundle.length < 8) fail("model bundle", "at least 8 bytes", bundle.length);
  if (bundle.length > MODEL_BYTES_MAX) fail("model bundle", `at most ${MODEL_BYTES_MAX} bytes`, bundle.length);
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > bundle.length - 8)
    fail("model bundle", `a header of at most ${bundle.length - 8} bytes`, headerLength);
  return { header: parseModelJson(bundle.subarray(8, 8 + headerLength)), dataStart: 8 + headerLength };
}

const bundleFormat = (header: JsonObject): ModelFormat => (header.format === "onnx" ? "onnx" : formatOf(header));

export function weightByteCount(spec: WeightSpec): number {
  return checkedSize(spec.shape, MODEL_BYTES_MAX, `weights '${spec.name}'`) * DTYPE_BYTES[spec.dtype];
}

/** Of tfjs's files. */
function formatOf(model: JsonObject): ModelFormat {
  if (model.format === "layers-model" || model.format === "graph-model") return model.format;
  // Older tfjs wrote no format; only graph models have nodes.
  if (model.format === undefined) {
    return asObject(model.modelTopology, "model.json: modelTopology").node === undefined
      ? "layers-model"
      : "graph-model";
  }
  return fail("model.json: format", '"layers-model" or "graph-model"', model.format);
}

function fileNamed(files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array {
  const bytes = files.get(path);
  if (bytes) return bytes;
  const given = [...files.keys()].map((name) => `'${name}'`).join(", ") || "no weight file";
  throw new ModelError(`model files: expected the weights file '${path}' that model.json names, got ${given}`);
}

/** Appends the group's weights to specs and data. Weights of an optimizer are left out: nothing is trained from here. */
function readGroup(group: JsonObject, bytes: Uint8Array, file: string, specs: WeightSpec[], data: Uint8Array[]): void {
  let offset = 0;
  for (const value of asArray(group.weights, `${file}: weights`)) {
    const entry = asObject(value, `${file}: weights`);
    const spec = readSpec(entry);
    const what = `weights '${spec.name}'`;
    const size = checkedSize(spec.shape, MODEL_BYTES_MAX, what);
    const length =
      size * (entry.quantization === undefined ? DTYPE_BYTES[spec.dtype] : quantizedBytes(entry.quantization, what));
    const stored = bytes.subarray(offset, offset + length);
    if (stored.length < length) fail(`${what} in ${file}`, `${length} bytes at ${offset}`, stored.length);
    offset += length;
    if (entry.group === "optimizer") continue;
    if (entry.quantization !== undefined && spec.dtype === "bool") fail(what, "bool without quantization", spec.dtype);
    const plain =
      entry.quantization === undefined ? stored : dequantize(stored, entry.quantization, spec.dtype as "float32", what);
    if (spec.dtype === "float32") requireFinite(plain, what);
    specs.push(spec);
    data.push(plain);
  }
  if (offset !== bytes.length) fail(`weights in ${file}`, `${offset} bytes, as weightsManifest says`, bytes.length);
}

function quantizedBytes(quantization: unknown, what: string): number {
  const { dtype } = asObject(quantization, `${what}.quantization`);
  return (
    (typeof dtype === "string" && Object.hasOwn(QUANTIZED_BYTES, dtype) && QUANTIZED_BYTES[dtype]) ||
    fail(`${what}.quantization.dtype`, "uint8, uint16 or float16", dtype)
  );
}

function readSpec(value: unknown): WeightSpec {
  const entry = asObject(value, "a weight");
  const name = asText(entry.name, "a weight's name");
  const shape = asShape(entry.shape, `weights '${name}': shape`);
  if (typeof entry.dtype !== "string" || !Object.hasOwn(DTYPE_BYTES, entry.dtype)) {
    fail(`weights '${name}': dtype`, Object.keys(DTYPE_BYTES).join(", "), entry.dtype);
  }
  return { name, shape, dtype: entry.dtype as WeightDtype };
}

function requireUniqueNames(specs: readonly WeightSpec[]): void {
  const names = new Set<string>();
  for (const { name } of specs) {
    if (names.has(name)) fail("weights", "names that differ", name);
    names.add(name);
  }
}

/** @throws ModelError at the first float32 that is NaN or infinite */
export function requireFinite(bytes: Uint8Array, what: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 4) {
    const value = view.getFloat32(at, true);
    if (!Number.isFinite(value)) throw new ModelError(`${what}: expected finite numbers, got ${value}`);
  }
}

/** @param data the weights that the header's weightSpecs describe, in that order */
export function packBundle(header: object, data: readonly Uint8Array[]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(headerLength), true);
  const padding = new Uint8Array(headerLength - text.length).fill(0x20);
  const bundle = join([length, text, padding, ...data]);
  if (bundle.length > MODEL_BYTES_MAX) fail("model", `at most ${MODEL_BYTES_MAX} bytes`, bundle.length);
  return bundle;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only) return only;
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
