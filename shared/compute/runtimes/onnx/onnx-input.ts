/** The inputs of an ONNX graph: their shapes with all sizes in them, and what of them is whole numbers. */

import { fail, failWith } from "../../model-json.ts";
import type { Reasons } from "../../reasons.ts";
import { type ComputedDtype, isFloat } from "../../tensors/batched-tensor.ts";
import { computedDtype, dataTypeName } from "./onnx-dtypes.ts";
import { freeSizes, type InputSizes, sized } from "./onnx-sizes.ts";
import { FREE } from "./onnx-topology.ts";
import type { FileNode, OnnxGraph, ValueInfo } from "./read-onnx.ts";

export interface GraphInput {
  readonly name: string;
  /** The batch first, FREE or 1: the same of all inputs. */
  readonly shape: readonly number[];
  /** What is made of the row for the graph; float32 too where the graph casts all its whole numbers to floats before anything else. */
  readonly dtype: ComputedDtype;
}

/**
 * Older files list their weights as inputs too: these are none.
 * @param sizes of the dimensions beside the batch that the file leaves free
 * @returns null with reasons where they are not taken
 */
export function graphInputs(graph: OnnxGraph, sizes: InputSizes, reasons: Reasons): readonly GraphInput[] | null {
  const weights = new Set(graph.tensors.map(({ name }) => name));
  const given = graph.inputs.filter(({ name }) => !weights.has(name));
  if (given.length === 0) reasons.attempt(() => fail("onnx graph", "an input", "none"));
  reasons.attempt(() => requireWanted(given, sizes));
  const shapes = given.map((input) => reasons.attempt(() => batchedShape(input, sizes, given.length === 1)));
  if (given.length === 0 || shapes.includes(null)) return null;
  // A graph that takes one of them for a single query takes all of them so.
  const isFree = shapes.every((shape) => shape![0] === FREE);
  const canMix = given.every((input) => isFloat(dtypeOf(input)) || isCastFirst(input.name, graph.nodes));
  return given.map((input, i) => ({
    name: input.name,
    shape: isFree ? shapes[i]! : shapes[i]!.with(0, 1),
    dtype: canMix && !isFloat(dtypeOf(input)) ? "float32" : dtypeOf(input),
  }));
}

/** @throws ModelError where a size is said of what is not free */
function requireWanted(inputs: readonly ValueInfo[], sizes: InputSizes): void {
  const wanted = [...new Set(inputs.flatMap(freeSizes))];
  const other = [...sizes.keys()].find((name) => !wanted.includes(name));
  if (other === undefined) return;
  const expected = wanted.length === 0 ? "none, for the file leaves none free" : `those of ${namesOf(wanted)}`;
  fail("input sizes", expected, other);
}

function batchedShape(input: ValueInfo, sizes: InputSizes, isOnly: boolean): readonly number[] {
  const { name, type, shape } = input;
  const what = `input '${name}'`;
  if (computedDtype(type) === null) fail(what, "numbers", dataTypeName(type));
  if (shape === null) return fail(what, "a shape", "none");
  if (shape.length === 0) fail(what, "a batch of numbers", "a single number");
  const bound = sized(input, shape, sizes);
  const [batch, ...rest] = bound;
  const isBatch = batch === FREE || batch === 1;
  if (!isBatch || (isOnly && rest.length === 0) || rest.some((length) => length !== FREE && length < 1)) {
    const toDo = "export with a dynamic axis for the batch, the first of each input";
    failWith(what, "a batch dimension that is free or 1, then dimensions above 0", inWords(input, bound), toDo);
  }
  if (rest.includes(FREE)) {
    const names = freeSizes(input).filter((one) => !sizes.has(one));
    const flags = names.map((one) => `--size ${one}=N`).join(" ");
    const file = `{${names.map((one) => `"${one}": N`).join(", ")}}`;
    const toDo = `submit it with ${flags}; over HTTP with a file input-sizes.json beside it: ${file}`;
    failWith(what, `a size for ${namesOf(names)}`, inWords(input, bound), toDo);
  }
  return bound;
}

function inWords({ dimensionNames }: ValueInfo, shape: readonly number[]): string {
  return shape.map((length, axis) => (length === FREE ? dimensionNames[axis] || "free" : length)).join(" x ");
}

const namesOf = (names: readonly string[]): string => names.map((one) => `'${one}'`).join(", ");

const dtypeOf = ({ type }: ValueInfo): ComputedDtype => computedDtype(type)!;

/** Operators that move whole numbers as they move floats. */
const MOVES = new Set("Concat Flatten Gather Identity Reshape Slice Split Squeeze Transpose Unsqueeze".split(" "));

/**
 * Pictures as bytes: where whole numbers are cast to floats before anything computes with them, they may as well come as floats, and
 * be mixed by a code. Within branches nobody looks.
 */
function isCastFirst(input: string, nodes: readonly FileNode[]): boolean {
  const whole = new Set([input]);
  for (const { op, inputs, outputs, attributes } of nodes) {
    if (Object.values(attributes).some((value) => "g" in value)) return false;
    if (!inputs.some((name) => whole.has(name)) || op === "Shape" || op === "Size") continue;
    const to = op === "Cast" ? attributes.to : undefined;
    const casted = to !== undefined && "i" in to ? computedDtype(to.i) : null;
    if (casted !== null && isFloat(casted)) continue;
    // As the data that is moved, not as places.
    const isMoved = MOVES.has(op) && (op === "Concat" || !inputs.slice(1).some((name) => whole.has(name)));
    if (!isMoved) return false;
    for (const name of outputs) whole.add(name);
  }
  return true;
}
