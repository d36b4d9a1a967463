/** Pieces of an .onnx file as they are written into one that somebody else wrote. */
import type { ByteSpace } from "../../byte-space.ts";
import * as field from "./onnx-fields.ts";
import { type WireField, wireFields } from "./wire-fields.ts";
import { WireMessage } from "./wire-message.ts";

/** What stands in a field's place: another message; itself; nothing. */
export type Instead = WireMessage | "itself" | "nothing";

export function copyFields(from: ByteSpace, to: WireMessage, instead: (one: WireField) => Instead): void {
  for (const one of wireFields(from, "onnx file")) {
    const { number, integer, isVarint } = one;
    const other = isVarint ? "itself" : instead(one);
    if (other === "nothing") continue;
    if (other !== "itself") to.message(number, other);
    else if (isVarint) to.integer(number, integer);
    else to.bytes(number, one.space);
  }
}

/** @returns the file with another graph */
export function withGraph(file: ByteSpace, graph: WireMessage): ByteSpace {
  const model = new WireMessage();
  copyFields(file, model, ({ number }) => (number === field.MODEL.graph ? graph : "itself"));
  return model.space();
}

/** @param attributes whole numbers, or lists of them */
export function graphNode(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): WireMessage {
  const message = new WireMessage();
  for (const name of inputs) message.text(field.NODE.input, name);
  message.text(field.NODE.output, output).text(field.NODE.opType, op);
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = new WireMessage().text(field.ATTRIBUTE.name, name);
    const { i, is } = field.ATTRIBUTE_TYPES;
    attribute.integer(field.ATTRIBUTE.type, typeof value === "number" ? i : is);
    if (typeof value === "number") attribute.integer(field.ATTRIBUTE.i, value);
    else for (const one of value) attribute.integer(field.ATTRIBUTE.ints, one);
    message.message(field.NODE.attribute, attribute);
  }
  return message;
}

export function floatTensor(name: string, shape: readonly number[], values: readonly number[]): WireMessage {
  const tensor = tensorHead(name, field.FLOAT, shape);
  for (const value of values) tensor.float(field.TENSOR.floatData, value);
  return tensor;
}

export function doubleTensor(name: string, shape: readonly number[], values: readonly number[]): WireMessage {
  const tensor = tensorHead(name, field.DOUBLE, shape);
  return tensor.bytes(field.TENSOR.rawData, new Uint8Array(Float64Array.from(values).buffer));
}

export function textTensor(name: string, shape: readonly number[], values: readonly string[]): WireMessage {
  const tensor = tensorHead(name, field.TEXT, shape);
  for (const value of values) tensor.text(field.TENSOR.stringData, value);
  return tensor;
}

/** @param shape empty: a single number */
export function int64Tensor(name: string, shape: readonly number[], values: readonly number[]): WireMessage {
  const tensor = tensorHead(name, field.INT64, shape);
  for (const value of values) tensor.integer(field.TENSOR.int64Data, value);
  return tensor;
}

function tensorHead(name: string, type: number, shape: readonly number[]): WireMessage {
  const tensor = new WireMessage();
  for (const length of shape) tensor.integer(field.TENSOR.dims, length);
  return tensor.integer(field.TENSOR.dataType, type).text(field.TENSOR.name, name);
}
