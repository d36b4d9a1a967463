/**
 * Changes an .onnx file before it is uploaded, on its submitter's machine: field by field, everything else stays byte for byte as the
 * exporter wrote it. What is done to rows before and after a model thereby happens where the model runs.
 */
import type { ByteSpace } from "../../byte-space.ts";
import { fail } from "../../model-json.ts";
import { type FileInput, INPUT_SIZES_FILE, type ModelEditor, type PixelInput } from "../runtime-description.ts";
import { addNamesOfNode } from "./fresh-names.ts";
import { computedDtype, dataTypeName } from "./onnx-dtypes.ts";
import { externalLocations } from "./onnx-external.ts";
import * as field from "./onnx-fields.ts";
import { copyFields, floatTensor, graphNode, int64Tensor, withGraph } from "./onnx-pieces.ts";
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
 * channel. Its picture gets a fixed size; its batch stays what it was. Of pictures that do not fill their rows it makes the mask too, and 0
 * where there is none, as transformers pads what was scaled before.
 * @returns the file with that input in place of `input`
 * @throws ModelError where there is no such input, or it takes no real numbers
 */
export function withPixels(file: ByteSpace, input: string, pixels: PixelInput): ByteSpace {
  const { graph } = readOnnxModel(file);
  const inputs = freeInputs(graph);
  const old = inputs.find(({ name }) => name === input);
  if (old === undefined) return fail("onnx graph", `an input '${input}'`, "none of that name");
  const dtype = computedDtype(old.type);
  // Of half precision too: no kernel here computes in it.
  if (dtype !== "float32") fail(`input '${input}'`, "float32 or float16", dtype ?? "no numbers");
  const { channels, width, height, isChannelsFirst, inside } = pixels;
  const mask = inside?.mask ?? null;
  const maskType = mask === null ? null : inputs.find(({ name }) => name === mask.name)!.type;
  const planes = inside === undefined ? null : planesOf(pixels, maskType);
  const [scale, shift, scaled] = [`${PIXELS}-scale`, `${PIXELS}-shift`, `${PIXELS}-scaled`];
  const shifted = planes === null ? input : `${PIXELS}-shifted`;
  const added = [
    ...(planes?.before ?? []),
    graphNode("Mul", [planes?.colours ?? PIXELS, scale], scaled),
    graphNode("Add", [scaled, shift], shifted),
    ...(planes === null ? [] : [graphNode("Mul", [shifted, planes.inside], input)]),
  ];
  const constantShape = isChannelsFirst ? [channels, 1, 1] : [channels];
  const batch = old.shape?.[0] ?? FREE;
  const all = channels + (planes === null ? 0 : 1);
  const shape = [batch, ...(isChannelsFirst ? [all, height, width] : [height, width, all])];
  const out = new WireMessage();
  for (const one of added) out.message(field.GRAPH.node, one);
  copyFields(graph, out, (one) => {
    if (one.number !== field.GRAPH.input) return "itself";
    const { name } = readValueInfo(one.bytes);
    if (name === mask?.name) return "nothing";
    return name === input ? floatInfo(PIXELS, shape) : "itself";
  });
  out.message(field.GRAPH.initializer, floatTensor(scale, constantShape, pixels.scale));
  out.message(field.GRAPH.initializer, floatTensor(shift, constantShape, pixels.shift));
  for (const one of planes?.constants ?? []) out.message(field.GRAPH.initializer, one);
  return withGraph(file, out);
}

/** The colours, and where there is a picture: batch x 1 x height x width of 0 and 1. @param maskType onnx.proto's, of the model's mask; null: it has none */
function planesOf({ channels, width, height, isChannelsFirst, inside }: PixelInput, maskType: number | null) {
  if (!isChannelsFirst) return fail("pictures that do not fill their rows", "channels first", "channels last");
  const own = (name: string) => `${PIXELS}-${name}`;
  const [colours, place, seen, isInside, floats] = ["colours", "place", "seen", "is-inside", "inside"].map(own);
  const before = [
    graphNode("Gather", [PIXELS, own("channels")], colours!, { axis: 1 }),
    graphNode("Gather", [PIXELS, place!], seen!, { axis: 1 }),
    // Whatever number stands for "there is one": 1.
    graphNode("Cast", [seen!], isInside!, { to: field.BOOL }),
    graphNode("Cast", [isInside!], floats!, { to: field.FLOAT }),
  ];
  const constants = [
    int64Tensor(own("channels"), [channels], [...Array(channels).keys()]),
    int64Tensor(place!, [1], [channels]),
  ];
  const mask = inside?.mask ?? null;
  if (mask !== null) {
    // As the nearest of a resize: the place of each row and column of the mask in the picture.
    const [rows, columns] = [mask.shape[0] ?? height, mask.shape[1] ?? width];
    const nearest = (to: number, from: number) => Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
    constants.push(int64Tensor(own("first"), [], [0]));
    constants.push(int64Tensor(own("rows"), [rows], nearest(rows, height)));
    constants.push(int64Tensor(own("columns"), [columns], nearest(columns, width)));
    before.push(
      graphNode("Gather", [floats!, own("first")], own("plane"), { axis: 1 }),
      graphNode("Gather", [own("plane"), own("rows")], own("mask-rows"), { axis: 1 }),
      graphNode("Gather", [own("mask-rows"), own("columns")], own("mask"), { axis: 2 }),
      graphNode("Cast", [own("mask")], mask.name, { to: maskType! }),
    );
  }
  return { before, constants, colours: colours!, inside: floats! };
}

