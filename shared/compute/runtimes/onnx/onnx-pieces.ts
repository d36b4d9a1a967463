/** Pieces of an .onnx file as they are written into one that somebody else wrote. */
import * as field from "./onnx-fields.ts";
import { wireFields } from "./wire-fields.ts";
import { WireMessage } from "./wire-message.ts";

/** What stands in a field's place: another message; itself; nothing. */
export type Instead = WireMessage | "itself" | "nothing";

export function copyFields(
  from: Uint8Array,
  to: WireMessage,
  instead: (number: number, bytes: Uint8Array) => Instead,
): void {
  for (const { number, integer, bytes, isVarint } of wireFields(from, "onnx file")) {
    const other = isVarint ? "itself" : instead(number, bytes);
    if (other === "nothing") continue;
    if (other !== "itself") to.message(number, other);
    else if (isVarint) to.integer(number, integer);
    else to.bytes(number, bytes);
  }
}

/** @returns the file with another graph */
export function withGraph(file: Uint8Array, graph: WireMessage): Uint8Array<ArrayBuffer> {
  const model = new WireMessage();
  copyFields(file, model, (number) => (number === field.MODEL.graph ? graph : "itself"));
  return model.join();
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
