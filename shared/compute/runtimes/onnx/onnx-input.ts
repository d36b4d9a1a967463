/** The inputs of an ONNX graph: their shapes with all sizes in them, and what of them is whole numbers. */

import { fail, failWith } from "../../model-json.ts";
import type { Reasons } from "../../reasons.ts";
import { type ComputedDtype, isFloat } from "../../tensors/batched-tensor.ts";
import { failUnsized, type InputSizes } from "../input-sizes.ts";
import { computedDtype, dataTypeName } from "./onnx-dtypes.ts";
import { freeSizes, saidFirst, sized, sizeName } from "./onnx-sizes.ts";
import { FREE } from "./onnx-topology.ts";
import { constantInput, type InputValues } from "./onnx-values.ts";
import type { FileNode, FileTensor, OnnxGraph, ValueInfo } from "./read-onnx.ts";

export interface GraphInput {
  readonly name: string;
  /** Of a row: the batch first, FREE or 1, the same of all inputs. */
  readonly shape: readonly number[];
  /** What is made of the row for the graph; float32 too where the graph casts all its whole numbers to floats before anything else. */
  readonly dtype: ComputedDtype;
  /** As the file has it. */
  readonly takes: ComputedDtype;
  /** Of an input that goes whole with each row, such as a state or a setting: as the graph takes it, without a batch of its own first. */
  readonly whole: readonly number[] | null;
}

export interface GraphInputs {
  readonly inputs: readonly GraphInput[];
  /** Inputs whose value is said: the same for every row. */
  readonly constants: readonly FileTensor[];
}

/**
 * Older files list their weights as inputs too: these are none.
 * @param sizes of the dimensions beside the batch that the file leaves free
 * @param values of inputs that are the same for every row
 * @returns null with reasons where they are not taken
 */
export function graphInputs(
  graph: OnnxGraph,
  sizes: InputSizes,
  values: InputValues,
  reasons: Reasons,
): GraphInputs | null {
  const weights = new Set(graph.tensors.map(({ name }) => name));
  const all = graph.inputs.filter(({ name }) => !weights.has(name));
  const given = all.filter(({ name }) => !values.has(name));
  const said = all.filter(({ name }) => values.has(name));
  if (given.length === 0) reasons.attempt(() => fail("onnx graph", "an input", "none"));
  reasons.attempt(() => requireWanted(all, sizes));
  reasons.attempt(() => requireInputs(all, values));
  const batch = batchOf(given, sizes);
  const shapes = given.map((input) => reasons.attempt(() => rowShape(input, sizes, batch, given.length === 1)));
  const constants = said.map((input) => reasons.attempt(() => constantOf(input, sizes, batch, values)));
  if (given.length === 0 || shapes.includes(null) || constants.includes(null)) return null;
  // A graph that takes one of them for a single query takes all of them so. A constant whose size was free, as that of a state, has one row's.
  const isOfOne = said.some(({ shape }) => shape?.includes(FREE));
  const isFree = shapes.every((shape) => shape!.row[0] === FREE) && !isOfOne;
  const canMix = given.every((input) => isFloat(dtypeOf(input)) || isCastFirst(input.name, graph.nodes));
  const inputs = given.map((input, i): GraphInput => {
    const { row, whole } = shapes[i]!;
    return {
      name: input.name,
      shape: isFree ? row : row.with(0, 1),
      dtype: canMix && !isFloat(dtypeOf(input)) ? "float32" : dtypeOf(input),
      takes: dtypeOf(input),
      whole,
    };
  });
  return { inputs, constants: constants.map((one) => one!) };
}

/** The same where rows go alone. */
export function alone({ inputs, constants }: GraphInputs): GraphInputs {
  return { inputs: inputs.map((input) => ({ ...input, shape: input.shape.with(0, 1) })), constants };
}

/** How it is said that they do: a flag of the command line. */
export function aloneFlag(graph: OnnxGraph, { inputs }: GraphInputs): string {
  const flags = inputs.map(({ name }) => {
    const first = graph.inputs.find((input) => input.name === name)!;
    return `--size ${sizeName(first, 0)}=1`;
  });
  return [...new Set(flags)].join(" ");
}

interface Batch {
  /** Has any input the batch first? */
  readonly isThere: boolean;
  /** What the file calls it. */
  readonly names: ReadonlySet<string>;
}

function batchOf(given: readonly ValueInfo[], sizes: InputSizes): Batch {
  const first = given.filter((input) => isBatch(input.shape?.[0], saidFirst(input, sizes)));
  const names = first.flatMap(({ shape, dimensionNames: [name] }) => (shape?.[0] === FREE && name ? [name] : []));
  return { isThere: first.length > 0, names: new Set(names) };
}

