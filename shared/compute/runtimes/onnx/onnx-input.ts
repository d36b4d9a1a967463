/** The one input of an ONNX graph. Queries are float32: what a graph takes in another type is cast, where that changes nothing. */

import { fail, failWith } from "../../model-json.ts";
import type { Reasons } from "../../reasons.ts";
import { type ComputedDtype, isFloat } from "../../tensors/batched-tensor.ts";
import { computedDtype, dataTypeName } from "./onnx-dtypes.ts";
import { FREE, type OnnxNodeFacts } from "./onnx-topology.ts";
import { nodeName, type OnnxGraph, type ValueInfo } from "./read-onnx.ts";

export interface GraphInput {
  readonly name: string;
  readonly shape: readonly number[];
  /** As the graph has it. */
  readonly dtype: ComputedDtype;
}

/**
 * Older files list their weights as inputs too.
 * @returns null with reasons where it is not one that is taken
 */
export function onlyInput({ inputs, tensors }: OnnxGraph, reasons: Reasons): GraphInput | null {
  const given = new Set(tensors.map(({ name }) => name));
  const free = inputs.filter(({ name }) => !given.has(name));
  const [input] = free;
  if (input === undefined || free.length !== 1) {
    reasons.attempt(() =>
      failWith(
        "onnx graph",
        "one input",
        free.map(({ name }) => name),
        "make the others constants of the module before the export; no state goes from one query to the next",
      ),
    );
    for (const one of free) reasons.attempt(() => batchedShape(one));
    return null;
  }
  const shape = reasons.attempt(() => batchedShape(input));
  if (shape === null) return null;
  return { name: input.name, shape, dtype: computedDtype(input.type)! };
}

function batchedShape({ name, type, shape }: ValueInfo): readonly number[] {
  const what = `input '${name}'`;
  if (computedDtype(type) === null) fail(what, "numbers", dataTypeName(type));
  if (shape === null) return fail(what, "a shape", "none");
  const [batch, ...rest] = shape;
  if (shape.length === 0) fail(what, "a batch of numbers", "a single number");
  if ((batch !== FREE && batch !== 1) || rest.length === 0 || rest.some((length) => length < 1)) {
    const got = shape.map((length) => (length === FREE ? "free" : length)).join(" x ");
    const toDo =
      "export with dynamic axes for the batch alone, or fix the others: python -m onnxruntime.tools.make_dynamic_shape_fixed " +
      `--input_name ${name.slice(0, 40)} --input_shape ${[1, ...rest.map((length) => (length < 1 ? "N" : length))]} in.onnx out.onnx`;
    failWith(what, "a batch dimension that is free or 1, then fixed dimensions", got, toDo);
  }
  return shape;
}

/** Operators that move whole numbers as they move floats. */
const MOVES = new Set("Concat Flatten Gather Identity Reshape Slice Split Squeeze Transpose Unsqueeze".split(" "));

/**
 * Pictures as bytes: where whole numbers are cast to floats before anything computes with them, they may as well come as floats, and
 * be mixed by a code.
 * @throws ModelError where something does compute with them
 */
export function requireCastInput(input: string, dtype: ComputedDtype, nodes: readonly OnnxNodeFacts[]): void {
  const whole = new Set([input]);
  for (const { op, inputs, outputs, attributes } of nodes) {
    if (!inputs.some((name) => whole.has(name)) || op === "Shape" || op === "Size") continue;
    const to = op === "Cast" ? attributes.to : undefined;
    const casted = to !== undefined && "i" in to ? computedDtype(to.i) : null;
    if (casted !== null && isFloat(casted)) continue;
    // As the data that is moved, not as places.
    const isMoved = MOVES.has(op) && (op === "Concat" || !inputs.slice(1).some((name) => whole.has(name)));
    if (!isMoved) {
      const toDo = "cast it to float before anything computes with it: whole numbers cannot be mixed";
      failWith(`input '${input}'`, "float32", dtype, `${nodeName(op, outputs)} takes them as they are: ${toDo}`);
    }
    for (const name of outputs) whole.add(name);
  }
}
