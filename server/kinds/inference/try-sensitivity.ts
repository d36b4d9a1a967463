/** What a job's models make of rounding, measured on rows of its own queries: on inputs (of whole numbers: weights) one unit in the last place apart, and on other code. */

import type { ModelInput } from "../../../shared/compute/model-runtime.ts";
import {
  SENSITIVITY_MACS_MAX,
  SENSITIVITY_ROW_MACS_MAX,
  SENSITIVITY_ROWS_MAX,
} from "../../../shared/protocol/limits.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { rowDeviation, type ScaleFloor } from "../../../shared/verify/compare-rows.ts";
import { DEVIATION_MAX, oneUnitApart, type Sensitivity } from "../../../shared/verify/sensitivity.ts";
import type { ModelReference, RunManner } from "../../numerics/numerics-references.ts";
import { messageOf } from "../../store/attempt.ts";
import { gatherEntries } from "./engine/query-rows.ts";
import type { InferenceExecutor } from "./engine/task-types.ts";
import { weightsApart } from "./weights-apart.ts";
import { isWhole, keepingWhole } from "./whole-numbers.ts";

export interface TrialTools {
  readonly executor: InferenceExecutor;
  readonly secretRandom: RandomSource;
  readonly onProblem: (message: string, error: unknown) => void;
}

/** Rows that a model gave finite outputs for. */
export interface TriedRows {
  readonly model: ModelReference;
  /** n x D */
  readonly inputs: Float32Array;
  /** n x C */
  readonly outputs: Float32Array;
  readonly inputSize: number;
  readonly outputSize: number;
  /** What a row costs (model-cost.ts). */
  readonly rowMacs: number;
  readonly scaleFloor: ScaleFloor;
  /** Where a row has whole numbers in it: what it is made of. */
  readonly wholeInputs?: readonly ModelInput[] | undefined;
}

/** Of so many tried rows these many are tried again: few of a model that costs much. At least one. */
export function sensitivityRows(tried: number, rowMacs: number): number {
  return Math.max(1, Math.min(tried, SENSITIVITY_ROWS_MAX, Math.floor(SENSITIVITY_MACS_MAX / rowMacs)));
}

/** @throws Error where the model does not run once more as it ran before */
export async function trySensitivity(tools: TrialTools, tried: TriedRows): Promise<Sensitivity> {
  const { inputs, outputs, inputSize, outputSize, rowMacs } = tried;
  const total = outputs.length / outputSize;
  const rows = sensitivityRows(total, rowMacs);
  // Spread over all that were tried.
  const picked = Uint32Array.from({ length: rows }, (_, i) => Math.floor((i * total) / rows));
  const own = gatherEntries(outputs, outputSize, picked);
  const asked = gatherEntries(inputs, inputSize, picked);
  const isUp = () => tools.secretRandom.integer(2) === 1;
  const { wholeInputs } = tried;
  const shifted = () => keepingWhole(oneUnitApart(asked, isUp), asked, wholeInputs);
  const apart = wholeInputs?.every(isWhole)
    ? await run(tools, { ...tried, model: weightsApart(tried.model, tools.secretRandom.integer(2 ** 30)) }, asked, {})
    : await run(tools, tried, shifted(), {});
  const second = rowMacs > SENSITIVITY_ROW_MACS_MAX ? null : await runOnSecond(tools, tried, asked);
  const others = second === null ? [apart] : [apart, second];
  return {
    rows,
    rowsOnSecond: second === null ? 0 : rows,
    deviation: Math.max(...others.map((other) => largestDeviation(own, other, tried))),
  };
}

/** The larger of what two models of a job make of it. */
export function ofBoth(one: Sensitivity, other: Sensitivity): Sensitivity {
  return one.deviation >= other.deviation ? one : other;
}

function run(
  { executor }: TrialTools,
  { model, inputSize }: TriedRows,
  inputs: Float32Array,
  manner: Partial<RunManner>,
): Promise<Float32Array> {
  return executor.run("run", { model, inputs, rowCount: inputs.length / inputSize, manner });
}

/** @returns null where the model does not run on it: it may lack what the first one has */
async function runOnSecond(tools: TrialTools, tried: TriedRows, inputs: Float32Array): Promise<Float32Array | null> {
  try {
    return await run(tools, tried, inputs, { implementation: "second" });
  } catch (error) {
    tools.onProblem(`a model of job ${tried.model.jobId} has no second implementation: ${messageOf(error)}`, error);
    return null;
  }
}

function largestDeviation(own: Float32Array, other: Float32Array, { outputSize, scaleFloor }: TriedRows): number {
  let largest = 0;
  for (let at = 0; at < own.length; at += outputSize) {
    const rowOf = (rows: Float32Array) => rows.subarray(at, at + outputSize);
    largest = Math.max(largest, rowDeviation(rowOf(own), rowOf(other), scaleFloor));
  }
  return Math.min(largest, DEVIATION_MAX);
}