/** @param said of the first dimension, in place of what the file has */
const isBatch = (length: number | undefined, said: number | null): boolean =>
  said === null ? length === FREE || length === 1 : said === 1;

/** @throws ModelError where a size is said of what is not free */
function requireWanted(inputs: readonly ValueInfo[], sizes: InputSizes): void {
  const wanted = [...new Set(inputs.flatMap(freeSizes))];
  const isFirst = (name: string) =>
    inputs.some((input) => name === `${input.name}:0` || (name === input.dimensionNames[0] && sizes.get(name) === 1));
  const other = [...sizes.keys()].find((name) => !wanted.includes(name) && !isFirst(name));
  if (other === undefined) return;
  const expected = wanted.length === 0 ? "no sizes, because the file leaves none free" : `those of ${namesOf(wanted)}`;
  fail("input sizes", expected, other);
}

/** @throws ModelError where a value is said of what is no input */
function requireInputs(inputs: readonly ValueInfo[], values: InputValues): void {
  const other = [...values.keys()].find((name) => !inputs.some((input) => input.name === name));
  if (other !== undefined) fail("input values", `those of ${namesOf(inputs.map(({ name }) => name))}`, other);
}

/** @returns row: with the batch first; whole: see GraphInput */
function rowShape(
  input: ValueInfo,
  sizes: InputSizes,
  batch: Batch,
  isOnly: boolean,
): { row: readonly number[]; whole: readonly number[] | null } {
  const { name } = input;
  const what = `input '${name}'`;
  const shape = numbersShape(input);
  if (shape.length === 0 && !batch.isThere) fail(what, "a batch of numbers", "a single number");
  const said = saidFirst(input, sizes);
  const first = said ?? shape[0];
  const hasOwnBatch = isBatch(shape[0], said);
  // Beside an input with a batch, or where its first size is said: none of the batch's.
  const isWhole = !hasOwnBatch && (batch.isThere || said !== null);
  const bound = withBatch(input, sized(input, shape, sizes), isWhole ? batch : null).with(0, first ?? 1);
  const rest = isWhole ? bound.slice(0, shape.length) : bound.slice(1);
  if (!(hasOwnBatch || isWhole) || (isOnly && rest.length === 0) || rest.some((one) => one !== FREE && one < 1)) {
    const toDo = `export with a dynamic axis for the batch, the first of each input; where a row is all of it: --size ${name}:0=${first}`;
    failWith(what, "a batch dimension that is free or 1, then dimensions above 0", inWords(input, bound), toDo);
  }
  requireBound(input, bound, sizes, isWhole);
  return isWhole ? { row: [1, ...rest], whole: rest } : { row: bound, whole: null };
}

/** @throws ModelError where it holds no numbers, or does not say its shape */
function numbersShape({ name, type, shape }: ValueInfo): readonly number[] {
  if (computedDtype(type) === null) fail(`input '${name}'`, "numbers", dataTypeName(type));
  return shape ?? fail(`input '${name}'`, "a shape", "none");
}

/** Of what has no batch of its own first the batch's axis, wherever it is, has one row. */
function withBatch({ dimensionNames }: ValueInfo, shape: readonly number[], batch: Batch | null): readonly number[] {
  if (batch === null) return shape.length === 0 ? [1] : shape;
  const bound = shape.map((one, axis) => (one === FREE && batch.names.has(dimensionNames[axis] ?? "") ? 1 : one));
  return bound.length === 0 ? [1] : bound;
}

function requireBound(input: ValueInfo, bound: readonly number[], sizes: InputSizes, isWhole: boolean): void {
  if (!bound.slice(1).includes(FREE)) return;
  const names = freeSizes(input).filter((one) => !sizes.has(one));
  failUnsized(`input '${input.name}'`, names, inWords(input, bound), isWhole ? " (1 where that is the batch)" : "");
}

function constantOf(input: ValueInfo, sizes: InputSizes, batch: Batch, values: InputValues): FileTensor {
  const shape = sized(input, numbersShape(input), sizes);
  const bound = shape.length === 0 ? shape : withBatch(input, shape, batch);
  const first = bound[0] === FREE ? 1 : bound[0];
  const whole = bound.length === 0 ? bound : bound.with(0, saidFirst(input, sizes) ?? first!);
  requireBound(input, whole, sizes, true);
  return constantInput(input.name, whole, dtypeOf(input), values.get(input.name)!);
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
