/** From a bundle to the ONNX file that a library runs: written here, field by field, from what was checked. */
import { type UnpackedModel, weightByteCount } from "../../model-bundle.ts";
import * as field from "./onnx-fields.ts";
import { FREE, type IntegerTensor, type OnnxAttribute, type OnnxNodeFacts, readOnnxTopology } from "./onnx-topology.ts";
import { WireMessage } from "./wire-message.ts";

/** Of the file format, not of the operators: 2023's, which holds all that is written here. */
const IR_VERSION = 9;

/** @throws ModelError where the bundle holds no such graph */
export function writeOnnx(model: UnpackedModel): Uint8Array<ArrayBuffer> {
  const { opset, input, outputs, nodes, integers } = readOnnxTopology(model.modelTopology);
  const graph = new WireMessage().text(field.GRAPH.name, "paritab");
  for (const node of nodes) graph.message(field.GRAPH.node, nodeMessage(node));
  let at = 0;
  for (const spec of model.weightSpecs) {
    const bytes = model.weightData.subarray(at, at + weightByteCount(spec));
    at += bytes.length;
    const tensor = tensorHead(spec.name, field.FLOAT, spec.shape).bytes(field.TENSOR.rawData, bytes);
    graph.message(field.GRAPH.initializer, tensor);
  }
  for (const [name, tensor] of Object.entries(integers)) {
    graph.message(field.GRAPH.initializer, integerMessage(name, tensor));
  }
  graph.message(field.GRAPH.input, valueInfo(input.name, input.shape));
  for (const name of outputs) graph.message(field.GRAPH.output, valueInfo(name, null));
  return new WireMessage()
    .integer(field.MODEL.irVersion, IR_VERSION)
    .message(field.MODEL.graph, graph)
    .message(field.MODEL.opsetImport, new WireMessage().integer(field.OPSET.version, opset))
    .join();
}

function nodeMessage({ op, inputs, outputs, attributes }: OnnxNodeFacts): WireMessage {
  const node = new WireMessage();
  for (const name of inputs) node.text(field.NODE.input, name);
  for (const name of outputs) node.text(field.NODE.output, name);
  node.text(field.NODE.opType, op);
  for (const [name, value] of Object.entries(attributes)) {
    node.message(field.NODE.attribute, attributeMessage(name, value));
  }
  return node;
}

function attributeMessage(name: string, value: OnnxAttribute): WireMessage {
  const message = new WireMessage().text(field.ATTRIBUTE.name, name);
  const typed = (type: number) => message.integer(field.ATTRIBUTE.type, type);
  const { f, i, s, fs, is } = field.ATTRIBUTE_TYPES;
  if ("f" in value) return typed(f).float(field.ATTRIBUTE.f, value.f);
  if ("i" in value) return typed(i).integer(field.ATTRIBUTE.i, value.i);
  if ("s" in value) return typed(s).text(field.ATTRIBUTE.s, value.s);
  if ("t" in value) {
    const tensor = tensorHead("", field.INT64, [1]).integer(field.TENSOR.int64Data, value.t.int64);
    return typed(field.ATTRIBUTE_TYPES.t).message(field.ATTRIBUTE.t, tensor);
  }
  if ("fs" in value) {
    for (const one of value.fs) message.float(field.ATTRIBUTE.floats, one);
    return typed(fs);
  }
  for (const one of value.is) message.integer(field.ATTRIBUTE.ints, one);
  return typed(is);
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

/** @param shape null: the library works it out */
function valueInfo(name: string, shape: readonly number[] | null): WireMessage {
  const tensor = new WireMessage().integer(field.TENSOR_TYPE.elemType, field.FLOAT);
  if (shape !== null) {
    const dimensions = new WireMessage();
    for (const length of shape) {
      const dimension = new WireMessage();
      if (length === FREE) dimension.text(field.DIMENSION.parameter, "batch");
      else dimension.integer(field.DIMENSION.value, length);
      dimensions.message(field.SHAPE.dim, dimension);
    }
    tensor.message(field.TENSOR_TYPE.shape, dimensions);
  }
  return new WireMessage()
    .text(field.VALUE_INFO.name, name)
    .message(field.VALUE_INFO.type, new WireMessage().message(field.TYPE.tensor, tensor));
}
