/**
 * On which back-end a tab computes one model: on the one that it computes with anyway, or on a graphics card that its runtime has beside it. Cards
 * are often wrong, and silently, with some models alone; so each is tried with rows of the model's first batch. What is not within the
 * narrow tolerance is not taken, and of the right ones the faster is. Where the usual back-end is a card, and a processor gives other
 * answers than it, the card is the one that is wrong.
 */
import type { ModelChoice } from "../../shared/compute/compute-thread-api.ts";
import type { BackendName, LoadedModel } from "../../shared/compute/model-runtime.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";

/** Rows of the first batch that a trial computes, twice on each: the first time compiles. */
const TRIAL_ROWS_MAX = 4;

export interface Candidate {
  readonly backend: BackendName;
  /** Or why it cannot be had. */
  readonly model: LoadedModel | string;
}

export interface BackendTrial {
  readonly modelSha256: string;
  readonly base: { readonly backend: BackendName; readonly model: LoadedModel };
  readonly others: readonly Candidate[];
  /** Taken wherever it is right. */
  readonly forced: BackendName | null;
  nowMs(): number;
}

export interface ChosenModel {
  readonly backend: BackendName;
  readonly model: LoadedModel;
  readonly choice: ModelChoice;
}

/** Disposes of what is not taken. @param rows rowCount x inputSize, at least one */
export async function chooseBackend(trial: BackendTrial, rows: Float32Array, rowCount: number): Promise<ChosenModel> {
  const { base, forced, modelSha256 } = trial;
  const { inputSize, outputSize } = base.model.facts;
  const count = Math.min(rowCount, TRIAL_ROWS_MAX);
  const asked = rows.slice(0, count * inputSize);
  const own = await timed(trial, base.model, asked, count);
  let best = { ...base, msPerRow: own.msPerRow };
  let right = own.outputs;
  const tried: ModelChoice["tried"][number][] = [{ backend: base.backend, problem: null, msPerRow: own.msPerRow }];
  for (const { backend, model } of trial.others) {
    if (typeof model === "string") {
      tried.push({ backend, problem: model, msPerRow: null });
      continue;
    }
    const judgesBest = isCard(best.backend) && !isCard(backend);
    const { problem, msPerRow, outputs } = await attempted(async () => {
      const got = await timed(trial, model, asked, count);
      const tolerance = PRECISION_TOLERANCE[judgesBest ? "float16" : "float32"];
      return { ...got, problem: difference(right, got.outputs, outputSize, tolerance) };
    });
    const hasOutvoted = problem === OTHER_ANSWERS && judgesBest;
    if (hasOutvoted) tried[0] = { ...tried[0]!, problem };
    // Also where it agrees: the next card may compute finer than the first one, and is measured at the processor.
    if (judgesBest && (problem === null || hasOutvoted)) right = outputs!;
    tried.push({ backend, problem: hasOutvoted ? null : problem, msPerRow });
    const isRight = problem === null || hasOutvoted;
    const isTaken = isRight && msPerRow !== null && (hasOutvoted || backend === forced || msPerRow < best.msPerRow);
    (isTaken ? best.model : model).dispose();
    if (isTaken) best = { backend, model, msPerRow };
  }
  const { backend, model } = best;
  return { backend, model, choice: { modelSha256, backend, tried } };
}

const OTHER_ANSWERS = "other answers";

const isCard = (backend: BackendName) => backend === "webgl" || backend === "webgpu";

interface Attempt {
  readonly problem: string | null;
  readonly msPerRow: number | null;
  readonly outputs: Float32Array | null;
}

async function attempted(work: () => Promise<Attempt>): Promise<Attempt> {
  try {
    return await work();
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error), msPerRow: null, outputs: null };
  }
}

async function timed({ nowMs }: BackendTrial, model: LoadedModel, rows: Float32Array, rowCount: number) {
  const outputs = await model.run(rows, rowCount);
  const startedMs = nowMs();
  await model.run(rows, rowCount);
  return { outputs, msPerRow: (nowMs() - startedMs) / rowCount };
}

/** @returns what is wrong; null: all rows agree, or neither gives a number */
function difference(own: Float32Array, got: Float32Array, outputSize: number, tolerance: number): string | null {
  for (let at = 0; at < own.length; at += outputSize) {
    const row = own.subarray(at, at + outputSize);
    if (!row.every(Number.isFinite)) continue;
    if (!rowAgrees(row, got.subarray(at, at + outputSize), tolerance)) return OTHER_ANSWERS;
  }
  return null;
}
