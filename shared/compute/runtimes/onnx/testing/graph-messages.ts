/** ONNX files that no writer of topologies makes, message by message: graphs within nodes, weights at paths, nodes of lists. */
import * as field from "../onnx-fields.ts";
import { WireMessage } from "../wire-message.ts";

/** A tensor of one axis of 5, the batch before it. */
const ROW = 5;

/** @param outputs "y" unless said otherwise */
export function graphOf(nodes: readonly WireMessage[], outputs: readonly string[] = ["y"]): WireMessage {
  const message = new WireMessage().text(field.GRAPH.name, "graph");
  for (const one of nodes) message.message(field.GRAPH.node, one);
  for (const name of outputs) message.message(field.GRAPH.output, new WireMessage().text(field.VALUE_INFO.name, name));
  return message;
}

export function nodeOf(op: string, inputs: readonly string[], ...outputs: string[]): WireMessage {
  const message = new WireMessage();
  for (const name of inputs) message.text(field.NODE.input, name);
  for (const name of outputs) message.text(field.NODE.output, name);
  return message.text(field.NODE.opType, op);
}

export function withGraphAttribute(node: WireMessage, name: string, graph: WireMessage): WireMessage {
  const attribute = new WireMessage()
    .text(field.ATTRIBUTE.name, name)
    .integer(field.ATTRIBUTE.type, field.ATTRIBUTE_TYPES.g)
    .message(field.ATTRIBUTE.g, graph);
  return node.message(field.NODE.attribute, attribute);
}

export function withInteger(node: WireMessage, name: string, value: number): WireMessage {
  const attribute = new WireMessage()
    .text(field.ATTRIBUTE.name, name)
    .integer(field.ATTRIBUTE.type, field.ATTRIBUTE_TYPES.i)
    .integer(field.ATTRIBUTE.i, value);
  return node.message(field.NODE.attribute, attribute);
}

/** Inputs of a loop's body: the turn and the condition, single numbers, then what it carries. */
export function taking(graph: WireMessage, ...names: string[]): WireMessage {
  for (const [place, name] of names.entries()) {
    const info = new WireMessage().text(field.VALUE_INFO.name, name);
    const dataType = [7, 9][place];
    if (dataType !== undefined) {
      const tensor = new WireMessage()
        .integer(field.TENSOR_TYPE.elemType, dataType)
        .message(field.TENSOR_TYPE.shape, new WireMessage());
      info.message(field.VALUE_INFO.type, new WireMessage().message(field.TYPE.tensor, tensor));
    }
    graph.message(field.GRAPH.input, info);
  }
  return graph;
}

export const withTensor = (graph: WireMessage, tensor: WireMessage): WireMessage =>
  graph.message(field.GRAPH.initializer, tensor);

export function longTensor(name: string, ...values: number[]): WireMessage {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  const scalar = new WireMessage().text(field.TENSOR.name, name).integer(field.TENSOR.dataType, 7);
  const shaped = values.length === 1 ? scalar : scalar.integer(field.TENSOR.dims, values.length);
  return shaped.bytes(field.TENSOR.rawData, bytes);
}

export const trueTensor = (name: string): WireMessage =>
  new WireMessage()
    .text(field.TENSOR.name, name)
    .integer(field.TENSOR.dataType, 9)
    .bytes(field.TENSOR.rawData, Uint8Array.of(1));

/** @returns a file of opset 17 whose input "x" is batch x 5 of float32 */
export function fileOf(graph: WireMessage): Uint8Array<ArrayBuffer> {
  const length = (value: number) => new WireMessage().integer(field.DIMENSION.value, value);
  const free = new WireMessage().text(field.DIMENSION.parameter, "batch");
  const shape = new WireMessage().message(field.SHAPE.dim, free).message(field.SHAPE.dim, length(ROW));
  const tensor = new WireMessage()
    .integer(field.TENSOR_TYPE.elemType, field.FLOAT)
    .message(field.TENSOR_TYPE.shape, shape);
  const type = new WireMessage().message(field.TYPE.tensor, tensor);
  const input = new WireMessage().text(field.VALUE_INFO.name, "x").message(field.VALUE_INFO.type, type);
  return new WireMessage()
    .integer(field.MODEL.irVersion, 8)
    .message(field.MODEL.graph, graph.message(field.GRAPH.input, input))
    .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, 17))
    .join();
}
