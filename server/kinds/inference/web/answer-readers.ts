/** Whoever reads events of a job's answers: how many there may be. */
import type { ServerResponse } from "node:http";
import { ANSWER_READERS_MAX, ANSWER_READERS_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { Bell } from "../../../web/event-stream.ts";
import type { InferencePort } from "../port.ts";

export interface ReaderTimes {
  readonly beatMs: number;
  readonly stuckMs: number;
}

/** Readers of all jobs; each costs a look at every change. */
export class Readers {
  readonly #byJob = new Map<string, Set<Bell>>();
  #count = 0;

  /** @returns rings at each change until the connection closes @throws ApiFailure where there are too many */
  bellFor(desk: Pick<InferencePort, "watchAnswers">, jobId: string, connection: ServerResponse): Bell {
    const bell = this.seatFor(jobId, connection);
    connection.once(
      "close",
      desk.watchAnswers(jobId, () => bell.ring()),
    );
    return bell;
  }

  /** As bellFor, of a job whose changes nobody here hears of: it rings at the end alone. @throws ApiFailure */
  seatFor(jobId: string, connection: ServerResponse): Bell {
    const bell = new Bell();
    const leave = this.#enter(jobId, bell);
    connection.once("close", () => {
      leave();
      bell.end();
    });
    return bell;
  }

  /** @returns leaves */
  #enter(jobId: string, bell: Bell): () => void {
    const ofJob = this.#byJob.get(jobId) ?? new Set();
    if (ofJob.size >= ANSWER_READERS_PER_JOB_MAX || this.#count >= ANSWER_READERS_MAX) {
      const [max, of] =
        ofJob.size >= ANSWER_READERS_PER_JOB_MAX
          ? [ANSWER_READERS_PER_JOB_MAX, "this job"]
          : [ANSWER_READERS_MAX, "all jobs"];
      throw new ApiFailure(429, "too-many-readers", `expected at most ${max} readers of ${of} at once, got one more`);
    }
    this.#byJob.set(jobId, ofJob.add(bell));
    this.#count++;
    return () => {
      if (!ofJob.delete(bell)) return;
      this.#count--;
      if (ofJob.size === 0) this.#byJob.delete(jobId);
    };
  }

  endAll(): void {
    for (const bells of this.#byJob.values()) for (const bell of bells) bell.end();
  }
}
