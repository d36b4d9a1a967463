/** An uploaded .onnx file becomes a bundle: what was understood of it, as JSON, and its weights. */
import { MODEL_NODES_MAX, ONNX_OPSET_MAX, ONNX_OPSET_MIN } from "../../../protocol/limits.ts";
import { packBundle, requireFinite, type WeightSpec } from "../../model-bundle.ts";
import { fail } from "../../model-json.ts";
import { dataTypeName, FLOAT, INT64 } from "./onnx-fields.ts";
import { ONNX_RULES } from "./onnx-rules.ts";
import {
  FREE,
  type IntegerTensor,
  type OnnxAttribute,
  type OnnxNodeFacts,
  type OnnxTopology,
} from "./onnx-topology.ts";
import {
  type FileAttribute,
  type FileNode,
  type FileTensor,
  nodeName,
  type OnnxFile,
  readOnnx,
  type ValueInfo,
} from "./read-onnx.ts";

const CONTROL_FLOW = ["If", "Loop", "Scan"];

/**
 * @param file the bytes of one .onnx file
 * @returns a bundle (model-bundle.ts) of format "onnx"; the tensors that no node takes are left out
 * @throws ModelError where it is no ONNX file, an operator is not on the allow-list, or its graph does not hang together
 */
export function packOnnx(file: Uint8Array): Uint8Array {
  const model = readOnnx(file);
  const { opset } = model;
  if (opset < ONNX_OPSET_MIN || opset > ONNX_OPSET_MAX) {
    fail("onnx opset", `a version from ${ONNX_OPSET_MIN} to ${ONNX_OPSET_MAX}`, opset);
  }
  const tensors = [...model.tensors, ...model.nodes.filter(({ op }) => op === "Constant").map(constantOf)];
  const nodes = model.nodes.filter(({ op }) => op !== "Constant").map(nodeFacts);
  const input = onlyInput(model, tensors);
  const made = requireSound(input.name, tensors, nodes);
  const outputs = model.outputs.map(({ name }) => (made.has(name) ? name : fail(`output '${name}'`, "a node", "none")));
  if (outputs.length === 0) fail("onnx graph", "an output", "none");

  const taken = new Set(nodes.flatMap(({ inputs }) => inputs));
  const used = tensors.filter(({ name }) => taken.has(name));
  const weights = used.filter(({ floats }) => floats !== null);
  for (const { name, floats } of weights) requireFinite(floats!, `weights '${name}'`);
  const weightSpecs = weights.map(({ name, shape }): WeightSpec => ({ name, shape, dtype: "float32" }));
  const integers = Object.fromEntries(used.flatMap(integerEntry));
  const modelTopology: OnnxTopology = { opset, input, outputs, nodes, integers };
  return packBundle(
    { format: "onnx", modelTopology, weightSpecs },
    weights.map(({ floats }) => floats!),
  );
}

function nodeFacts({ op, inputs, outputs, attributes }: FileNode): OnnxNodeFacts {
  const what = nodeName(op, outputs);
  if (CONTROL_FLOW.includes(op)) fail(what, "a graph without control flow (If, Loop, Scan)", op);
  if (!Object.hasOwn(ONNX_RULES, op)) {
    fail(what, `one of the operators ${["Constant", ...Object.keys(ONNX_RULES)].toSorted().join(", ")}`, op);
  }
  const plain = Object.entries(attributes).map(([name, value]): [string, OnnxAttribute] => [
    name,
    plainAttribute(value) ??
      fail(`${what}: ${name}`, "a number, a text or numbers", "a tensor, a graph or something else"),
  ]);
  return { op, inputs, outputs, attributes: Object.fromEntries(plain) };
}

/** Of tensors one whole number alone, as ConstantOfShape has it. */
function plainAttribute(value: FileAttribute): OnnxAttribute | null {
  if ("other" in value) return null;
  if (!("t" in value)) return value;
  const [int64, ...more] = value.t.type === INT64 ? value.t.integers! : [];
  return int64 === undefined || more.length > 0 ? null : { t: { int64 } };
}

/** Exporters write constants as nodes too. */
function constantOf({ op, outputs, attributes }: FileNode): FileTensor {
  const what = nodeName(op, outputs);
  const [name] = outputs;
  const [[, value] = [], ...more] = Object.entries(attributes);
  if (name === undefined || value === undefined || more.length > 0) {
    return fail(what, "one output and one value", Object.keys(attributes));
  }
  if ("t" in value) return { ...value.t, name };
  if ("f" in value) return { name, type: FLOAT, shape: [], floats: floatBytes([value.f]), integers: null };
  if ("fs" in value)
    return { name, type: FLOAT, shape: [value.fs.length], floats: floatBytes(value.fs), integers: null };
  if ("i" in value) return { name, type: INT64, shape: [], floats: null, integers: [value.i] };
  if ("is" in value) return { name, type: INT64, shape: [value.is.length], floats: null, integers: value.is };
  return fail(what, "numbers", value);
}

function floatBytes(values: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

/** Older files list their weights as inputs too. */
function onlyInput({ inputs }: OnnxFile, tensors: readonly FileTensor[]): OnnxTopology["input"] {
  const given = new Set(tensors.map(({ name }) => name));
  const free = inputs.filter(({ name }) => !given.has(name));
  const [input] = free;
  if (input === undefined || free.length !== 1) {
    return fail(
      "onnx graph",
      "one input",
      free.map(({ name }) => name),
    );
  }
  return { name: input.name, shape: batchedShape(input) };
}

function batchedShape({ name, type, shape }: ValueInfo): readonly number[] {
  const what = `input '${name}'`;
  if (type !== FLOAT) fail(what, "float32", dataTypeName(type));
  if (shape === null) return fail(what, "a shape", "none");
  const [batch, ...rest] = shape;
  if ((batch !== FREE && batch !== 1) || rest.length === 0 || rest.some((length) => length < 1)) {
    const got = shape.map((length) => (length === FREE ? "free" : length)).join(" x ");
    fail(what, "a batch dimension that is free or 1, then fixed dimensions", got);
  }
  return shape;
}

/**
 * Every tensor has one name of its own and is made before it is taken, which is also how ONNX wants it; so there is no cycle.
 * @returns the names of what nodes make
 */
function requireSound(input: string, tensors: readonly FileTensor[], nodes: readonly OnnxNodeFacts[]): Set<string> {
  if (nodes.length > MODEL_NODES_MAX) fail("onnx graph", `at most ${MODEL_NODES_MAX} nodes`, nodes.length);
  const known = new Set<string>([input]);
  const add = (name: string, what: string): void => {
    if (name === "") fail(what, "a name for every tensor", name);
    if (known.has(name)) fail(what, "tensors whose names differ", name);
    known.add(name);
  };
  for (const { name } of tensors) add(name, "onnx graph");
  const made = new Set<string>();
  for (const { op, inputs, outputs } of nodes) {
    const what = nodeName(op, outputs);
    for (const name of inputs) {
      if (name !== "" && !known.has(name)) fail(what, "inputs made by earlier nodes, without cycles", name);
    }
    for (const name of outputs.filter((name) => name !== "")) {
      add(name, what);
      made.add(name);
    }
  }
  return made;
}

function integerEntry({ name, type, shape, integers }: FileTensor): [string, IntegerTensor][] {
  return integers === null ? [] : [[name, { dtype: type === INT64 ? "int64" : "int32", shape, values: integers }]];
}
