/**
 * Reads an uploaded .onnx file, which is a stranger's: only the fields that matter, each with its limit, everything else skipped
 * or refused. A path in it is never opened: it is compared with the names of the files that came along. What comes out are plain
 * values; whether they make a graph is for pack-onnx.ts.
 */
import {
  KNOWN_NUMBERS_MAX,
  MODEL_BYTES_MAX,
  MODEL_NODES_MAX,
  MODEL_TENSORS_MAX,
  ONNX_NAME_BYTES_MAX,
  ONNX_NODE_ENDS_MAX,
  TENSOR_RANK_MAX,
} from "../../../protocol/limits.ts";
import type { ByteSpace } from "../../byte-space.ts";
import { checkedSize } from "../../checked-size.ts";
import { DTYPE_BYTES, type WeightDtype } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import type { Reasons } from "../../reasons.ts";
import { nodesInOrder } from "./nodes-in-order.ts";
import { dataTypeName, toJsonFloat, weightDtype } from "./onnx-dtypes.ts";
import { externalNumbers, type OtherFiles } from "./onnx-external.ts";
import * as field from "./onnx-fields.ts";
import { heldNumber, storedBytes } from "./onnx-numbers.ts";
import { FREE, type OnnxAttribute } from "./onnx-topology.ts";
import { packedVarints, type WireField, wireFields } from "./wire-fields.ts";

export interface OnnxFile extends OnnxGraph {
  /** Version of the standard operators. */
  readonly opset: number;
}

export interface OnnxGraph {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly FileNode[];
  readonly tensors: readonly FileTensor[];
}

export interface ValueInfo {
  readonly name: string;
  /** onnx.proto's TensorProto.DataType; 0 where the file does not say, or it is no tensor. */
  readonly type: number;
  /** FREE for a dimension without a number; null where the file does not say. */
  readonly shape: readonly number[] | null;
  /** What the file calls each dimension; "" where it has no name. */
  readonly dimensionNames: readonly string[];
}

export interface FileNode {
  readonly op: string;
  /** "" for the standard's. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, FileAttribute>>;
}

/** longs: whole numbers of which some are not held exactly. g: the bytes of a graph, read where it is wanted. other: the AttributeType of what is not read here. */
export type FileAttribute =
  | Exclude<OnnxAttribute, { t: object }>
  | { readonly longs: readonly bigint[]; readonly isList: boolean }
  | { readonly t: FileTensor }
  | { readonly g: Uint8Array }
  | { readonly other: number };

export interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: WeightDtype;
  /** Little-endian, where they lie if that can be; null: they were refused, with a reason. */
  readonly bytes: ByteSpace | null;
  /** bfloat16 in the file. */
  readonly isBrain?: boolean;
}

/**
 * @param others the files that came along, for weights that are kept outside
 * @param reasons gets what is wrong with single nodes and tensors
 * @throws ModelError where it is no such file at all
 */
export function readOnnx(file: ByteSpace, others: OtherFiles, reasons: Reasons): OnnxFile {
  const { graph, opset } = readOnnxModel(file);
  return { opset, ...readGraph(graph, others, reasons) };
}

export function readOnnxModel(file: Uint8Array): { graph: Uint8Array; opset: number };
export function readOnnxModel(file: ByteSpace): { graph: ByteSpace; opset: number };
export function readOnnxModel(file: ByteSpace): { graph: ByteSpace; opset: number } {
  if (file.length > MODEL_BYTES_MAX) fail("onnx file", `at most ${MODEL_BYTES_MAX} bytes`, file.length);
  let graph: ByteSpace | null = null;
  let opset: number | null = null;
  for (const one of wireFields(file, "onnx file")) {
    const { number } = one;
    if (number === field.MODEL.graph) {
      if (graph !== null) fail("onnx file", "one graph", "two");
      graph = one.space;
    } else if (number === field.MODEL.opsetImport) {
      opset = standardOpset(one.bytes) ?? opset;
    } else if (number === field.MODEL.functions) {
      fail(
        "onnx file",
        "a graph of standard operators",
        "functions of its own; put them into the graph first (onnx.inliner.inline_local_functions)",
      );
    }
  }
  if (graph === null) return fail("onnx file", "a model with a graph", "none: is it an .onnx file?");
  if (opset === null) return fail("onnx file", "a version of the standard operators (opset_import)", "none");
  return { graph, opset };
}

