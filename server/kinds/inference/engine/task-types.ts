/**
 * What goes to the tasks of inference jobs, and what comes back.
 *
 * G groups of K queries, D = inputSize, C = outputSize, N worker indices.
 */

import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import type { EstimateTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { NumericsExecutor } from "../../../numerics/numerics-executor.ts";
import type { ModelReference } from "../../../numerics/numerics-references.ts";
import type { CommonTasks } from "../../../numerics/tasks.ts";
import type { StreamWindow } from "../core/round-schedule.ts";
import type { JobPlan, PlanRequest } from "../planner/plan-job.ts";
import type { AnswerRule } from "./answer-rule.ts";
import type { AuditBatch, BatchAudit } from "./audit-batches.ts";
import type { RoundEstimates } from "./held-out-estimates.ts";
import type { LocatedWorker } from "./locate-suspects.ts";
import type { Neighbourhood, QueryFeatures } from "./neighbourhood.ts";
import type { QuerySource, SchemeReference } from "./query-source.ts";

export interface InferenceTasks extends CommonTasks {
  features: {
    input: { source: QuerySource; queryCount: number };
    output: QueryFeatures;
  };
  order: {
    input: { features: QueryFeatures; queryCount: number; groupSize: number };
    output: Uint32Array;
  };
  /** Directions of likeness among the first queries of a stream; order: query numbers, whose features are wanted with them. */
  axes: {
    input: { source: QuerySource; queryCount: number; order: Uint32Array };
    /** width x D, and |order| x width in shared memory */
    output: { axes: Float64Array; width: number; features: Float32Array };
  };
  /** The queries of one window of a stream; axes: width x D. */
  arrange: {
    input: { source: QuerySource; window: StreamWindow; groupSize: number; axes: Float64Array; width: number };
    /** Query numbers in their order, and n x width in that order. */
    output: { order: Uint32Array; features: Float32Array };
  };
  /** Directions of likeness among queries drawn from all of a job's. */
  sampledAxes: {
    input: { source: QuerySource; queryCount: number; sampleCount: number };
    /** width x D */
    output: { axes: Float64Array; width: number };
  };
  /** Some queries in an order of likeness; isDealt: their groups in a secret order [CC4]. */
  orderOf: {
    input: {
      source: QuerySource;
      queries: Uint32Array;
      groupSize: number;
      axes: Float64Array;
      width: number;
      isDealt: boolean;
    };
    output: Uint32Array;
  };
  /** Where queries lie: n x width, in shared memory. */
  project: {
    input: { source: QuerySource; queries: Uint32Array; axes: Float64Array };
    output: Float32Array;
  };
  encode: {
    input: {
      scheme: SchemeReference;
      source: QuerySource;
      /** G x K query indices; padding repeats the last query. */
      rows: Uint32Array;
      placements: Uint32Array | null;
      groupCount: number;
      /** Coded rows are rounded to half-precision multiples of the source's scale, as they travel; else they stay float32. */
      toHalf: boolean;
    };
    /** N batches of G x D; those of workers that hold queries as they are, are empty. */
    output: Float32Array[];
  };
  /** Batches of one model, which is asked once for the checked rows of them all. */
  audit: {
    input: { model: ModelReference; batches: readonly AuditBatch[] };
    /** In the order of the batches. */
    output: BatchAudit[];
  };
  decode: {
    input: {
      scheme: SchemeReference;
      arrived: number[];
      /** |arrived| batches of G x C */
      batches: Float32Array[];
      placements: Uint32Array | null;
      groupCount: number;
      outputSize: number;
      rule: AnswerRule;
      /** What estimates are made and measured with; null: the code's own is all there is, and nobody measures it. */
      estimates: {
        ownRows: number;
        neighbourhood: Neighbourhood | null;
        earlier: EstimateTally;
        /** See RoundResults. */
        typicalMargin?: number;
      } | null;
      /** Recompute rows that disagree with an estimate that can be believed; rows are those of `encode`. */
      suspects: {
        model: ModelReference;
        source: QuerySource;
        rows: Uint32Array;
        precisions: BackendClass[];
        /** [SL6] See slotsByRow. */
        slots: Uint16Array | null;
      } | null;
      /** With suspects: so many of the first `among` rows, drawn at random, are answered by the coordinator itself. */
      spotChecks: { count: number; among: number } | null;
    };
    output: {
      /** G x K x C and G x K, in the order of `rows` */
      outputs: Float32Array;
      how: Uint8Array;
      /** With `estimates`: what was compared, and where the estimates belong (estimate-codes.ts). */
      measured: Pick<RoundEstimates, "heldOut" | "better" | "codes"> | null;
      /** Of the spot checks, how many there were and in how many the estimate agreed. */
      spots: { agreed: number; total: number };
      /** By slot. differing: which of `rows` differ, and what was computed here for them. */
      suspectAudits: {
        workerIndex: number;
        checked: number;
        failed: number;
        differing: { row: number; expected: Float32Array }[];
      }[];
      /** With suspects: whose results do not fit the others, and where. */
      located: LocatedWorker[];
      /** G x K flags: rows that were recomputed here and agreed; `outputs` holds the coordinator's own for them. */
      checkedRows: Uint8Array;
      /** N entries: in how many groups the scheme itself outvoted, or located, the result of a worker index. */
      rejectedCounts: Uint32Array;
    };
  };
  recompute: {
    input: {
      model: ModelReference;
      rule: AnswerRule;
      source: QuerySource;
      rows: Uint32Array;
      /** |rows| x C, as answered */
      outputs: Float32Array;
      precisions: BackendClass[];
      /** outputs are volunteers' answers, with which a machine beside the coordinator may agree; else the rows are computed here. */
      isAnswered: boolean;
    };
    /** failedRows: flags. ownOutputs: what the coordinator itself computed. */
    output: { failedRows: Uint8Array; ownOutputs: Float32Array };
  };
  /** Which code a job is to have; no arrays, but a hundred rehearsals. */
  plan: {
    input: PlanRequest;
    output: JobPlan;
  };
}

/** What goes to a task, and what comes back. */
export type InferenceInputs = { [Name in keyof InferenceTasks]: InferenceTasks[Name]["input"] };
export type InferenceOutputs = { [Name in keyof InferenceTasks]: InferenceTasks[Name]["output"] };
export type InferenceExecutor = NumericsExecutor<InferenceTasks>;
