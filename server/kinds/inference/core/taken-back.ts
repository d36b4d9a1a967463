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
export function takingBy(state: Pick<CoordinatorState, "volunteers">, source: BatchSource): Taking | null {
  return namingOf(state, [source.volunteerId, source.opinionBy]);
}

/** Of the first of these that is named; null: none is. */
export function namingOf(
  { volunteers }: Pick<CoordinatorState, "volunteers">,
  volunteerIds: readonly (string | null)[],
): Taking | null {
  for (const volunteerId of volunteerIds) {
    const quarantine = volunteerId === null ? null : (volunteers.get(volunteerId)?.quarantine ?? null);
    if (quarantine !== null) return { atMs: quarantine.atMs, volunteerId, reason: quarantine.reason };
  }
  return null;
}

/** Answers of one kind, as they stand: which taking is said of them, and are they final? */
export interface StandingAnswers {
  readonly count: number;
  readonly taking: Taking | null;
  readonly isFinal: boolean;
}

/** @returns each taking, the earliest first */
export function countTakings(standing: Iterable<StandingAnswers>): CountedTaking[] {
  const counted = new Map<string, CountedTaking>();
  for (const { count, taking, isFinal } of standing) {
    if (taking === null) continue;
    const key = takingKey(taking);
    const before = counted.get(key) ?? { ...taking, count: 0, finalAgain: 0 };
    const finalAgain = before.finalAgain + (isFinal ? count : 0);
    counted.set(key, { ...before, count: before.count + count, finalAgain });
  }
  return [...counted.values()].sort((a, b) => a.atMs - b.atMs);
}

/** Of one job no two differ in both. */
export function takingKey({ atMs, volunteerId }: Pick<Taking, "atMs" | "volunteerId">): string {
  return `${atMs} ${volunteerId ?? ""}`;
}
