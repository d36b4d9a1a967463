/**
 * Whatever a graph takes, a query is one row of float32 numbers: its inputs one after the other, each flattened. What the graph itself
 * takes is made of the row by nodes in front of it, so that a row is a row for whoever stores, sends, checks and computes it. float32 holds
 * whole numbers up to 2^24 exactly.
 */

import { MODEL_ACTIVATION_SIZE_MAX } from "../../../protocol/limits.ts";
import { checkedSize } from "../../checked-size.ts";
import type { ModelInput } from "../../model-runtime.ts";
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

/** @throws ModelError where they are too large together */
export function asOneRow(inputs: readonly GraphInput[], opset: number): RowInput {
  const [first] = inputs;
  if (first !== undefined && inputs.length === 1) return ofOne(first);
  const parts = inputs.map(modelInput);
  const sizes = parts.map(({ name, shape }) => checkedSize(shape, MODEL_ACTIVATION_SIZE_MAX, `input '${name}'`));
  const row = "inputs/row";
  const integers = [{ name: "inputs/sizes", values: sizes }];
  const isInput = opset >= SPLIT_INPUT_OPSET;
  const nodes: OnnxNodeFacts[] = [
    {
      op: "Split",
      inputs: isInput ? [row, "inputs/sizes"] : [row],
      outputs: inputs.map((input) => (isAsItComes(input) ? input.name : `${input.name}/flat`)),
      attributes: { axis: { i: 1 }, ...(isInput ? {} : { split: { is: sizes } }) },
    },
  ];
  for (const input of inputs) {
    if (isAsItComes(input)) continue;
    const { name, shape, dtype } = input;
    let from = `${name}/flat`;
    if (shape.length !== 2) {
      const to = dtype === "float32" ? name : `${name}/shaped`;
      // The batch keeps its size, whatever it is.
      integers.push({ name: `${name}/shape`, values: [0, ...shape.slice(1)] });
      nodes.push({ op: "Reshape", inputs: [from, `${name}/shape`], outputs: [to], attributes: {} });
      from = to;
    }
    if (dtype !== "float32") nodes.push(castTo(from, input));
  }
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const shape = [first!.shape[0]!, checkedSize([size], MODEL_ACTIVATION_SIZE_MAX, "model input")];
  return { input: { name: row, shape }, inputs: parts, integers: isInput ? integers : integers.slice(1), nodes };
}

function ofOne(input: GraphInput): RowInput {
  const { name, shape, dtype } = input;
  if (dtype === "float32") return { input: { name, shape }, inputs: null, integers: [], nodes: [] };
  const row = { name: `${name}/float32`, shape };
  const nodes = [castTo(row.name, input)];
  return { input: row, inputs: [modelInput(input)], integers: [], nodes };
}

const isAsItComes = ({ shape, dtype }: GraphInput): boolean => shape.length === 2 && dtype === "float32";

function modelInput({ name, shape, dtype }: GraphInput): ModelInput {
  return { name, shape: shape.slice(1), dtype: dtype === "float64" ? "float32" : dtype };
}

function castTo(from: string, { name, dtype }: GraphInput): OnnxNodeFacts {
  return { op: "Cast", inputs: [from], outputs: [name], attributes: { to: { i: DATA_TYPE_NUMBERS[dtype] } } };
}
