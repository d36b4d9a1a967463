/** Processor time of trusted work, by whoever caused it. */

export type Lane = "trial" | "check";

export interface Charged {
  readonly submitter: string;
  readonly job: string;
}

export interface TrustedTime extends Charged {
  readonly trialMs: number;
  readonly checkMs: number;
}

/** Jobs that are remembered one by one; what earlier ones cost stays in their submitter's sum. */
const JOBS_MAX = 1_000;

export class TrustedTimes {
  readonly #bySubmitter = new Map<string, Record<Lane, number>>();
  readonly #byJob = new Map<string, { submitter: string; ms: Record<Lane, number> }>();
  readonly #byLane: Record<Lane, number> = { trial: 0, check: 0 };

  add({ submitter, job }: Charged, lane: Lane, cpuMs: number): void {
    this.#byLane[lane] += cpuMs;
    const sum = this.#bySubmitter.get(submitter) ?? { trial: 0, check: 0 };
    sum[lane] += cpuMs;
    this.#bySubmitter.set(submitter, sum);
    const own = this.#byJob.get(job) ?? { submitter, ms: { trial: 0, check: 0 } };
    own.ms[lane] += cpuMs;
    this.#byJob.delete(job);
    this.#byJob.set(job, own);
    if (this.#byJob.size > JOBS_MAX) this.#byJob.delete(this.#byJob.keys().next().value!);
  }

  ofLane(lane: Lane): number {
    return this.#byLane[lane];
  }

  /** Processor milliseconds of each submitter, all its jobs together. */
  bySubmitter(): Map<string, number> {
    return new Map([...this.#bySubmitter].map(([submitter, { trial, check }]) => [submitter, trial + check]));
  }

  /** Of the latest jobs. */
  byJob(): TrustedTime[] {
    return [...this.#byJob].map(([job, { submitter, ms }]) => ({
      submitter,
      job,
      trialMs: ms.trial,
      checkMs: ms.check,
    }));
  }
}
