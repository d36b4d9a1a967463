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
import type { JobPlan, PlanRequest } from "../planner/plan-job.ts";
import type { AnswerRule } from "./answer-rule.ts";
import type { RoundEstimates } from "./held-out-estimates.ts";
import type { Neighbourhood } from "./neighbourhood.ts";
import type { QuerySource, SchemeReference } from "./query-source.ts";

export interface InferenceTasks extends CommonTasks {
  /** Directions of likeness among queries drawn from all of a job's. */
  sampledAxes: {
    input: { source: QuerySource; queryCount: number; sampleCount: number };
    /** width x D */
    output: { axes: Float64Array; width: number };
  };
  /** Some queries in an order of likeness, their groups in a secret order [CC4]. */
  orderOf: {
    input: {
      source: QuerySource;
      queries: Uint32Array;
      groupSize: number;
      axes: Float64Array;
      width: number;
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
    };
    output: {
      /** G x K x C and G x K, in the order of `rows` */
      outputs: Float32Array;
      how: Uint8Array;
      /** With `estimates`: what was compared, and where the estimates belong (estimate-codes.ts). */
      measured: Pick<RoundEstimates, "heldOut" | "better" | "codes"> | null;
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
  /** Which code a job is to have; no arrays, but about a second of computing. */
  plan: {
    input: PlanRequest;
    output: JobPlan;
  };
}

/** What goes to a task, and what comes back. */
export type InferenceInputs = { [Name in keyof InferenceTasks]: InferenceTasks[Name]["input"] };
export type InferenceOutputs = { [Name in keyof InferenceTasks]: InferenceTasks[Name]["output"] };
export type InferenceExecutor = NumericsExecutor<InferenceTasks>;
