/**
 * What goes to a task of numerics, and what comes back.
 *
 * G groups of K queries, D = inputSize, C = outputSize, N worker indices.
 */

import type { PrecisionClass } from "../../shared/verify/compare-rows.ts";
import type { EstimateTally } from "../../shared/verify/estimate-confidence.ts";
import type { StreamWindow } from "../kinds/inference/core/round-schedule.ts";
import type { AnswerRule } from "../kinds/inference/engine/answer-rule.ts";
import type { AuditBatch, BatchAudit } from "../kinds/inference/engine/audit-batches.ts";
import type { RoundEstimates } from "../kinds/inference/engine/held-out-estimates.ts";
import type { LocatedWorker } from "../kinds/inference/engine/locate-suspects.ts";
import type { Neighbourhood, QueryFeatures } from "../kinds/inference/engine/neighbourhood.ts";
import type { JobPlan, PlanRequest } from "../kinds/inference/planner/plan-job.ts";
import type { FeatureSource } from "../kinds/regression/engine/features.ts";
import type { ModelKind } from "../kinds/regression/engine/targets.ts";
import type { ModelReference, QuerySource, SchemeReference } from "./numerics-references.ts";

export interface TaskInputs {
  /** Which code a job is to have; no arrays, but a hundred rehearsals. */
  plan: PlanRequest;
  /** Of a trained regression; see predictionsOf. weights: columns x C */
  predict: { kind: ModelKind; features: FeatureSource; weights: Float64Array; classes: number };
  features: { source: QuerySource; queryCount: number };
  order: { features: QueryFeatures; queryCount: number; groupSize: number };
  /** Directions of likeness among the first queries of a stream; order: query numbers, whose features are wanted with them. */
  axes: { source: QuerySource; queryCount: number; order: Uint32Array };
  /** The queries of one window of a stream; axes: width x D. */
  arrange: { source: QuerySource; window: StreamWindow; groupSize: number; axes: Float64Array; width: number };
  encode: {
    scheme: SchemeReference;
    source: QuerySource;
    /** G x K query indices; padding repeats the last query. */
    rows: Uint32Array;
    placements: Uint32Array | null;
    groupCount: number;
    /** Coded rows are rounded to half-precision multiples of the source's scale, as they travel; else they stay float32. */
    toHalf: boolean;
  };
  /** Batches of one model, which is asked once for the checked rows of them all. */
  audit: { model: ModelReference; batches: readonly AuditBatch[] };
  decode: {
    scheme: SchemeReference;
    arrived: number[];
    /** |arrived| batches of G x C */
    batches: Float32Array[];
    placements: Uint32Array | null;
    groupCount: number;
    outputSize: number;
    rule: AnswerRule;
    /** What estimates are made and measured with; null: the code's own is all there is, and nobody measures it. */
    estimates: { ownRows: number; neighbourhood: Neighbourhood | null; earlier: EstimateTally } | null;
    /** Recompute rows that disagree with an estimate that can be believed; rows are those of `encode`. */
    suspects: { model: ModelReference; source: QuerySource; rows: Uint32Array; precisions: PrecisionClass[] } | null;
    /** With suspects: so many of the first `among` rows, drawn at random, are answered by the coordinator itself. */
    spotChecks: { count: number; among: number } | null;
  };
  recompute: {
    model: ModelReference;
    rule: AnswerRule;
    source: QuerySource;
    rows: Uint32Array;
    /** |rows| x C, as answered */
    outputs: Float32Array;
    precisions: PrecisionClass[];
  };
  /** A probe's rows, or the trial of a model at submission. */
  run: { model: ModelReference; inputs: Float32Array; rowCount: number };
}

export interface TaskOutputs {
  /** n classes, or numbers (linear) */
  predict: Float64Array;
  features: QueryFeatures;
  order: Uint32Array;
  /** width x D, and |order| x width in shared memory */
  axes: { axes: Float64Array; width: number; features: Float32Array };
  /** Query numbers in their order, and n x width in that order. */
  arrange: { order: Uint32Array; features: Float32Array };
  /** N batches of G x D; those of workers that hold queries as they are, are empty. */
  encode: Float32Array[];
  /** In the order of the batches. */
  audit: BatchAudit[];
  decode: {
    /** G x K x C and G x K, in the order of `rows` */
    outputs: Float32Array;
    how: Uint8Array;
    /** With `estimates`: what was compared, and where the estimates belong (estimate-codes.ts). */
    measured: Pick<RoundEstimates, "heldOut" | "better" | "codes"> | null;
    /** Of the spot checks, how many there were and in how many the estimate agreed. */
    spots: { agreed: number; total: number };
    suspectAudits: { workerIndex: number; checked: number; failed: number }[];
    /** With suspects: whose results do not fit the others, and where. */
    located: LocatedWorker[];
    /** G x K flags: rows that were recomputed here and agreed; `outputs` holds the coordinator's own for them. */
    checkedRows: Uint8Array;
    /** N entries: in how many groups the scheme itself outvoted, or located, the result of a worker index. */
    rejectedCounts: Uint32Array;
  };
  /** failedRows: flags. ownOutputs: what the coordinator itself computed. */
  recompute: { failedRows: Uint8Array; ownOutputs: Float32Array };
  run: Float32Array;
  plan: JobPlan;
}

export type TaskName = keyof TaskInputs;
