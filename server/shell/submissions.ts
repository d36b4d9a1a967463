/** Submissions on their way to becoming jobs: looked at, tried once, handed to the core, and answered when durable. */
import { ModelError } from "../../shared/compute/errors.ts";
import type { InferenceSubmission } from "../../shared/protocol/api.ts";
import { JOBS_ACTIVE_MAX, JOBS_DATA_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { NpyError } from "../../shared/protocol/npy.ts";
import type { JobData } from "../numerics/job-workspace.ts";
import type { NumericsExecutor } from "../numerics/numerics-executor.ts";
import { gatherRows } from "../numerics/numerics-tasks.ts";
import type { Store } from "../store/store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import type { Clock } from "./clock.ts";
import { describeJob, jobDataBytes, type ResolvedSource, SubmissionError } from "./job-loader.ts";

export interface SubmissionOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly executor: NumericsExecutor;
  /** Url-safe, 128 bits or more, from a cryptographic generator. */
  readonly makeToken: () => string;
  /** Where the built-in samples come from; puts what they need into the store. */
  readonly resolveSample: (
    source: Extract<InferenceSubmission["source"], { kind: "sample" }>,
  ) => Promise<ResolvedSource>;
}

/** What the shell does with a submission that is well. */
export interface SubmissionDesk {
  activeJobs(): number;
  /** Bytes that jobs at work hold. */
  heldBytes(): number;
  /** Holds its data and tells the core; the core's answer comes through `answer`. */
  accept(data: JobData): void;
}

export class Submissions {
  readonly #options: SubmissionOptions;
  readonly #desk: SubmissionDesk;
  /** Handed to the core, not answered yet: by job. */
  readonly #waiting = new Map<string, (problem: string | null) => void>();
  /** Submissions being looked at: they hold a place like jobs. */
  #submitting = 0;

  constructor(options: SubmissionOptions, desk: SubmissionDesk) {
    this.#options = options;
    this.#desk = desk;
  }

  /** The core has the job durable, or says why not. */
  answer(jobId: string, problem: string | null): void {
    const resolve = this.#waiting.get(jobId);
    this.#waiting.delete(jobId);
    resolve?.(problem);
  }

  refuseAll(problem: string): void {
    for (const jobId of [...this.#waiting.keys()]) this.answer(jobId, problem);
  }

  async submit(submission: InferenceSubmission): Promise<{ jobId: string } | ApiProblem> {
    const active = this.#desk.activeJobs() + this.#submitting;
    if (active >= JOBS_ACTIVE_MAX) {
      return {
        status: 503,
        code: "too-many-jobs",
        message: `expected fewer than ${JOBS_ACTIVE_MAX} jobs at work, got ${active}`,
      };
    }
    const { store, clock } = this.#options;
    const jobId = this.#options.makeToken();
    this.#submitting++;
    try {
      const source = await this.#resolve(submission.source);
      const data = await describeJob(store, jobId, submission, source, clock.nowMs());
      if (this.#desk.heldBytes() + jobDataBytes(data) > JOBS_DATA_BYTES_MAX) {
        const message = `expected jobs at work to hold at most ${JOBS_DATA_BYTES_MAX} bytes together; wait for one to end`;
        return { status: 503, code: "too-much-data", message };
      }
      const problem = await this.#tryModel(data);
      if (problem !== null) return problem;
      const answered = new Promise<string | null>((resolve) => this.#waiting.set(jobId, resolve));
      this.#desk.accept(data);
      const refusal = await answered;
      if (refusal === null) return { jobId };
      return { status: 503, code: "not-durable", message: `the job could not be written down: ${refusal}` };
    } catch (error) {
      if (error instanceof SubmissionError) return error.problem;
      if (error instanceof ModelError || error instanceof NpyError) {
        return { status: 422, code: error instanceof ModelError ? "bad-model" : "bad-tensor", message: error.message };
      }
      throw error;
    } finally {
      this.#submitting--;
    }
  }

  /** The coordinator answers the first query itself: what it cannot run, no volunteer is asked to. */
  async #tryModel({ model, source, job }: JobData): Promise<ApiProblem | null> {
    try {
      const outputs = await this.#options.executor.run("run", {
        model,
        inputs: gatherRows(source, Uint32Array.of(0)),
        rowCount: 1,
      });
      if (outputs.length === job.outputSize && outputs.every(Number.isFinite)) return null;
      return {
        status: 422,
        code: "bad-model",
        message: "expected finite outputs for the first query, got something else",
      };
    } catch (error) {
      return {
        status: 422,
        code: "bad-model",
        message: `the model cannot be run: ${error instanceof Error ? error.message : String(error)}`,
      };
    }
  }

  async #resolve(source: InferenceSubmission["source"]): Promise<ResolvedSource> {
    if (source.kind === "sample") return this.#options.resolveSample(source);
    const { modelSha256, queriesSha256, labelsSha256, inputScale } = source;
    return { modelSha256, queriesSha256, labelsSha256: labelsSha256 ?? null, inputScale };
  }
}
