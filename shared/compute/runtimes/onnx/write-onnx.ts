/** From a bundle to the ONNX file that a library runs: written here, field by field, from what was checked. */
import { type UnpackedModel, weightByteCount } from "../../model-bundle.ts";
import { DATA_TYPE_NUMBERS, fromJsonFloat, type JsonFloat } from "./onnx-dtypes.ts";
import * as field from "./onnx-fields.ts";
import { fromHalves } from "./onnx-numbers.ts";
import {
  FREE,
  type IntegerTensor,
  type LargeNumber,
  MICROSOFT,
  type OnnxAttribute,
  type OnnxNodeFacts,
  readOnnxTopology,
} from "./onnx-topology.ts";
import { WireMessage } from "./wire-message.ts";

/** Of the file format, not of the operators: 2023's, which holds all that is written here. */
const IR_VERSION = 9;
/** There is one version of onnxruntime's own operators. */
const MICROSOFT_OPSET = 1;

/** An input as a file declares it. */
export interface DeclaredInput {
  readonly name: string;
  /** A number, or the name of a dimension that is free; FREE: the batch. */
  readonly shape: readonly (number | string)[];
  readonly dtype: keyof typeof DATA_TYPE_NUMBERS;
}

/** Numbers of one tensor that the file names and does not hold: views of the bundle where they are kept as they are computed with. */
export interface WeightsApart {
  readonly path: string;
  readonly data: Uint8Array;
}

/** Shapes, scales and the like stay in the file, where the library folds them. */
const APART_BYTES_MIN = 4_096;

/**
 * @param declared in place of the one input of float32 that a bundle has: files as exporters write them, for tests and models made here
 * @param apart takes what the file leaves out; null: all is in the file, of which the library makes copies while it reads it
 * @throws ModelError where the bundle holds no such graph
 */
export function writeOnnx(
  model: UnpackedModel,
  declared?: readonly DeclaredInput[],
  apart: WeightsApart[] | null = null,
): Uint8Array<ArrayBuffer> {
  const { opset, input, outputs, nodes, integers } = readOnnxTopology(model.modelTopology);
  const graph = new WireMessage().text(field.GRAPH.name, "paritab");
  for (const node of nodes) graph.message(field.GRAPH.node, nodeMessage(node));
  let at = 0;
  for (const spec of model.weightSpecs) {
    const bytes = model.weightData.subarray(at, at + weightByteCount(spec));
    at += bytes.length;
    // No kernel of WebAssembly computes in half precision: it is unpacked once, here.
    const isHalf = spec.dtype === "float16";
    const type = DATA_TYPE_NUMBERS[isHalf ? "float32" : spec.dtype];
    const values = isHalf ? fromHalves(bytes) : bytes;
    const tensor = tensorHead(spec.name, type, spec.shape);
    if (apart === null || values.length < APART_BYTES_MIN) tensor.bytes(field.TENSOR.rawData, values);
    else apart.push(leftOut(tensor, `weights-${apart.length}`, values));
    graph.message(field.GRAPH.initializer, tensor);
  }
  for (const [name, tensor] of Object.entries(integers)) {
    graph.message(field.GRAPH.initializer, integerMessage(name, tensor));
  }
  for (const { name, shape, dtype } of declared ?? [{ ...input, dtype: "float32" as const }]) {
    graph.message(field.GRAPH.input, valueInfo(name, shape, DATA_TYPE_NUMBERS[dtype]));
  }
  for (const name of outputs) graph.message(field.GRAPH.output, floatInfo(name, null));
  const file = new WireMessage()
    .integer(field.MODEL.irVersion, IR_VERSION)
    .message(field.MODEL.graph, graph)
    .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, opset));
  if (nodes.some(({ domain }) => domain === MICROSOFT)) {
    const own = new WireMessage().text(field.OPSET.domain, MICROSOFT).integer(field.OPSET.version, MICROSOFT_OPSET);
    file.message(field.MODEL.opsetImport, own);
  }
  return file.join();
}

function leftOut(tensor: WireMessage, path: string, data: Uint8Array): WeightsApart {
  for (const [key, value] of Object.entries({ location: path, offset: "0", length: String(data.length) })) {
    const entry = new WireMessage().text(field.STRING_ENTRY.key, key).text(field.STRING_ENTRY.value, value);
    tensor.message(field.TENSOR.externalData, entry);
  }
  tensor.integer(field.TENSOR.dataLocation, field.EXTERNAL);
  return { path, data };
}