/**
 * What is asked for alone: a CLIP whose pictures' vectors are wanted needs no words.
 * @param wanted names of outputs, or of values within the graph
 * @returns the file with these outputs, in this order, without the inputs, nodes and weights that none of them needs
 * @throws ModelError that lists the outputs where there is no such name
 */
export function withOutputs(file: ByteSpace, wanted: readonly string[]): ByteSpace {
  const { graph } = readOnnxModel(file);
  const outputs = new Map<string, ByteSpace>();
  const makers = new Map<string, Pick<NodeNames, "names" | "outputs">>();
  for (const { number, bytes, space } of wireFields(graph, "onnx graph")) {
    if (number === field.GRAPH.output) outputs.set(readValueInfo(bytes).name, space);
    if (number !== field.GRAPH.node) continue;
    const node = namesOfNode(bytes);
    for (const name of node.outputs) if (name !== "") makers.set(name, node);
  }
  if (!wanted.every((name) => makers.has(name))) failUnmade(graph, wanted, makers, [...outputs.keys()]);
  const needed = new Set<string>(wanted);
  const made = new Set<string>();
  const waiting = [...wanted];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || made.has(name)) continue;
    for (const output of maker.outputs) made.add(output);
    for (const one of maker.names) {
      needed.add(one);
      waiting.push(one);
    }
  }
  const out = new WireMessage();
  copyFields(graph, out, (one) => {
    const kept = (isKept: boolean) => (isKept ? "itself" : "nothing");
    if (one.number === field.GRAPH.node) return kept(namesOfNode(one.bytes).outputs.some((name) => made.has(name)));
    if (one.number === field.GRAPH.input) return kept(needed.has(readValueInfo(one.bytes).name));
    if (one.number === field.GRAPH.initializer) return kept(needed.has(nameOfTensor(one.space)));
    return kept(one.number !== field.GRAPH.output);
  });
  for (const name of wanted) {
    const known = outputs.get(name);
    if (known === undefined) out.message(field.GRAPH.output, new WireMessage().text(field.VALUE_INFO.name, name));
    else out.bytes(field.GRAPH.output, known);
  }
  return withGraph(file, out);
}

/** How many values within a graph a refusal lists: those before its outputs are the likeliest. */
const INNER_NAMED = 12;

function failUnmade(
  graph: ByteSpace,
  wanted: readonly string[],
  makers: ReadonlyMap<string, unknown>,
  outputs: readonly string[],
): never {
  // What follows from an input's numbers, and not from its shape alone.
  const ofInput = new Set(freeInputs(graph).map(({ name }) => name));
  const inner: string[] = [];
  for (const { number, bytes } of wireFields(graph, "onnx graph")) {
    if (number !== field.GRAPH.node) continue;
    const node = namesOfNode(bytes);
    if (node.op === "Shape" || node.op === "Size" || !node.names.some((name) => ofInput.has(name))) continue;
    for (const name of node.outputs) {
      ofInput.add(name);
      if (name !== "" && !outputs.includes(name)) inner.push(name);
    }
  }
  const listed = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");
  const last = inner.slice(-INNER_NAMED);
  const within = last.length === 0 ? "" : `, or a value within the model, of which the last are ${listed(last)}`;
  const unknown = wanted.filter((name) => !makers.has(name)).join(", ");
  return fail("output", `one of ${listed(outputs)}${within}`, unknown);
}

interface NodeNames {
  readonly op: string;
  /** All that it names, graphs within it too. */
  readonly names: readonly string[];
  readonly outputs: readonly string[];
}

function namesOfNode(node: Uint8Array): NodeNames {
  const [names, outputs]: [string[], string[]] = [[], []];
  let op = "";
  addNamesOfNode(node, 0, (name) => void names.push(name));
  for (const { number, bytes } of wireFields(node, "onnx node")) {
    if (number === field.NODE.output) outputs.push(new TextDecoder().decode(bytes));
    if (number === field.NODE.opType) op = new TextDecoder().decode(bytes);
  }
  return { op, names, outputs };
}

export const onnxEditor: Omit<ModelEditor, "withPooling"> = {
  inputs: onnxInputs,
  outputs: onnxOutputs,
  companions: (main) => externalLocations(readOnnxModel(main).graph),
  ...{ withOutputs, withPixels, withLength },
};
