/** What the web asks of inference jobs alone: answers, and queries that are posted to streams. */
import type { Readable } from "node:stream";
import type { ModelInput } from "../../../shared/compute/model-runtime.ts";
import type { AnswerFilter, AnswersPage, AnswerView } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { RedoStarted, RedoWhich } from "../../../shared/kinds/inference/redo.ts";
import type { QueriesPosted } from "../../../shared/kinds/inference/stream.ts";
import type { Submission } from "../../../shared/kinds/kinds.ts";
import type { JobSubmitted } from "../../../shared/protocol/job-api.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import type { CountedTaking } from "./core/taken-back.ts";

/** Every answer of a job, one entry a query of the job. C = outputSize. */
export interface AllAnswers {
  readonly queryCount: number;
  readonly outputSize: number;
  /** queryCount x C; rows of missing answers are not read. */
  readonly outputs: Float32Array;
  /** argmax of each row; null: a regression has none */
  readonly labels: Int32Array | null;
  /** Index in ANSWER_MARKS. */
  readonly marks: Uint8Array;
  /** 1: final. */
  readonly final: Uint8Array;
  /** 1: its label is open within the tolerance that it was checked with. */
  readonly labelAmbiguous: Uint8Array;
  /** As AnswerView.bound and .confidence; NaN stands for null. */
  readonly bounds: Float64Array;
  readonly confidences: Float64Array;
}

/** A query as it was posted to a stream: its numbers, row-major, or why there are none. */
export type PostedQuery = { readonly values: ArrayLike<number> } | { readonly problem: string };

/** What a reader of a job's answers has to know, without looking at them. */
export type Standing = Pick<InferenceJobView, "state" | "finishedMs" | "queryCount" | "error" | "completion"> & {
  readonly inputSize: number;
  /** Where a query is several inputs or whole numbers: what it is made of, in order. */
  readonly inputs?: readonly ModelInput[];
};

/** How what is made of a job of somebody's is taken in in the same name. */
export interface RedoIntake {
  /** @returns its sha-256 */
  put(bytes: Uint8Array): Promise<string>;
  submit(
    submission: Submission,
    submit: (named: Submission, jobId: string) => Promise<JobSubmitted | ApiProblem>,
  ): Promise<JobSubmitted | ApiProblem>;
}

export interface InferencePort {
  /** null: there is no such inference job. */
  standing(jobId: string): Standing | null;
  /**
   * Queries for a stream; those that do not fit are named, and the others taken.
   * @param at the index that the first one taken is to have; what was taken before is not taken twice. null: behind the last one
   */
  postQueries(jobId: string, queries: readonly PostedQuery[], at: number | null): Promise<QueriesPosted | ApiProblem>;
  /** [VF14] A suspended job goes on, and nothing checks its answers. false: it is not suspended. */
  goOnUnchecked(jobId: string): boolean;
  /** Calls back when answers of this job may have changed, and when it has ended. @returns stops that */
  watchAnswers(jobId: string, changed: () => void): () => void;
  /** null: there is no such inference job. */
  /** @param only which of them; offset and limit count these */
  answers(jobId: string, offset: number, limit: number, only?: AnswerFilter): Promise<AnswersPage | null>;
  /** These queries of an inference job as they were submitted. null: there is no such job, or its queries are not kept. */
  queries(jobId: string, indices: readonly number[]): Promise<NpyArray | null>;
  /** What its submitter left with it of names, as it was uploaded. null: there is no such job, or nothing was left. */
  keptNames(jobId: string): Promise<Readable | null>;
  /** [TB3] Of these queries. null: there is no such inference job. */
  answersTo(jobId: string, queries: readonly number[]): Promise<AnswerView[] | null>;
  /** [TB1] Namings that took back answers that were final, the earliest first, at a cost that does not grow with the answers. */
  takings(jobId: string): Promise<CountedTaking[] | null>;
  /** [TB3] The queries of each, ascending, by takingKey. */
  queriesTakenBack(jobId: string): Promise<ReadonlyMap<string, readonly number[]> | null>;
  /** @param isMerged [TB4] with those of jobs that did rows of it again in their place */
  allAnswers(jobId: string, isMerged?: boolean): Promise<AllAnswers | null>;
  /** [TB4] Has answers that are not final done again. */
  redo(jobId: string, which: RedoWhich, intake: RedoIntake): Promise<RedoStarted | ApiProblem>;
}