function nodeMessage({ op, domain, inputs, outputs, attributes }: OnnxNodeFacts): WireMessage {
  const node = new WireMessage();
  for (const name of inputs) node.text(field.NODE.input, name);
  for (const name of outputs) node.text(field.NODE.output, name);
  node.text(field.NODE.opType, op);
  if (domain !== undefined) node.text(field.NODE.domain, domain);
  for (const [name, value] of Object.entries(attributes)) {
    node.message(field.NODE.attribute, attributeMessage(name, value));
  }
  return node;
}

function attributeMessage(name: string, value: OnnxAttribute): WireMessage {
  const message = new WireMessage().text(field.ATTRIBUTE.name, name);
  const typed = (type: number) => message.integer(field.ATTRIBUTE.type, type);
  const { f, i, s, t, fs, is, ss } = field.ATTRIBUTE_TYPES;
  if ("f" in value) return typed(f).float(field.ATTRIBUTE.f, fromJsonFloat(value.f)!);
  if ("i" in value) return typed(i).integer(field.ATTRIBUTE.i, value.i);
  if ("s" in value) return typed(s).text(field.ATTRIBUTE.s, value.s);
  if ("t" in value) return typed(t).message(field.ATTRIBUTE.t, singleMessage(value.t));
  if ("fs" in value) {
    for (const one of value.fs) message.float(field.ATTRIBUTE.floats, fromJsonFloat(one)!);
    return typed(fs);
  }
  if ("ss" in value) {
    for (const one of value.ss) message.text(field.ATTRIBUTE.strings, one);
    return typed(ss);
  }
  for (const one of value.is) message.integer(field.ATTRIBUTE.ints, one);
  return typed(is);
}

function singleMessage(
  single: { int64: number } | LargeNumber | { dtype: keyof typeof DATA_TYPE_NUMBERS; value: JsonFloat },
): WireMessage {
  if ("int64" in single) return tensorHead("", field.INT64, [1]).integer(field.TENSOR.int64Data, single.int64);
  const { dtype } = single;
  if ("digits" in single) {
    const number = dtype === "int64" ? field.TENSOR.int64Data : field.TENSOR.uint64Data;
    return tensorHead("", DATA_TYPE_NUMBERS[dtype], [1]).integer(number, BigInt(single.digits));
  }
  const value = fromJsonFloat(single.value)!;
  const tensor = tensorHead("", DATA_TYPE_NUMBERS[dtype], [1]);
  if (dtype === "float32") return tensor.float(field.TENSOR.floatData, value);
  if (dtype === "float64") {
    return tensor.bytes(field.TENSOR.rawData, new Uint8Array(Float64Array.of(value).buffer));
  }
  if (dtype === "uint32" || dtype === "uint64") return tensor.integer(field.TENSOR.uint64Data, value);
  return tensor.integer(field.TENSOR.int32Data, value);
}

function tensorHead(name: string, type: number, shape: readonly number[]): WireMessage {
  const tensor = new WireMessage();
  for (const length of shape) tensor.integer(field.TENSOR.dims, length);
  return tensor.integer(field.TENSOR.dataType, type).text(field.TENSOR.name, name);
}

function integerMessage(name: string, { dtype, shape, values }: IntegerTensor): WireMessage {
  const isLong = dtype === "int64";
  const tensor = tensorHead(name, isLong ? field.INT64 : field.INT32, shape);
  for (const value of values) tensor.integer(isLong ? field.TENSOR.int64Data : field.TENSOR.int32Data, value);
  return tensor;
}

/** Of float32. @param shape null: the library works it out */
export const floatInfo = (name: string, shape: DeclaredInput["shape"] | null): WireMessage =>
  valueInfo(name, shape, field.FLOAT);

/** @param shape null: the library works it out */
export function valueInfo(name: string, shape: DeclaredInput["shape"] | null, type: number): WireMessage {
  const tensor = new WireMessage().integer(field.TENSOR_TYPE.elemType, type);
  if (shape !== null) {
    const dimensions = new WireMessage();
    for (const length of shape) {
      const dimension = new WireMessage();
      if (typeof length === "string") dimension.text(field.DIMENSION.parameter, length);
      else if (length === FREE) dimension.text(field.DIMENSION.parameter, "batch");
      else dimension.integer(field.DIMENSION.value, length);
      dimensions.message(field.SHAPE.dim, dimension);
    }
    tensor.message(field.TENSOR_TYPE.shape, dimensions);
  }
  return new WireMessage()
    .text(field.VALUE_INFO.name, name)
    .message(field.VALUE_INFO.type, new WireMessage().message(field.TYPE.tensor, tensor));
}
