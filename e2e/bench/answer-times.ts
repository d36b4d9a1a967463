/** When the answers of a job could be read, since it began: looked up in the coordinator's own state after every happening. */
import type { CoordinatorState } from "../../server/coordinator/state.ts";
import { rowsJob } from "../../server/kinds/inference/rows/core/rows-job.ts";

/** Of one job. */
interface Watched {
  readonly sinceMs: number;
  /** Places without an answer, and those that have an estimate alone. */
  readonly unanswered: Set<number>;
  readonly unowned: Set<number>;
}

export class AnswerTimes {
  /** One entry for each query, until it had an answer. */
  readonly firstMs: number[] = [];
  /** One entry for each query, until it had the model's own answer, of a tab or of the coordinator. */
  readonly ownMs: number[] = [];
  /** Of the first answers: estimates. */
  estimatedAtFirst = 0;
  readonly #jobs = new Map<string, Watched>();

  see(state: Pick<CoordinatorState, "jobs">, jobId: string, nowMs: number): void {
    const job = rowsJob(state, jobId);
    const ledger = job?.ledger ?? null;
    if (ledger === null) return;
    const watched = this.#jobs.get(jobId) ?? newlyWatched(ledger.counts.rows, nowMs);
    this.#jobs.set(jobId, watched);
    for (const place of watched.unowned) {
      const standing = ledger.stateOf(place);
      if (standing !== "answered" && standing !== "final") continue;
      // What the code answers is nobody's. What the coordinator has computed is final.
      const isOwn = standing === "final" || ledger.authorOf(place) !== null;
      if (watched.unanswered.delete(place)) {
        this.firstMs.push(nowMs - watched.sinceMs);
        if (!isOwn) this.estimatedAtFirst++;
      }
      if (!isOwn) continue;
      watched.unowned.delete(place);
      this.ownMs.push(nowMs - watched.sinceMs);
    }
  }
}

function newlyWatched(rows: number, sinceMs: number): Watched {
  const places = Array.from({ length: rows }, (_, place) => place);
  return { sinceMs, unanswered: new Set(places), unowned: new Set(places) };
}
