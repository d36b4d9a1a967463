/** What is done now and then: uploads expire, and blobs that nothing refers to are collected. */
import { COLLECTION_EVERY_MS, UPLOAD_RETENTION_DAYS } from "../../shared/protocol/limits.ts";
import type { Belongings } from "../access/belongings.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { hashesIn } from "../store/blob-references.ts";
import type { Store } from "../store/store.ts";

const DAY_MS = 86_400_000;

export interface HousekeepingOptions {
  readonly store: Pick<Store, "collectBlobs">;
  readonly belongings: Belongings;
  readonly state: CoordinatorState;
  readonly nowMs: () => number;
  readonly onCollected: (collected: { blobs: number; bytes: number }) => void;
  readonly onProblem: (message: string, error: unknown) => void;
}

export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: HousekeepingOptions, everyMs = COLLECTION_EVERY_MS) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), everyMs);
    this.#timer.unref();
  }

  /** Never throws: what could not be done is done the next time. */
  async look(): Promise<void> {
    const { store, belongings, state, nowMs, onCollected, onProblem } = this.#options;
    // Records wait to be written: what they refer to is not known to the store yet.
    if (state.storeProblem !== null) return;
    try {
      await belongings.expireUploads();
      const kept = belongings.retainedUploads();
      for (const sha256 of hashesInState(state)) kept.add(sha256);
      onCollected(await store.collectBlobs(kept, nowMs() - UPLOAD_RETENTION_DAYS * DAY_MS));
    } catch (error) {
      onProblem("housekeeping was not finished", error);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** Of jobs at work: some may not be written yet. */
export function hashesInState(state: CoordinatorState): string[] {
  const jobs = [...state.jobs.values()].map(({ stored }) => stored);
  return jobs.flatMap((job) => (job.finishedMs === null ? hashesIn(job) : []));
}