/** @returns null where it speaks of another domain: its operators are refused where a node names one */
function standardOpset(message: Uint8Array): number | null {
  let [domain, version] = ["", 0];
  for (const { number, integer, bytes } of wireFields(message, "opset_import")) {
    if (number === field.OPSET.domain) domain = text(bytes, "opset_import");
    if (number === field.OPSET.version) version = small(integer, "opset_import");
  }
  return domain === "" || domain === "ai.onnx" ? version : null;
}

/** @throws ModelError where there are too many of something; the reasons get what is wrong with one of them */
export function readGraph(message: ByteSpace, others: OtherFiles, reasons: Reasons): OnnxGraph {
  const [inputs, outputs, nodes, tensors]: [ValueInfo[], ValueInfo[], FileNode[], FileTensor[]] = [[], [], [], []];
  const add = <T>(list: T[], one: T | null, countMax: number, what: string): void => {
    if (one !== null && list.push(one) > countMax) fail("onnx graph", `at most ${countMax} ${what}`, "more");
  };
  for (const one of wireFields(message, "onnx graph")) {
    const { number } = one;
    if (number === field.GRAPH.node) add(nodes, readNode(one.bytes, others, reasons), MODEL_NODES_MAX, "nodes");
    else if (number === field.GRAPH.initializer) {
      add(tensors, readTensor(one.space, "initializer", others, reasons), MODEL_TENSORS_MAX, "initializers");
    } else if (number === field.GRAPH.input) add(inputs, readValueInfo(one.bytes), MODEL_TENSORS_MAX, "inputs");
    else if (number === field.GRAPH.output) add(outputs, readValueInfo(one.bytes), ONNX_NODE_ENDS_MAX, "outputs");
    else if (number === field.GRAPH.sparseInitializer) fail("onnx graph", "dense initializers", "a sparse one");
  }
  return { inputs, outputs, nodes: nodesInOrder(withoutUnused(nodes, outputs)), tensors };
}

/** What exporters name though nobody takes it: masks of training, the places of a pool, means. Without it they are those that are computed here. */
const MAY_GIVE_LESS = new Set(["BatchNormalization", "Dropout", "LayerNormalization", "MaxPool"]);

function withoutUnused(nodes: readonly FileNode[], outputs: readonly ValueInfo[]): FileNode[] {
  const isBranching = nodes.some(({ attributes }) => Object.values(attributes).some((value) => "g" in value));
  // A branch may take anything by its name.
  if (isBranching) return [...nodes];
  const used = new Set([...outputs.map(({ name }) => name), ...nodes.flatMap(({ inputs }) => inputs)]);
  return nodes.map((node) => {
    if (!MAY_GIVE_LESS.has(node.op)) return node;
    const last = Math.max(
      0,
      node.outputs.findLastIndex((name) => used.has(name)),
    );
    return { ...node, outputs: node.outputs.slice(0, last + 1) };
  });
}

function readNode(message: Uint8Array, others: OtherFiles, reasons: Reasons): FileNode {
  const [inputs, outputs, attributes]: [string[], string[], Uint8Array[]] = [[], [], []];
  let [op, domain] = ["", ""];
  for (const { number, bytes } of wireFields(message, "onnx node")) {
    if (number === field.NODE.input) inputs.push(text(bytes, "onnx node: input"));
    else if (number === field.NODE.output) outputs.push(text(bytes, "onnx node: output"));
    else if (number === field.NODE.attribute) attributes.push(bytes);
    else if (number === field.NODE.opType) op = text(bytes, "onnx node: op_type");
    else if (number === field.NODE.domain) domain = text(bytes, "onnx node: domain");
    if (Math.max(inputs.length, outputs.length, attributes.length) > ONNX_NODE_ENDS_MAX) {
      fail("onnx node", `at most ${ONNX_NODE_ENDS_MAX} inputs, outputs or attributes`, "more");
    }
  }
  const what = nodeName(op, outputs);
  return {
    op,
    domain: domain === "ai.onnx" ? "" : domain,
    inputs,
    outputs,
    attributes: Object.fromEntries(attributes.map((bytes) => readAttribute(bytes, what, others, reasons))),
  };
}

/** Names a node in errors: its own name is often missing, its output never. */
export function nodeName(op: string, outputs: readonly string[]): string {
  return `node '${outputs[0] ?? ""}' (${op})`;
}

type NamedAttribute = [name: string, value: FileAttribute];

