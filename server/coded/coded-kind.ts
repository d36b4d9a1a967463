/** What a kind of job that works in coded rounds says of itself to the desk that all of them share (desk.ts). */
import type { JobView, Receipt } from "../../shared/kinds/kinds.ts";
import type { JobCodec } from "../store/store.ts";
import type { RunCost } from "./core/run-cost.ts";
import type { CodedRunJob } from "./core/run-job.ts";
import type { RunPlan } from "./core/run-plan.ts";
import type { EngineModule } from "./engine/coded-engine.ts";
import type { EngineJob, NamedArrays } from "./engine/kind-numerics.ts";
import type { RunRecord } from "./records.ts";
import type { CodedReceiptBody, RunView } from "./views.ts";

/** What every run begins with, whatever its data: its record beside this is what its kind found in the submission. */
export type RunBeginning = Omit<RunRecord, "jobId" | "submission" | "shape" | "settings">;

export interface CodedKind<R extends RunRecord = RunRecord> {
  readonly name: R["submission"]["kind"];
  readonly codec: JobCodec<R>;
  readonly engine: EngineModule;
  /** As many blocks as the data can be cut into. @throws as describe */
  blocks(submission: R["submission"]): Promise<number>;
  /**
   * What the data of a submission comes to; everything that can be wrong with it is said here, at once.
   * @returns with notes: what the submitter should know before the job starts
   * @throws SubmissionError, DataError, CodingError or NpyError, with words for the submitter
   */
  describe(
    submission: R["submission"],
    plan: RunPlan,
  ): Promise<Omit<R, "jobId" | "submission" | keyof RunBeginning> & { readonly notes: string[] }>;
  /** What it would cost; built-in samples are not read. @returns `facts`: what the estimate of this kind has besides. @throws as describe */
  cost(submission: R["submission"], plan: RunPlan): Promise<{ readonly cost: RunCost; readonly facts: object }>;
  /** What the engine is made for, with the files of the job. @param read throws where a blob is not there */
  engineJob(record: R, plan: RunPlan, read: (sha256: string) => Promise<Uint8Array>): Promise<EngineJob>;
  /** Entries of what is uploaded and coded. */
  entries(record: R): number;
  view(job: CodedRunJob & { readonly stored: R }, common: RunView): JobView;
  /** What of a durable checkpoint the receipt hashes; null: it is no result. */
  result(record: R, arrays: NamedArrays): Float64Array | null;
  /** @param resultSha256 null: there is no result */
  receipt(record: R, common: CodedReceiptBody, resultSha256: string | null): Receipt;
}
