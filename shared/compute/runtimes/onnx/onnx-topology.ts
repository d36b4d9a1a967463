/**
 * An ONNX graph as a bundle holds it: JSON that says what was understood of the uploaded file, and nothing else. Short lists of
 * whole numbers (shapes, axes) stand in here, all other numbers are weights of the bundle. Whoever runs it gets an ONNX file that is
 * written anew from this (write-onnx.ts), so no other reader of protobuf ever meets a stranger's bytes.
 */

import {
  KNOWN_NUMBERS_MAX,
  MODEL_ACTIVATION_SIZE_MAX,
  MODEL_NODES_MAX,
  ONNX_OPSET_MAX,
  ONNX_OPSET_MIN,
} from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import { DTYPE_BYTES } from "../../model-bundle.ts";
import { asArray, asInteger, asObject, asShape, asText, fail, type JsonObject } from "../../model-json.ts";
import type { ModelInput } from "../../model-runtime.ts";
import type { ComputedDtype } from "../../tensors/batched-tensor.ts";
import { DATA_TYPE_NUMBERS, fromJsonFloat, type JsonFloat } from "./onnx-dtypes.ts";

export interface OnnxTopology {
  /** Version of the standard operators. */
  readonly opset: number;
  /** A query, of float32: its first dimension is the batch, FREE or 1. */
  readonly input: { readonly name: string; readonly shape: readonly number[] };
  /** What a row is made of (onnx-rows.ts); left out where it is the one input, of float32. */
  readonly inputs?: readonly ModelInput[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNodeFacts[];
  readonly integers: Readonly<Record<string, IntegerTensor>>;
}

export interface OnnxNodeFacts {
  readonly op: string;
  /** Of an operator that is onnxruntime's own; otherwise the standard's. */
  readonly domain?: typeof MICROSOFT;
  /** "" where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** The operators into which onnxruntime fuses others. */
export const MICROSOFT = "com.microsoft";

/** Under the names that onnx.proto gives them: a float, an integer, a text, floats, integers; and a tensor of one number. */
export type OnnxAttribute =
  | { readonly f: JsonFloat }
  | { readonly i: number }
  | { readonly s: string }
  | { readonly fs: readonly JsonFloat[] }
  | { readonly is: readonly number[] }
  | { readonly ss: readonly string[] }
  | { readonly t: { readonly int64: number } }
  | { readonly t: LargeNumber }
  | { readonly t: SingleNumber };

/** A whole number that JSON's numbers do not hold exactly. */
export interface LargeNumber {
  readonly dtype: "int64" | "uint64";
  readonly digits: string;
}

export interface SingleNumber {
  readonly dtype: ComputedDtype;
  readonly value: JsonFloat;
}

export interface IntegerTensor {
  readonly dtype: "int32" | "int64";
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A dimension that each run may choose: the batch. */
export const FREE = -1;

/** @throws ModelError where the JSON is no such topology */
export function readOnnxTopology(value: JsonObject): OnnxTopology {
  const opset = asInteger(value.opset, ONNX_OPSET_MIN, "onnx: opset");
  if (opset > ONNX_OPSET_MAX) fail("onnx: opset", `at most ${ONNX_OPSET_MAX}`, opset);
  const input = asObject(value.input, "onnx: input");
  const [batch, ...rest] = asArray(input.shape, "onnx: input");
  if (batch !== FREE && batch !== 1) fail("onnx: input", "a batch dimension that is free or 1", batch);
  const nodes = asArray(value.nodes, "onnx: nodes");
  if (nodes.length > MODEL_NODES_MAX) fail("onnx: nodes", `at most ${MODEL_NODES_MAX}`, nodes.length);
  const integers = Object.entries(asObject(value.integers, "onnx: integers"));
  return {
    opset,
    input: { name: asText(input.name, "onnx: input"), shape: [batch, ...asShape(rest, "onnx: input")] },
    ...(value.inputs === undefined ? {} : { inputs: readInputs(value.inputs, asShape(rest, "onnx: input")) }),
    outputs: texts(value.outputs, "onnx: outputs"),
    nodes: nodes.map(readNode),
    integers: Object.fromEntries(integers.map(([name, tensor]) => [name, readIntegers(tensor, `'${name}'`)])),
  };
}

const HALVES_AND_DOUBLES = ["float16", "float64"];
const FLOATS = ["float32", ...HALVES_AND_DOUBLES];

function isOneOf(dtype: unknown, besides: readonly string[]): boolean {
  return typeof dtype === "string" && Object.hasOwn(DTYPE_BYTES, dtype) && !besides.includes(dtype);
}

/** @throws ModelError where they do not make a row of that shape */
function readInputs(value: unknown, rowShape: readonly number[]): ModelInput[] {
  const what = "onnx: inputs";
  const inputs = asArray(value, what).map((one): ModelInput => {
    const { name, shape, dtype, below, takes } = asObject(one, what);
    if (!isOneOf(dtype, HALVES_AND_DOUBLES)) return fail(what, "float32, bool, or whole numbers", dtype);
    if (takes !== undefined && !isOneOf(takes, FLOATS)) return fail(what, "bool, or whole numbers", takes);
    return {
      name: asText(name, what),
      shape: asShape(shape, what),
      dtype: dtype as ModelInput["dtype"],
      ...(below === undefined ? {} : { below: asInteger(below, 1, what) }),
      ...(takes === undefined ? {} : { takes: takes as NonNullable<ModelInput["takes"]> }),
    };
  });
  const sizeOf = (shape: readonly number[]) => checkedSize(shape, MODEL_ACTIVATION_SIZE_MAX, what);
  const size = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return size === sizeOf(rowShape) ? inputs : fail(what, `${sizeOf(rowShape)} numbers`, size);
}

function readNode(value: unknown): OnnxNodeFacts {
  const node = asObject(value, "onnx node");
  const op = asText(node.op, "onnx node: op");
  const attributes = Object.entries(asObject(node.attributes, `${op}: attributes`));
  if (node.domain !== undefined && node.domain !== MICROSOFT) fail(`${op}: domain`, MICROSOFT, node.domain);
  return {
    op,
    ...(node.domain === undefined ? {} : { domain: MICROSOFT }),
    inputs: texts(node.inputs, `${op}: inputs`),
    outputs: texts(node.outputs, `${op}: outputs`),
    attributes: Object.fromEntries(attributes.map(([name, one]) => [name, readAttribute(one, `${op}: ${name}`)])),
  };
}

function readAttribute(value: unknown, what: string): OnnxAttribute {
  const { f, i, s, fs, is, ss, t } = asObject(value, what);
  if (f !== undefined && fromJsonFloat(f) !== null) return { f: f as JsonFloat };
  if (Number.isSafeInteger(i)) return { i: i as number };
  if (typeof s === "string") return { s };
  if (Array.isArray(fs) && fs.every((one) => fromJsonFloat(one) !== null)) return { fs };
  if (Array.isArray(is) && is.every(Number.isSafeInteger)) return { is };
  if (Array.isArray(ss) && ss.every((one) => typeof one === "string")) return { ss };
  if (t !== undefined) {
    const { int64, dtype, digits, value: single } = asObject(t, what);
    if (Number.isSafeInteger(int64)) return { t: { int64: int64 as number } };
    if ((dtype === "int64" || dtype === "uint64") && isLarge(dtype, digits)) return { t: { dtype, digits } };
    if (fromJsonFloat(single) !== null && Object.hasOwn(DATA_TYPE_NUMBERS, String(dtype))) {
      return { t: { dtype: dtype as ComputedDtype, value: single as JsonFloat } };
    }
  }
  return fail(what, "a number, a text, or numbers", value);
}

function isLarge(dtype: LargeNumber["dtype"], digits: unknown): digits is string {
  if (typeof digits !== "string" || !/^-?\d{1,20}$/.test(digits)) return false;
  const value = BigInt(digits);
  return (dtype === "int64" ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) === value;
}

function readIntegers(value: unknown, what: string): IntegerTensor {
  const { dtype, shape, values } = asObject(value, what);
  if (dtype !== "int32" && dtype !== "int64") return fail(`${what}: dtype`, "int32 or int64", dtype);
  const numbers = asArray(values, what);
  const size = checkedSize(asShape(shape, what), KNOWN_NUMBERS_MAX, what);
  if (numbers.length !== size || !numbers.every(Number.isSafeInteger)) fail(what, `${size} whole numbers`, values);
  return { dtype, shape: asShape(shape, what), values: numbers as number[] };
}

function texts(value: unknown, what: string): string[] {
  return asArray(value, what).map((one) => asText(one, what));
}