function readAttribute(message: Uint8Array, nodeWhat: string, others: OtherFiles, reasons: Reasons): NamedAttribute {
  let [name, type] = ["", 0];
  let [f, i, s, t, g]: [number, bigint, Uint8Array | null, Uint8Array | null, Uint8Array | null] = [
    0,
    0n,
    null,
    null,
    null,
  ];
  const [floats, integers, strings]: [number[], bigint[], string[]] = [[], [], []];
  for (const one of wireFields(message, `${nodeWhat}: attribute`)) {
    const { number, integer, bytes } = one;
    if (number === field.ATTRIBUTE.name) name = text(bytes, nodeWhat);
    else if (number === field.ATTRIBUTE.type) type = small(integer, nodeWhat);
    else if (number === field.ATTRIBUTE.f) f = float(bytes, nodeWhat);
    else if (number === field.ATTRIBUTE.i) i = BigInt.asIntN(64, integer);
    else if (number === field.ATTRIBUTE.s) s = bytes;
    else if (number === field.ATTRIBUTE.t) t = bytes;
    else if (number === field.ATTRIBUTE.g) g = bytes;
    else if (number === field.ATTRIBUTE.floats) floats.push(...listOfFloats(one, nodeWhat));
    else if (number === field.ATTRIBUTE.ints) integers.push(...listOfLongs(one, nodeWhat));
    else if (number === field.ATTRIBUTE.strings) strings.push(text(bytes, nodeWhat));
    if (Math.max(floats.length, integers.length, strings.length) > KNOWN_NUMBERS_MAX) {
      fail(nodeWhat, `attributes of at most ${KNOWN_NUMBERS_MAX} numbers`, "more");
    }
  }
  const what = `${nodeWhat}: ${name}`;
  const { f: F, i: I, s: S, t: T, g: G, fs, is, ss } = field.ATTRIBUTE_TYPES;
  if (type === F) return [name, { f: toJsonFloat(f) }];
  if (type === I) return [name, isHeld(i) ? { i: Number(i) } : { longs: [i], isList: false }];
  if (type === S) return [name, { s: text(s ?? new Uint8Array(0), what) }];
  if (type === T && t !== null) return [name, { t: readTensor(t, what, others, reasons) }];
  if (type === G && g !== null) return [name, { g }];
  if (type === fs) return [name, { fs: floats.map(toJsonFloat) }];
  if (type === is)
    return [name, integers.every(isHeld) ? { is: integers.map(Number) } : { longs: integers, isList: true }];
  if (type === ss) return [name, { ss: strings }];
  return [name, { other: type }];
}

function readTensor(message: ByteSpace, owner: string, others: OtherFiles, reasons: Reasons): FileTensor {
  let [name, type, isExternal]: [string, number, boolean] = ["", 0, false];
  let raw: ByteSpace | null = null;
  const [shape, parts, external]: [number[], WireField[], Uint8Array[]] = [[], [], []];
  for (const one of wireFields(message, owner)) {
    const { number, integer } = one;
    if (number === field.TENSOR.name) name = text(one.bytes, owner);
    else if (number === field.TENSOR.dataType) type = small(integer, owner);
    else if (number === field.TENSOR.dims) {
      shape.push(...listOfIntegers(one, owner));
      if (shape.length > TENSOR_RANK_MAX) fail(owner, `at most ${TENSOR_RANK_MAX} dimensions`, shape.length);
    } else if (number === field.TENSOR.rawData) raw = one.space;
    else if (NUMBER_FIELDS.has(number)) parts.push(one);
    else if (number === field.TENSOR.externalData) external.push(one.bytes);
    else if (number === field.TENSOR.segment) fail(owner, "whole tensors", "a segment of one");
    else if (number === field.TENSOR.dataLocation) isExternal = integer !== 0n;
  }
  const what = `${owner} '${name}'`;
  const dtype = weightDtype(type);
  if (dtype === null) {
    const expected = "numbers, or true and false";
    reasons.add(`${what}: expected ${expected}, got ${dataTypeName(type)}`, `tensors of ${dataTypeName(type)}`);
    return { name, shape, dtype: "float32", bytes: null };
  }
  const stored = dtype === "bfloat16" ? "float32" : dtype;
  const size = checkedSize(shape, MODEL_BYTES_MAX / DTYPE_BYTES[stored], what);
  if (isExternal || external.length > 0) {
    const width = dtype === "bfloat16" ? 2 : DTYPE_BYTES[dtype];
    raw = externalNumbers(external, others, size * width, what, reasons);
    if (raw === null) return { name, shape, dtype: stored, bytes: null };
  }
  const bytes = storedBytes(dtype, shape, { raw, parts }, what);
  return { name, shape, dtype: stored, bytes, ...(dtype === "bfloat16" ? { isBrain: true } : {}) };
}

