/** Whoever reads events of a job's answers: how many there may be. */
import type { ServerResponse } from "node:http";
import { Shares } from "../../../../shared/control/shares.ts";
import { ANSWER_READERS_MAX, ANSWER_READERS_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { Bell } from "../../../web/event-stream.ts";
import type { InferencePort } from "../port.ts";

export interface ReaderTimes {
  readonly beatMs: number;
  readonly stuckMs: number;
}

/** Readers of all jobs; each costs a look at every change. Submitters share the seats (shared/control/shares.ts). */
export class Readers {
  readonly #byJob = new Map<string, Set<Bell>>();
  readonly #seats = new Shares(ANSWER_READERS_MAX);

  /** @param party who reads @returns rings at each change until the connection closes @throws ApiFailure where there are too many */
  bellFor(desk: Pick<InferencePort, "watchAnswers">, jobId: string, party: string, connection: ServerResponse): Bell {
    const bell = this.seatFor(jobId, party, connection);
    connection.once(
      "close",
      desk.watchAnswers(jobId, () => bell.ring()),
    );
    return bell;
  }

  /** As bellFor, of a job whose changes nobody here hears of: it rings at the end alone. @throws ApiFailure */
  seatFor(jobId: string, party: string, connection: ServerResponse): Bell {
    const bell = new Bell();
    const leave = this.#enter(jobId, party, bell);
    connection.once("close", () => {
      leave();
      bell.end();
    });
    return bell;
  }

  /** @returns leaves */
  #enter(jobId: string, party: string, bell: Bell): () => void {
    const ofJob = this.#byJob.get(jobId) ?? new Set();
    if (ofJob.size >= ANSWER_READERS_PER_JOB_MAX) throw tooMany(`${ANSWER_READERS_PER_JOB_MAX} readers of this job`);
    const giveBack = this.#seats.take(party, 1);
    if (giveBack === null) throw tooMany(`${this.#seats.held.get(party) ?? 0} readers of one submitter`);
    this.#byJob.set(jobId, ofJob.add(bell));
    return () => {
      giveBack();
      ofJob.delete(bell);
      if (ofJob.size === 0 && this.#byJob.get(jobId) === ofJob) this.#byJob.delete(jobId);
    };
  }

  endAll(): void {
    for (const bells of this.#byJob.values()) for (const bell of bells) bell.end();
  }
}

function tooMany(most: string): ApiFailure {
  return new ApiFailure(429, "too-many-readers", `expected at most ${most} at once, got one more`);
}
