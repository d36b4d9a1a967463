/**
 * One immutable blob a model: what is hashed, stored, sent and run.
 *
 *   8 bytes   length of the header, little-endian (the safetensors layout)
 *   header    JSON, padded with spaces to a multiple of 8: { format, modelTopology, weightSpecs, signature?, sourceSha256? }
 *   data      the weights, little-endian, in the order of weightSpecs, nothing between them
 *
 * The runtime that reads a model's files makes it (runtimes/); `format` says which one can run it.
 */
import { MODEL_BYTES_MAX, MODEL_JSON_BYTES_MAX } from "../protocol/limits.ts";
import { type ByteSpace, joinedSpaces, partOf } from "./byte-space.ts";
import { checkedSize } from "./checked-size.ts";
import { ModelError } from "./errors.ts";
import { asArray, asObject, asShape, asText, fail, type JsonObject, parseModelJson } from "./model-json.ts";

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** As it is computed with, but for float16. */
  readonly dtype: WeightDtype;
  /** Of tfjs: how it is kept. */
  readonly quantization?: Quantization;
}
export interface Quantization {
  readonly dtype: keyof typeof QUANTIZED_BYTES;
  /** Of uint8 and uint16: the value is number x scale + min. */
  readonly scale?: number;
  readonly min?: number;
}
export type WeightDtype = keyof typeof DTYPE_BYTES;

/** @typeParam Weights where they are: in memory, unless somebody reads them from elsewhere */
export interface UnpackedModel<Weights extends ByteSpace = Uint8Array> {
  /** One of those that a runtime claims (runtimes/runtimes.ts). */
  readonly format: string;
  readonly modelTopology: JsonObject;
  readonly weightSpecs: readonly WeightSpec[];
  /** Graph models: which tensors are inputs and outputs. */
  readonly signature: JsonObject | null;
  /** Of the files that it was made of (source-files.ts), where these were kept. */
  readonly sourceSha256?: string;
  /** A view into the bundle. */
  readonly weightData: Weights;
}

export const DTYPE_BYTES = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  uint32: 4,
  int64: 8,
  uint64: 8,
} as const;

const QUANTIZED_BYTES = { uint8: 1, uint16: 2, float16: 2 } as const;

/** @throws ModelError where the bytes are no bundle */
export function unpackModel(bundle: Uint8Array): UnpackedModel;
export function unpackModel(bundle: ByteSpace): UnpackedModel<ByteSpace>;
export function unpackModel(bundle: ByteSpace): UnpackedModel<ByteSpace> {
  const { header, dataStart } = headerOf(bundle);
  const weightSpecs = asArray(header.weightSpecs, "model bundle: weightSpecs").map((spec) => readWeightSpec(spec));
  requireUniqueNames(weightSpecs);
  const weightData = partOf(bundle, dataStart, bundle.length);
  const expected = weightSpecs.reduce((sum, spec) => sum + weightByteCount(spec), 0);
  if (weightData.length !== expected) fail("model bundle", `${expected} bytes of weights`, weightData.length);
  return {
    format: formatIn(header),
    modelTopology: asObject(header.modelTopology, "model bundle: modelTopology"),
    weightSpecs,
    signature: header.signature === undefined ? null : asObject(header.signature, "model bundle: signature"),
    ...(header.sourceSha256 === undefined ? {} : { sourceSha256: asText(header.sourceSha256, "model bundle: source") }),
    weightData,
  };
}

/** @throws ModelError where the bytes do not begin as a bundle does */
export function unpackFormat(bundle: ByteSpace): string {
  return formatIn(headerOf(bundle).header);
}

function formatIn(header: JsonObject): string {
  return asText(header.format, "model bundle: format");
}

function headerOf(bundle: ByteSpace): { header: JsonObject; dataStart: number } {
  if (bundle.length < 8) fail("model bundle", "at least 8 bytes", bundle.length);
  if (bundle.length > BUNDLE_BYTES_MAX) fail("model bundle", `at most ${BUNDLE_BYTES_MAX} bytes`, bundle.length);
  const { buffer, byteOffset } = bundle.subarray(0, 8);
  const headerLength = Number(new DataView(buffer, byteOffset, 8).getBigUint64(0, true));
  if (headerLength > bundle.length - 8)
    fail("model bundle", `a header of at most ${bundle.length - 8} bytes`, headerLength);
  return {
    header: parseModelJson(bundle.subarray(8, 8 + headerLength), "model bundle: header"),
    dataStart: 8 + headerLength,
  };
}

