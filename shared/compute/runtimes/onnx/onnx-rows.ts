/**
 * Whatever a graph takes, a query is one row of float32 numbers: its inputs one after the other, each flattened. What the graph itself
 * takes is made of the row by nodes in front of it, so that a row is a row for whoever stores, sends, checks and computes it. float32 holds
 * whole numbers up to 2^24 exactly.
 */

import { MODEL_ACTIVATION_SIZE_MAX } from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import type { ModelInput } from "../../model-runtime.ts";
import { isFloat } from "../../tensors/batched-tensor.ts";
import { DATA_TYPE_NUMBERS } from "./onnx-dtypes.ts";
import type { GraphInput } from "./onnx-input.ts";
import type { OnnxNodeFacts, OnnxTopology } from "./onnx-topology.ts";

export interface RowInput {
  readonly input: OnnxTopology["input"];
  /** What the row is made of; null: it is the one input, of float32. */
  readonly inputs: readonly ModelInput[] | null;
  /** Whole numbers that the nodes take. */
  readonly integers: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** They make the graph's own inputs of the row. */
  readonly nodes: readonly OnnxNodeFacts[];
}

/** From this version on a split's sizes are an input. */
const SPLIT_INPUT_OPSET = 13;

/** Gives a name that nothing in the graph has: as it is wanted, if that can be. */
type NewName = (wanted: string) => string;

/** @throws ModelError where they are too large together */
export function asOneRow(inputs: readonly GraphInput[], opset: number, fresh: NewName): RowInput {
  const [first] = inputs;
  if (first !== undefined && inputs.length === 1) return ofOne(first, fresh);
  const parts = inputs.map(modelInput);
  const sizes = parts.map(({ name, shape }) => checkedSize(shape, MODEL_ACTIVATION_SIZE_MAX, `input '${name}'`));
  const row = fresh("inputs/row");
  const sizesName = fresh("inputs/sizes");
  const integers: RowInput["integers"][number][] = [{ name: sizesName, values: sizes }];
  const flat = new Map(inputs.map((input) => [input, isAsItComes(input) ? input.name : fresh(`${input.name}/flat`)]));
  const isInput = opset >= SPLIT_INPUT_OPSET;
  const nodes: OnnxNodeFacts[] = [
    {
      op: "Split",
      inputs: isInput ? [row, sizesName] : [row],
      outputs: [...flat.values()],
      attributes: { axis: { i: 1 }, ...(isInput ? {} : { split: { is: sizes } }) },
    },
  ];
  for (const input of inputs) {
    if (isAsItComes(input)) continue;
    const from = flat.get(input)!;
    const shaped = isRow(input) ? null : shapedFrom(from, input, fresh);
    if (shaped !== null) {
      integers.push(shaped.integers);
      nodes.push(shaped.node);
    }
    if (input.dtype !== "float32") nodes.push(castTo(shaped?.to ?? from, input));
  }
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const shape = [first!.shape[0]!, checkedSize([size], MODEL_ACTIVATION_SIZE_MAX, "model input")];
  return { input: { name: row, shape }, inputs: parts, integers: isInput ? integers : integers.slice(1), nodes };
}

function ofOne(input: GraphInput, fresh: NewName): RowInput {
  const { name, shape, dtype, whole, takes } = input;
  if (dtype === "float32" && whole === null) {
    return { input: { name, shape }, inputs: isFloat(takes) ? null : [modelInput(input)], integers: [], nodes: [] };
  }
  const row = { name: fresh(`${name}/float32`), shape };
  const shaped = whole === null ? null : shapedFrom(row.name, input, fresh);
  const cast = dtype === "float32" ? [] : [castTo(shaped?.to ?? row.name, input)];
  const nodes = shaped === null ? cast : [shaped.node, ...cast];
  return { input: row, inputs: [modelInput(input)], integers: shaped === null ? [] : [shaped.integers], nodes };
}

/** Has the graph the row's numbers of it in the shape that a split gives them? */
const isRow = ({ shape, whole }: GraphInput): boolean => shape.length === 2 && whole === null;
const isAsItComes = (input: GraphInput): boolean => isRow(input) && input.dtype === "float32";

function shapedFrom(from: string, { name, shape, whole, dtype }: GraphInput, fresh: NewName) {
  const to = dtype === "float32" ? name : fresh(`${name}/shaped`);
  // The batch keeps its size, whatever it is.
  const integers = { name: fresh(`${name}/shape`), values: whole ?? [0, ...shape.slice(1)] };
  const node: OnnxNodeFacts = { op: "Reshape", inputs: [from, integers.name], outputs: [to], attributes: {} };
  return { to, integers, node };
}

function modelInput({ name, shape, dtype, takes }: GraphInput): ModelInput {
  const one: ModelInput = { name, shape: shape.slice(1), dtype: dtype === "float64" ? "float32" : dtype };
  return dtype !== "float32" || takes === "float32" || takes === "float64" ? one : { ...one, takes };
}

function castTo(from: string, { name, dtype }: GraphInput): OnnxNodeFacts {
  return { op: "Cast", inputs: [from], outputs: [name], attributes: { to: { i: DATA_TYPE_NUMBERS[dtype] } } };
}
