import type { JobView } from "../kinds/kinds.ts";

/** The job ended without what was waited for: it failed or was cancelled. */
export class JobEndedError extends Error {
  override readonly name = "JobEndedError";
  readonly job: JobView;

  constructor(job: JobView) {
    super(
      `job ${job.jobId} ${job.state === "cancelled" ? "was cancelled" : `failed: ${job.error ?? "no reason given"}`}`,
    );
    this.job = job;
  }
}