/** As a bundle holds it. */
export function weightByteCount({ name, shape, dtype, quantization }: WeightSpec): number {
  const width = quantization === undefined ? DTYPE_BYTES[dtype] : QUANTIZED_BYTES[quantization.dtype];
  return checkedSize(shape, MODEL_BYTES_MAX, `weights '${name}'`) * width;
}

/** Once it is computed with: half precision becomes float32, as does what is quantized. */
export function computedByteCount({ name, shape, dtype }: WeightSpec): number {
  return (
    checkedSize(shape, MODEL_BYTES_MAX, `weights '${name}'`) * DTYPE_BYTES[dtype === "float16" ? "float32" : dtype]
  );
}

/**
 * @param value name, shape and dtype, as tfjs and bundles write them
 * @param dtypes those that may be
 */
export function readWeightSpec(value: unknown, dtypes: readonly string[] = Object.keys(DTYPE_BYTES)): WeightSpec {
  const entry = asObject(value, "a weight");
  const name = asText(entry.name, "a weight's name");
  const shape = asShape(entry.shape, `weights '${name}': shape`);
  if (typeof entry.dtype !== "string" || !dtypes.includes(entry.dtype)) {
    fail(`weights '${name}': dtype`, dtypes.join(", "), entry.dtype);
  }
  const spec = { name, shape, dtype: entry.dtype as WeightDtype };
  return entry.quantization === undefined
    ? spec
    : { ...spec, quantization: readQuantization(entry.quantization, spec) };
}

function readQuantization(value: unknown, { name, dtype: own }: WeightSpec): Quantization {
  const what = `weights '${name}'`;
  const { dtype, scale, min } = asObject(value, `${what}.quantization`);
  if (typeof dtype !== "string" || !Object.hasOwn(QUANTIZED_BYTES, dtype)) {
    return fail(`${what}.quantization.dtype`, "uint8, uint16 or float16", dtype);
  }
  if (own === "bool") fail(what, "bool without quantization", own);
  if (dtype === "float16") {
    if (own !== "float32") fail(what, "float32 under float16 quantization", own);
    return { dtype };
  }
  if (typeof scale !== "number" || typeof min !== "number") return fail(what, "quantization with scale and min", value);
  return { dtype: dtype as Quantization["dtype"], scale, min };
}

/** @throws ModelError where two weights have one name */
export function requireUniqueNames(specs: readonly WeightSpec[]): void {
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

/** Beside the weights, which have the limit of a model's files, it holds what was understood of the file. */
export const BUNDLE_BYTES_MAX = MODEL_BYTES_MAX + MODEL_JSON_BYTES_MAX;

/**
 * @param data the weights that the header's weightSpecs describe, in that order
 * @returns the bundle; of weights that lie elsewhere nothing is read yet
 */
export function packBundle(header: object, data: readonly ByteSpace[]): ByteSpace {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(text.length / 8) * 8;
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(headerLength), true);
  const padding = new Uint8Array(headerLength - text.length).fill(0x20);
  const bundle = joinedSpaces([length, text, padding, ...data]);
  if (bundle.length > BUNDLE_BYTES_MAX) fail("model", `at most ${BUNDLE_BYTES_MAX} bytes`, bundle.length);
  return bundle;
}

/**
 * The bundle of another topology with some of a model's weights.
 * @param signature of Graph models
 * @param isKept by the name of the weight
 */
export function repackModel(
  model: UnpackedModel<ByteSpace>,
  modelTopology: JsonObject,
  signature: JsonObject | null,
  isKept: (weight: string) => boolean,
): ByteSpace {
  const data: ByteSpace[] = [];
  let offset = 0;
  const weightSpecs = model.weightSpecs.filter((spec) => {
    const bytes = partOf(model.weightData, offset, offset + weightByteCount(spec));
    offset += bytes.length;
    if (isKept(spec.name)) data.push(bytes);
    return isKept(spec.name);
  });
  return packBundle(headerOfModel({ ...model, modelTopology, weightSpecs, signature }), data);
}

/** The same bundle, which says which files it was made of. */
export function withSource(bundle: ByteSpace, sourceSha256: string): ByteSpace {
  const model = unpackModel(bundle);
  return packBundle(headerOfModel({ ...model, sourceSha256 }), [model.weightData]);
}

function headerOfModel({
  format,
  modelTopology,
  weightSpecs,
  signature,
  sourceSha256,
}: Omit<UnpackedModel, "weightData">) {
  return {
    ...{ format, modelTopology, weightSpecs },
    ...(signature === null ? {} : { signature }),
    ...(sourceSha256 === undefined ? {} : { sourceSha256 }),
  };
}
