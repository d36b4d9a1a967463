/** Nodes and constants of an uploaded file, as the packed model has them. */
import { KNOWN_NUMBERS_MAX } from "../../../protocol/limits.ts";
import { type ByteSpace, inMemory } from "../../byte-space.ts";
import { DTYPE_BYTES } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import { isFar, withinReach } from "../../tensors/sure-numbers.ts";
import { failUnknown } from "./onnx-advice.ts";
import { computedDtype, DATA_TYPE_NUMBERS, fromJsonFloat, toJsonFloat } from "./onnx-dtypes.ts";
import { heldNumber, knownNumbers } from "./onnx-numbers.ts";
import { onnxRule } from "./onnx-rules.ts";
import { type IntegerTensor, MICROSOFT, type OnnxAttribute, type OnnxNodeFacts } from "./onnx-topology.ts";
import { type FileAttribute, type FileNode, type FileTensor, nodeName } from "./read-onnx.ts";

export function nodeFacts(node: FileNode): OnnxNodeFacts {
  const { op, domain, inputs, outputs, attributes } = node;
  if (onnxRule({ op, domain }) === null) failUnknown(node);
  const plain = Object.entries(attributes).map(([name, value]): [string, OnnxAttribute] => {
    const one =
      plainAttribute(value) ??
      placesOf(op, value) ??
      fail(
        `${nodeName(op, outputs)}: ${name}`,
        "a number, a text or numbers",
        "several numbers, a graph or something else",
      );
    return [name, op === "Cast" && name === "to" ? computedType(one) : one];
  });
  return {
    op,
    ...(domain === MICROSOFT ? { domain } : {}),
    inputs,
    outputs,
    attributes: Object.fromEntries(plain),
  };
}

/** Places along axes: what lies beyond 2^53 lies beyond every end. */
const TAKES_PLACES = new Set(["Shape", "Slice"]);

function placesOf(op: string, value: FileAttribute): OnnxAttribute | null {
  if (!("longs" in value) || !TAKES_PLACES.has(op)) return null;
  const places = value.longs.map((one) => withinReach(heldNumber(one)));
  return value.isList ? { is: places } : { i: places[0]! };
}

/** Half precision is a way to store float32. */
function computedType(to: OnnxAttribute): OnnxAttribute {
  const dtype = "i" in to ? computedDtype(to.i) : null;
  return dtype === null ? to : { i: DATA_TYPE_NUMBERS[dtype] };
}

/** Of tensors one number alone, as ConstantOfShape has it. */
function plainAttribute(value: FileAttribute): OnnxAttribute | null {
  if ("other" in value || "g" in value || "longs" in value) return null;
  if (!("t" in value)) return value;
  const { dtype, shape, bytes } = value.t;
  const [number, ...more] = bytes === null ? [] : (knownNumbers(dtype, shape, bytes) ?? []);
  if (number === undefined || more.length > 0 || Number.isNaN(number)) return null;
  if ((dtype === "int64" || dtype === "uint64") && isFar(number)) {
    return { t: { dtype, digits: String(longAt(dtype, bytes!)) } };
  }
  if (dtype === "int64") return { t: { int64: number } };
  return { t: { dtype: dtype === "float16" ? "float32" : dtype, value: toJsonFloat(number) } };
}

/** Exporters write constants as nodes too. */
export function constantOf({ op, outputs, attributes }: FileNode): FileTensor {
  const what = nodeName(op, outputs);
  const [name] = outputs;
  const [[, value] = [], ...more] = Object.entries(attributes);
  if (name === undefined || value === undefined || more.length > 0) {
    return fail(what, "one output and one value", Object.keys(attributes));
  }
  if ("t" in value) return { ...value.t, name };
  if ("f" in value) return { name, dtype: "float32", shape: [], bytes: floatBytes([fromJsonFloat(value.f)!]) };
  if ("fs" in value) {
    const values = value.fs.map((one) => fromJsonFloat(one)!);
    return { name, dtype: "float32", shape: [values.length], bytes: floatBytes(values) };
  }
  if ("longs" in value) {
    return { name, dtype: "int64", shape: value.isList ? [value.longs.length] : [], bytes: longBytes(value.longs) };
  }
  if ("i" in value) return { name, dtype: "int64", shape: [], bytes: longBytes([value.i]) };
  if ("is" in value) return { name, dtype: "int64", shape: [value.is.length], bytes: longBytes(value.is) };
  return fail(what, "numbers", "something else");
}

function floatBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export function longBytes(values: readonly (number | bigint)[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
}

function longAt(dtype: "int64" | "uint64", bytes: ByteSpace): bigint {
  const all = inMemory(bytes);
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  return dtype === "int64" ? view.getBigInt64(0, true) : view.getBigUint64(0, true);
}

/** Short lists of whole numbers stand in the topology; where one of them is not held exactly they stay the bytes that they are. */
export function integersOf({ dtype, shape, bytes }: FileTensor): IntegerTensor | null {
  const isInteger = dtype === "int32" || dtype === "int64";
  if (!isInteger || bytes!.length > KNOWN_NUMBERS_MAX * DTYPE_BYTES[dtype]) return null;
  const values = knownNumbers(dtype, shape, bytes!)!;
  return values.some(isFar) ? null : { dtype, shape, values };
}
