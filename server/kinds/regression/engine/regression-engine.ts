/**
 * What a regression adds to a coded run: from features and labels to the matrices that are coded, from products to scores,
 * residuals, gradients and weights. All arithmetic outside of the field is Float64.
 */

import type { RegressionEvaluation } from "../../../../shared/kinds/regression/evaluation.ts";
import type { RunProduct } from "../../../coded/core/run-events.ts";
import type {
  EngineJob,
  Evaluation,
  HeldArrays,
  KindNumerics,
  PreparedData,
} from "../../../coded/engine/kind-numerics.ts";
import { type Broadcast, joinBlocks, quantizeBroadcast } from "./broadcast.ts";
import { evaluationOf } from "./evaluation/evaluation-of.ts";
import { joinLimbs } from "./features.ts";
import { link } from "./link.ts";
import { descend, type OptimizerSettings, penalty, requireSettings, type Weights, zeroWeights } from "./optimizer.ts";
import { accuracyOf, evaluate, scoresOf } from "./predict.ts";
import { type PreparedTraining, prepareTraining, type TrainingInput } from "./prepare-training.ts";
import { type TableJob, TableNumerics } from "./table/table-numerics.ts";
import { type TrainingFiles, trainingInput } from "./training-data.ts";

export interface TrainingJob extends TrainingInput, EngineJob {
  readonly optimizer: OptimizerSettings;
}

/** The same with its data as it was uploaded. */
export interface RegressionFiles extends TrainingFiles, EngineJob {
  readonly optimizer: OptimizerSettings;
}

/** A job of before, and one that asks for no preparation, has no table. */
export function numericsOf(job: EngineJob): KindNumerics {
  if ("table" in job) return new TableNumerics(job as TableJob);
  const files = job as RegressionFiles;
  return new RegressionNumerics({ ...trainingInput(files), plan: files.plan, optimizer: files.optimizer });
}

/** Columns that are named in a note; more are counted. */
const COLUMNS_NAMED_MAX = 5;

export class RegressionNumerics implements KindNumerics {
  readonly #job: TrainingJob;
  #prepared: PreparedTraining | null;
  readonly #broadcasts: Partial<Record<RunProduct, Broadcast>> = {};
  #weights: Weights = zeroWeights(0);
  #scores: Float64Array = new Float64Array(0);
  #residuals: Float64Array = new Float64Array(0);
  #gradientSum: Float64Array = new Float64Array(0);

  /** @param prepared of the same data, from before */
  constructor(job: TrainingJob, prepared?: PreparedTraining) {
    this.#job = job;
    this.#prepared = prepared ?? null;
  }

  /** Checks and quantizes the data, unless that was done before. */
  prepare(): PreparedData {
    requireSettings(this.#job.optimizer);
    this.#prepared ??= prepareTraining(this.#job);
    const { quantized, transposed, targets, chunks } = this.#prepared;
    const { matrix, rows, columns, limbs, constantColumns } = quantized;
    this.#weights = zeroWeights(columns * targets.classes);
    this.#residuals = new Float64Array(rows * targets.classes);
    this.#gradientSum = new Float64Array(columns * targets.classes);
    return {
      matrices: {
        forward: { residues: matrix, rows: limbs * rows, columns },
        backward: { residues: transposed, rows: limbs * columns, columns: rows },
      },
      chunkCount: Math.max(chunks.forward.norms.length, chunks.backward.norms.length),
      notes: constantColumns.length > 0 ? [constantNote(constantColumns)] : [],
    };
  }

  /** Weights (forward) or residuals (backward). */
  vector(product: RunProduct): Broadcast {
    const { quantized, targets, chunks } = this.#data();
    const { classes } = targets;
    const { rows, columns } = quantized;
    const limbs = this.#job.rounding?.[product].limbs ?? 1;
    const broadcast =
      product === "forward"
        ? quantizeBroadcast(this.#scaled(this.#weights.lookahead), columns, classes, chunks.forward, limbs)
        : quantizeBroadcast(this.#residuals, rows, classes, chunks.backward, limbs);
    this.#broadcasts[product] = broadcast;
    return broadcast;
  }

  take(product: RunProduct, blocks: readonly Uint32Array[]): void {
    const { quantized } = this.#data();
    const broadcast = this.#broadcasts[product];
    if (broadcast === undefined) throw new Error(`RegressionNumerics: expected a ${product} vector to come first`);
    const { rows, columns, limbs, limbBits } = quantized;
    const all = joinBlocks(blocks, limbs * (product === "forward" ? rows : columns), broadcast);
    const joined = joinLimbs(all, limbs, limbBits);
    if (product === "forward") this.#scores = joined;
    else this.#gradientSum = this.#scaled(joined);
  }

  /** Residuals of the decoded scores. @returns the objective at the broadcast weights, and the share of rows they get right */
  link(): Evaluation {
    const { targets } = this.#data();
    const { kind, optimizer } = this.#job;
    const { residuals, loss } = link(kind, this.#scores, targets.values, targets.classes);
    this.#residuals = residuals;
    const accuracy = accuracyOf(kind, this.#scores, targets.values, targets.classes);
    return { loss: loss + penalty(this.#weights.lookahead, optimizer.l2), accuracy };
  }

  /** @returns how the new weights do on the held-out rows; null where there are none */
  update(): Evaluation | null {
    const { quantized, targets, validationTargets } = this.#data();
    this.#weights = descend(this.#weights, this.#gradientSum, quantized.rows, this.#job.optimizer);
    const { kind, validation } = this.#job;
    if (validation === undefined || validationTargets === null) return null;
    return evaluate(kind, validation.features, validationTargets, this.#weights.weights, targets.classes);
  }

  checkpoint(): Weights {
    const { weights, lookahead } = this.#weights;
    return { weights: weights.slice(), lookahead: lookahead.slice() };
  }

  restore({ arrays }: HeldArrays): void {
    const { weights, lookahead } = arrays as Weights;
    this.#weights = { weights: weights.slice(), lookahead: lookahead.slice() };
  }

  /** On the rows held out; without any, on those that it learned from. */
  evaluation({ iteration, arrays }: HeldArrays): RegressionEvaluation | null {
    const { targets, validationTargets } = this.#data();
    const { kind, validation, features } = this.#job;
    const scores = scoresOf(validation?.features ?? features, arrays.weights!, targets.classes);
    const known = validationTargets ?? targets.values;
    return evaluationOf(kind, scores, known, targets, { weightsOf: iteration, isHeldOut: validation !== undefined });
  }

  /** Row j of a d x C matrix divided by the scale of feature j: weights on their way out, gradients on their way in. */
  #scaled(values: Float64Array): Float64Array {
    const { quantized, targets } = this.#data();
    const { classes } = targets;
    return values.map((value, i) => value / quantized.scales[Math.floor(i / classes)]!);
  }

  #data(): PreparedTraining {
    if (this.#prepared === null) throw new Error("RegressionNumerics: expected prepare to come first");
    return this.#prepared;
  }
}

function constantNote(columns: readonly number[]): string {
  const named = columns.slice(0, COLUMNS_NAMED_MAX).join(", ");
  const rest = columns.length - COLUMNS_NAMED_MAX;
  const which = rest > 0 ? `${named} and ${rest} more` : named;
  return `The same number stands in every row of column ${which}: an intercept, or of no use.`;
}
