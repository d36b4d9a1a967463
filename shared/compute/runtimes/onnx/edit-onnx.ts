/**
 * Changes an .onnx file before it is uploaded, on its submitter's machine: field by field, everything else stays byte for byte as the
 * exporter wrote it. What is done to rows before and after a model thereby happens where the model runs.
 */
import type { ByteSpace } from "../../byte-space.ts";
import { fail } from "../../model-json.ts";
import { type FileInput, INPUT_SIZES_FILE, type ModelEditor, type PixelInput } from "../runtime-description.ts";
import { computedDtype, dataTypeName } from "./onnx-dtypes.ts";
import * as field from "./onnx-fields.ts";
import { copyFields, floatTensor, graphNode, withGraph } from "./onnx-pieces.ts";
import { freeSizes } from "./onnx-sizes.ts";
import { FREE } from "./onnx-topology.ts";
import { readOnnxModel, readValueInfo, type ValueInfo } from "./read-onnx.ts";
import { wireFields } from "./wire-fields.ts";
import { WireMessage } from "./wire-message.ts";
import { floatInfo } from "./write-onnx.ts";

/** Names that no exporter gives. */
const PIXELS = "paritab:pixels";

/** Older files list their weights as inputs too; those are none. */
export function onnxInputs(file: ByteSpace): FileInput[] {
  return freeInputs(readOnnxModel(file).graph).map(({ name, type, shape }) => ({
    name,
    dtype: computedDtype(type) ?? dataTypeName(type),
    shape: shape === null ? null : shape.map((length) => (length === FREE ? null : length)),
  }));
}

/** Sizes for every dimension beside the batch that the file leaves free; none where it leaves none free. */
export function withLength(file: ByteSpace, length: number): ReturnType<ModelEditor["withLength"]> {
  const names = [...new Set(freeInputs(readOnnxModel(file).graph).flatMap(freeSizes))];
  if (names.length === 0) return [];
  const sizes = Object.fromEntries(names.map((name) => [name, length]));
  return [{ name: INPUT_SIZES_FILE, data: new TextEncoder().encode(JSON.stringify(sizes)) }];
}

export function onnxOutputs(file: ByteSpace): string[] {
  const names: string[] = [];
  for (const one of wireFields(readOnnxModel(file).graph, "onnx graph")) {
    if (one.number === field.GRAPH.output) names.push(readValueInfo(one.bytes).name);
  }
  return names;
}

function freeInputs(graph: ByteSpace): ValueInfo[] {
  const given = new Set<string>();
  const inputs: ValueInfo[] = [];
  for (const one of wireFields(graph, "onnx graph")) {
    if (one.number === field.GRAPH.input) inputs.push(readValueInfo(one.bytes));
    if (one.number === field.GRAPH.initializer) given.add(nameOfTensor(one.space));
  }
  return inputs.filter(({ name }) => !given.has(name));
}

function nameOfTensor(message: ByteSpace): string {
  for (const one of wireFields(message, "initializer")) {
    if (one.number === field.TENSOR.name) return new TextDecoder().decode(one.bytes);
  }
  return "";
}

/**
 * The model takes bytes, and makes of them what its input was: x = byte * scale + shift, in float32, a scale and a shift for each
 * channel. Its picture gets a fixed size; its batch stays what it was.
 * @returns the file with that input in place of `input`
 * @throws ModelError where there is no such input, or it takes no real numbers
 */
export function withPixels(file: ByteSpace, input: string, pixels: PixelInput): ByteSpace {
  const { graph } = readOnnxModel(file);
  const old = freeInputs(graph).find(({ name }) => name === input);
  if (old === undefined) return fail("onnx graph", `an input '${input}'`, "none of that name");
  const dtype = computedDtype(old.type);
  // Of half precision too: no kernel here computes in it.
  if (dtype !== "float32") fail(`input '${input}'`, "float32 or float16", dtype ?? "no numbers");
  const { channels, width, height, isChannelsFirst } = pixels;
  const [scale, shift, scaled] = [`${PIXELS}-scale`, `${PIXELS}-shift`, `${PIXELS}-scaled`];
  const added = [graphNode("Mul", [PIXELS, scale], scaled), graphNode("Add", [scaled, shift], input)];
  const constantShape = isChannelsFirst ? [channels, 1, 1] : [channels];
  const batch = old.shape?.[0] ?? FREE;
  const shape = [batch, ...(isChannelsFirst ? [channels, height, width] : [height, width, channels])];
  const out = new WireMessage();
  for (const one of added) out.message(field.GRAPH.node, one);
  copyFields(graph, out, (one) =>
    one.number === field.GRAPH.input && readValueInfo(one.bytes).name === input ? floatInfo(PIXELS, shape) : "itself",
  );
  out.message(field.GRAPH.initializer, floatTensor(scale, constantShape, pixels.scale));
  out.message(field.GRAPH.initializer, floatTensor(shift, constantShape, pixels.shift));
  return withGraph(file, out);
}
