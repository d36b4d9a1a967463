/** ONNX files as the fuzzer of packing draws them, with all that a writer of topologies leaves out: graphs within nodes, bytes of any type. */

import type { JsonFloat } from "../../../../shared/compute/runtimes/onnx/onnx-dtypes.ts";
import { DATA_TYPE_NUMBERS, fromJsonFloat } from "../../../../shared/compute/runtimes/onnx/onnx-dtypes.ts";
import * as field from "../../../../shared/compute/runtimes/onnx/onnx-fields.ts";
import { WireMessage } from "../../../../shared/compute/runtimes/onnx/wire-message.ts";
import { valueInfo } from "../../../../shared/compute/runtimes/onnx/write-onnx.ts";
import { toHalf } from "../../../../shared/protocol/half-floats.ts";

export type DrawnType = keyof typeof DATA_TYPE_NUMBERS;

export interface DrawnTensor {
  readonly name: string;
  readonly dtype: DrawnType;
  readonly shape: readonly number[];
  readonly values: readonly (number | bigint)[];
}

export type DrawnAttribute =
  | { readonly f: JsonFloat }
  | { readonly i: number | bigint }
  | { readonly s: string }
  | { readonly fs: readonly JsonFloat[] }
  | { readonly is: readonly (number | bigint)[] }
  | { readonly ss: readonly string[] }
  | { readonly tensor: DrawnTensor }
  | { readonly g: DrawnGraph };

export interface DrawnNode {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, DrawnAttribute>>;
}

export interface DrawnGraph {
  readonly inputs: readonly {
    readonly name: string;
    readonly dtype: DrawnType;
    readonly shape: readonly number[] | null;
  }[];
  readonly outputs: readonly string[];
  readonly nodes: DrawnNode[];
  readonly tensors: DrawnTensor[];
}

/** @returns the bytes of an .onnx file; the length -1 is a free dimension */
export function fileOfGraph(graph: DrawnGraph, opset: number): Uint8Array<ArrayBuffer> {
  const message = new WireMessage().integer(field.MODEL.irVersion, 9).message(field.MODEL.graph, graphMessage(graph));
  const version = new WireMessage().integer(field.OPSET.version, opset);
  const own = new WireMessage().text(field.OPSET.domain, "com.microsoft").integer(field.OPSET.version, 1);
  return message.message(field.MODEL.opsetImport, version).message(field.MODEL.opsetImport, own).join();
}

function graphMessage({ inputs, outputs, nodes, tensors }: DrawnGraph): WireMessage {
  const message = new WireMessage().text(field.GRAPH.name, "drawn");
  for (const node of nodes) message.message(field.GRAPH.node, nodeMessage(node));
  for (const tensor of tensors) message.message(field.GRAPH.initializer, tensorMessage(tensor));
  for (const { name, dtype, shape } of inputs)
    message.message(field.GRAPH.input, valueInfo(name, shape, DATA_TYPE_NUMBERS[dtype]));
  for (const name of outputs) message.message(field.GRAPH.output, new WireMessage().text(field.VALUE_INFO.name, name));
  return message;
}

function nodeMessage({ op, domain, inputs, outputs, attributes }: DrawnNode): WireMessage {
  const message = new WireMessage();
  for (const name of inputs) message.text(field.NODE.input, name);
  for (const name of outputs) message.text(field.NODE.output, name);
  message.text(field.NODE.opType, op);
  if (domain !== undefined) message.text(field.NODE.domain, domain);
  for (const [name, value] of Object.entries(attributes)) {
    message.message(field.NODE.attribute, attributeMessage(new WireMessage().text(field.ATTRIBUTE.name, name), value));
  }
  return message;
}

function attributeMessage(message: WireMessage, value: DrawnAttribute): WireMessage {
  const { f, i, s, t, g, fs, is, ss } = field.ATTRIBUTE_TYPES;
  const typed = (type: number) => message.integer(field.ATTRIBUTE.type, type);
  if ("f" in value) return typed(f).float(field.ATTRIBUTE.f, fromJsonFloat(value.f)!);
  if ("i" in value) return typed(i).integer(field.ATTRIBUTE.i, value.i);
  if ("s" in value) return typed(s).text(field.ATTRIBUTE.s, value.s);
  if ("tensor" in value) return typed(t).message(field.ATTRIBUTE.t, tensorMessage(value.tensor));
  if ("g" in value) return typed(g).message(field.ATTRIBUTE.g, graphMessage(value.g));
  if ("fs" in value) for (const one of value.fs) message.float(field.ATTRIBUTE.floats, fromJsonFloat(one)!);
  if ("is" in value) for (const one of value.is) message.integer(field.ATTRIBUTE.ints, one);
  if ("ss" in value) for (const one of value.ss) message.text(field.ATTRIBUTE.strings, one);
  return typed("fs" in value ? fs : "is" in value ? is : ss);
}

function tensorMessage({ name, dtype, shape, values }: DrawnTensor): WireMessage {
  const message = new WireMessage();
  for (const length of shape) message.integer(field.TENSOR.dims, length);
  message.integer(field.TENSOR.dataType, DATA_TYPE_NUMBERS[dtype]).text(field.TENSOR.name, name);
  return message.bytes(field.TENSOR.rawData, bytesOf(dtype, values));
}

function bytesOf(dtype: DrawnType, values: readonly (number | bigint)[]): Uint8Array {
  const numbers = () => values.map(Number);
  const arrays: Record<DrawnType, () => ArrayBufferView> = {
    float32: () => Float32Array.from(numbers()),
    float64: () => Float64Array.from(numbers()),
    float16: () => Uint16Array.from(numbers(), toHalf),
    // The upper half of a float32.
    bfloat16: () => Uint16Array.from(new Uint32Array(Float32Array.from(numbers()).buffer), (bits) => bits >>> 16),
    int64: () => BigInt64Array.from(values, BigInt),
    uint64: () => BigUint64Array.from(values, (one) => BigInt.asUintN(64, BigInt(one))),
    int32: () => Int32Array.from(numbers()),
    uint32: () => Uint32Array.from(numbers()),
    int16: () => Int16Array.from(numbers()),
    uint16: () => Uint16Array.from(numbers()),
    int8: () => Int8Array.from(numbers()),
    uint8: () => Uint8Array.from(numbers()),
    bool: () => Uint8Array.from(numbers()),
  };
  const { buffer, byteOffset, byteLength } = arrays[dtype]();
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}