const NUMBER_FIELDS: ReadonlySet<number> = new Set([
  field.TENSOR.floatData,
  field.TENSOR.int32Data,
  field.TENSOR.int64Data,
  field.TENSOR.doubleData,
  field.TENSOR.uint64Data,
]);

export function readValueInfo(message: Uint8Array): ValueInfo {
  let name = "";
  let read: TensorType = { type: 0, shape: null, dimensionNames: [] };
  for (const { number, bytes } of wireFields(message, "onnx graph: input or output")) {
    if (number === field.VALUE_INFO.name) name = text(bytes, "onnx graph: input or output");
    if (number === field.VALUE_INFO.type) read = readType(bytes, `'${name}'`);
  }
  return { name, ...read };
}

type TensorType = Omit<ValueInfo, "name">;

function readType(message: Uint8Array, what: string): TensorType {
  let type = 0;
  let shape: ValueInfo["shape"] = null;
  let dimensionNames: readonly string[] = [];
  for (const outer of wireFields(message, what)) {
    // A list or a map: whatever makes one is refused where it stands.
    if (outer.number !== field.TYPE.tensor) continue;
    for (const { number, integer, bytes } of wireFields(outer.bytes, what)) {
      if (number === field.TENSOR_TYPE.elemType) type = small(integer, what);
      if (number !== field.TENSOR_TYPE.shape) continue;
      const dimensions = readShape(bytes, what);
      shape = dimensions.map(({ length }) => length);
      dimensionNames = dimensions.map((dimension) => dimension.name);
    }
  }
  return { type, shape, dimensionNames };
}

interface Dimension {
  readonly name: string;
  readonly length: number;
}

function readShape(message: Uint8Array, what: string): Dimension[] {
  const dimensions: Dimension[] = [];
  for (const { number, bytes } of wireFields(message, what)) {
    if (number !== field.SHAPE.dim) continue;
    let [length, name] = [FREE, ""];
    for (const dimension of wireFields(bytes, what)) {
      if (dimension.number === field.DIMENSION.value) length = heldNumber(BigInt.asIntN(64, dimension.integer));
      if (dimension.number === field.DIMENSION.parameter) name = text(dimension.bytes, what);
    }
    if (dimensions.push({ length: length < 0 ? FREE : length, name }) > TENSOR_RANK_MAX) {
      fail(what, `at most ${TENSOR_RANK_MAX} dimensions`, "more");
    }
  }
  return dimensions;
}

/** Lists are packed, or one field for each number: both are protobuf. */
function listOfLongs({ integer, bytes, isVarint }: WireField, what: string): bigint[] {
  const all = isVarint ? [integer] : packedVarints(bytes, KNOWN_NUMBERS_MAX, what);
  return all.map((value) => BigInt.asIntN(64, value));
}

/** Lengths of axes: what is too large for one is refused by whoever takes it. */
function listOfIntegers(one: WireField, what: string): number[] {
  return listOfLongs(one, what).map(heldNumber);
}

function listOfFloats({ bytes }: WireField, what: string): number[] {
  if (bytes.length > 4 * KNOWN_NUMBERS_MAX) fail(what, `attributes of at most ${KNOWN_NUMBERS_MAX} numbers`, "more");
  return Array.from({ length: bytes.length / 4 }, (_, i) => float(bytes.subarray(4 * i, 4 * i + 4), what));
}

function float(bytes: Uint8Array, what: string): number {
  if (bytes.length !== 4) return fail(what, "a float of 4 bytes", bytes.length);
  const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getFloat32(0, true);
  return Number.isNaN(value) ? fail(what, "numbers", "NaN") : value;
}

const isHeld = (value: bigint): boolean => Number.isSafeInteger(Number(value));

function small(value: bigint, what: string): number {
  return value <= 0xffffn ? Number(value) : fail(what, "a small number", value.toString());
}

function text(bytes: Uint8Array, what: string): string {
  if (bytes.length > ONNX_NAME_BYTES_MAX) fail(what, `texts of at most ${ONNX_NAME_BYTES_MAX} bytes`, bytes.length);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return fail(what, "a text in UTF-8", "other bytes");
  }
}
