/** What operators cost that compute nothing and move numbers: a model of them alone would else be predicted to take no time. */
import { type OperatorCost, sizeOf } from "./batched-tensor.ts";

/**
 * A number that is written takes as much time as so many multiply-adds. Measured on onnxruntime in WebAssembly, a million numbers a node: 1 ns
 * (Pad, Slice, Transpose) to 9 ns (Gather along the last axis) each, where a multiply-add is assumed to take half of one.
 */
export const MACS_OF_MOVED = 10;

/** They say anew what their input is, and write nothing, or a few numbers that say a shape. */
const VIEWS: ReadonlySet<string> = new Set([
  ...["Identity", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Shape", "Size", "Constant"],
  ...["ExpandDims", "StopGradient", "Snapshot", "Rank", "Const", "Placeholder"],
]);

/** Multiply-adds of a node for one query; of one that computes with fewer numbers than it writes, what it takes to write them. */
export function macsOf(op: string, { macs, outputs }: OperatorCost): number {
  if (VIEWS.has(op)) return macs;
  // Numbers that are known before are not made by a run.
  const written = outputs.reduce((sum, { shape, values }) => sum + (values === null ? sizeOf(shape) : 0), 0);
  return macs < written ? MACS_OF_MOVED * written : macs;
}
