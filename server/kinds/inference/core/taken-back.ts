/** Answers that were final and are not any more, and by whose naming. SPEC.md TB rules. */
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { BatchSource } from "./batch-source.ts";

/** Why `final` was taken back of answers: all that one naming took back in a job. */
export interface Taking {
  readonly atMs: number;
  /** Who was named; null: nobody was, the job turned out to be one that nothing can check. */
  readonly volunteerId: string | null;
  readonly reason: string;
}

/** So many answers of a job lost their `final` by it; of so many what stands now is final again. */
export interface CountedTaking extends Taking {
  readonly count: number;
  readonly finalAgain: number;
}

/**
 * [TB1] Of an answer that would be final were nobody named, and is not: the naming that says so, of whoever gave it, else of whoever alone
 * had vouched for it.
 * @returns null: nobody who had to do with it is named
 */
export function takingBy({ volunteers }: Pick<CoordinatorState, "volunteers">, source: BatchSource): Taking | null {
  for (const volunteerId of [source.volunteerId, source.opinionBy]) {
    const quarantine = volunteerId === null ? null : (volunteers.get(volunteerId)?.quarantine ?? null);
    if (quarantine !== null) return { atMs: quarantine.atMs, volunteerId, reason: quarantine.reason };
  }
  return null;
}

/** Of one job no two differ in both. */
export function takingKey({ atMs, volunteerId }: Pick<Taking, "atMs" | "volunteerId">): string {
  return `${atMs} ${volunteerId ?? ""}`;
}
