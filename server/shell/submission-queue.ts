/** Submissions on their way to becoming jobs: counted, handed to the core by their kind, and answered when durable. */
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { submissionProblem } from "./submission-problem.ts";

/** How many jobs of one sort may be at work. */
export interface JobLimit {
  /** What they are called, for the message. */
  readonly of: string;
  readonly active: number;
  readonly activeMax: number;
}

export class SubmissionQueue {
  /** Handed to the core, not answered yet: by job. */
  readonly #waiting = new Map<string, (problem: string | null) => void>();
  /** Submissions being looked at: they hold a place like jobs. */
  readonly #lookedAt = new Map<string, number>();

  /**
   * @param begin looks at it and hands it to the core; it throws what submissionProblem knows. @returns what the submitter is told
   * @returns once the core has the job durable, or says why not
   */
  async submit(
    jobId: string,
    { of, active, activeMax }: JobLimit,
    begin: () => Promise<JobSubmitted>,
  ): Promise<JobSubmitted | ApiProblem> {
    const lookedAt = this.#lookedAt.get(of) ?? 0;
    if (active + lookedAt >= activeMax) {
      const message = `expected fewer than ${activeMax} ${of} at work, got ${active + lookedAt}`;
      return { status: 503, code: "too-many-jobs", message };
    }
    this.#lookedAt.set(of, lookedAt + 1);
    try {
      const answered = new Promise<string | null>((resolve) => this.#waiting.set(jobId, resolve));
      const submitted = await begin();
      const refusal = await answered;
      if (refusal === null) return submitted;
      return { status: 503, code: "not-durable", message: `the job could not be written down: ${refusal}` };
    } catch (error) {
      this.#waiting.delete(jobId);
      return submissionProblem(error);
    } finally {
      this.#lookedAt.set(of, this.#lookedAt.get(of)! - 1);
    }
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
}
