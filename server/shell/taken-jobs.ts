/**
 * [CE3] [CE11] Jobs that the store has and that are to be gone on with here: each is begun once, however many ask for it, and tried again until it is. It is
 * durable, and nobody else will.
 */
import type { Clock } from "./clock.ts";

const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 60_000;

export interface TakenJobsHost {
  readonly clock: Clock;
  isAtWork(jobId: string): boolean;
  /** Begins them. @returns those that are not at work after that, and have not ended @throws Error where the store does not answer */
  begin(jobIds: readonly string[]): Promise<readonly string[]>;
  onProblem(message: string, error: unknown): void;
}

export class TakenJobs {
  readonly #host: TakenJobsHost;
  readonly #beginning = new Map<string, Promise<void>>();
  readonly #again = new Set<() => void>();
  #isClosed = false;

  constructor(host: TakenJobsHost) {
    this.#host = host;
  }

  /** @returns once all were begun, or tried for the first time; whoever asks while one is being begun waits for that */
  async take(jobIds: readonly string[], againMs = AGAIN_MS): Promise<void> {
    const underWay = jobIds.flatMap((jobId) => this.#beginning.get(jobId) ?? []);
    const fresh = jobIds.filter((jobId) => !this.#host.isAtWork(jobId) && !this.#beginning.has(jobId));
    const begun = fresh.length === 0 ? Promise.resolve() : this.#begin(fresh, againMs);
    for (const jobId of fresh) this.#beginning.set(jobId, begun);
    await Promise.all([begun, ...underWay]);
  }

  async #begin(jobIds: readonly string[], againMs: number): Promise<void> {
    const left = await this.#host.begin(jobIds).catch((error: unknown) => {
      this.#host.onProblem("could not go on with jobs of the store", error);
      return jobIds.filter((jobId) => !this.#host.isAtWork(jobId));
    });
    for (const jobId of jobIds) this.#beginning.delete(jobId);
    if (left.length === 0 || this.#isClosed) return;
    const { clock } = this.#host;
    const callOff = clock.at(clock.nowMs() + againMs, () => {
      this.#again.delete(callOff);
      void this.take(left, Math.min(2 * againMs, AGAIN_MS_MAX));
    });
    this.#again.add(callOff);
  }

  close(): void {
    this.#isClosed = true;
    for (const callOff of this.#again) callOff();
    this.#again.clear();
  }
}
