/** What a job's models make of rounding, measured on rows of its own queries: on inputs (of whole numbers: weights) one unit in the last place apart, and on other code. */
import { createHash } from "node:crypto";
import type { ModelInput } from "../../../shared/compute/model-runtime.ts";
import {
  SENSITIVITY_MACS_MAX,
  SENSITIVITY_ROW_MACS_MAX,
  SENSITIVITY_ROWS_MAX,
  SENSITIVITY_SECOND_MACS_MAX,
  SENSITIVITY_SECOND_ROWS_MIN,
  SENSITIVITY_TURNS_MAX,
} from "../../../shared/protocol/limits.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { rowDeviation, type ScaleFloor } from "../../../shared/verify/compare-rows.ts";
import { DEVIATION_MAX, oneUnitApart, type Sensitivity } from "../../../shared/verify/sensitivity.ts";
import type { ModelReference, RunManner } from "../../numerics/numerics-references.ts";
import { messageOf } from "../../store/attempt.ts";
import { gatherEntries } from "./engine/query-rows.ts";
import type { InferenceExecutor } from "./engine/task-types.ts";
import { type FixedTrial, fixedOfBoth, tryFixed, widen } from "./try-fixed.ts";
import { weightsApart } from "./weights-apart.ts";
import { isWhole, keepingWhole } from "./whole-numbers.ts";

export interface TrialTools {
  readonly executor: InferenceExecutor;
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

/** What a trial says of a model. */
export interface Tried {
  readonly sensitivity: Sensitivity;
  /** C: by how much each number was changed by that, at most. */
  readonly apart: Float32Array;
  /** null: the WebAssembly of tabs does not run it here. */
  readonly fixed: FixedTrial | null;
}

/** @throws Error where the model does not run once more as it ran before */
export async function tryRounding(tools: TrialTools, tried: TriedRows): Promise<Tried> {
  const { inputs, outputs, inputSize, outputSize, rowMacs } = tried;
  const total = outputs.length / outputSize;
  const rows = sensitivityRows(total, rowMacs);
  // Spread over all that were tried.
  const picked = Uint32Array.from({ length: rows }, (_, i) => Math.floor((i * total) / rows));
  const own = gatherEntries(outputs, outputSize, picked);
  const asked = gatherEntries(inputs, inputSize, picked);
  const random = randomOf(tried.model, asked);
  const isUp = () => random.integer(2) === 1;
  const { wholeInputs } = tried;
  const others: Float32Array[] = [];
  if (wholeInputs?.every(isWhole)) {
    others.push(await run(tools, { ...tried, model: weightsApart(tried.model, random.integer(2 ** 30)) }, asked, {}));
  } else {
    for (let turn = turnsOf(rows, rowMacs); turn > 0; turn--) {
      others.push(await run(tools, tried, keepingWhole(oneUnitApart(asked, isUp), asked, wholeInputs), {}));
    }
  }
  const moved = others
    .map((other) => deviations(own, other, tried))
    .reduce((one, other) => one.map((d, r) => Math.max(d, other[r]!)));
  const onSecond = rowMacs > SENSITIVITY_ROW_MACS_MAX ? null : await movedOnSecond(tools, tried, { asked, own, moved });
  const onTabs = (some: Float32Array) => run(tools, tried, some, { implementation: "tab" });
  const fixed = await tryFixed(onTabs, { asked, own, rows }).catch((error: unknown) => {
    tools.onProblem(`a model of job ${tried.model.jobId} does not run as in tabs: ${messageOf(error)}`, error);
    return null;
  });
  const apart = new Float32Array(outputSize);
  for (const other of others) widen(apart, own, other);
  if (onSecond !== null) widen(apart, onSecond.own, onSecond.other);
  const deviation = Math.max(...moved, ...(onSecond?.moved ?? []));
  return { sensitivity: { rows, rowsOnSecond: onSecond?.moved.length ?? 0, deviation }, apart, fixed };
}

/** Rows, what the model gives for them, and how far rounding has moved each. */
interface MovedRows {
  readonly asked: Float32Array;
  readonly own: Float32Array;
  readonly moved: readonly number[];
}

/** Of a costly model those that rounding has moved most, which is much of what other code makes of a row. @returns null: it does not run there */
async function movedOnSecond(
  tools: TrialTools,
  tried: TriedRows,
  { asked, own, moved }: MovedRows,
): Promise<{ moved: number[]; own: Float32Array; other: Float32Array } | null> {
  const count = Math.max(SENSITIVITY_SECOND_ROWS_MIN, Math.floor(SENSITIVITY_SECOND_MACS_MAX / tried.rowMacs));
  const mostMoved = [...moved.keys()].sort((a, b) => moved[b]! - moved[a]! || a - b).slice(0, count);
  const rows = Uint32Array.from(mostMoved).sort();
  const second = await runOnSecond(tools, tried, gatherEntries(asked, tried.inputSize, rows));
  const ownOfThem = gatherEntries(own, tried.outputSize, rows);
  return second && { moved: deviations(ownOfThem, second, tried), own: ownOfThem, other: second };
}

/** Times that the rows are computed on inputs apart, each time others: once of a model that costs much. */
function turnsOf(rows: number, rowMacs: number): number {
  return Math.max(1, Math.min(SENSITIVITY_TURNS_MAX, Math.floor(SENSITIVITY_MACS_MAX / (rows * rowMacs))));
}

/**
 * Of this model and these rows alone: who submits them again, here or elsewhere, gets the same verdict. Nobody is named by this measurement;
 * what names somebody draws secretly (VF15).
 */
function randomOf({ sha256 }: ModelReference, rows: Float32Array): RandomSource {
  const hash = createHash("sha256").update(sha256);
  hash.update(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength));
  const digest = hash.digest();
  return randomAt(...([0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as [number, ...number[]]));
}

/** The larger of what two models of a job make of it. */
export function ofBoth(one: Tried, other: Tried): Tried {
  const larger = one.sensitivity.deviation >= other.sensitivity.deviation ? one : other;
  const apart = one.apart.map((difference, c) => Math.max(difference, other.apart[c]!));
  return { ...larger, apart, fixed: one.fixed && other.fixed && fixedOfBoth(one.fixed, other.fixed) };
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

/** Of each row. */
function deviations(own: Float32Array, other: Float32Array, { outputSize, scaleFloor }: TriedRows): number[] {
  return Array.from({ length: own.length / outputSize }, (_, row) => {
    const rowOf = (rows: Float32Array) => rows.subarray(row * outputSize, (row + 1) * outputSize);
    return Math.min(rowDeviation(rowOf(own), rowOf(other), scaleFloor), DEVIATION_MAX);
  });
}
