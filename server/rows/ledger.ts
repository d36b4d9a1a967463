/** The ledger of rows: who is asked for which row, and why. What it offers; the class follows. */
import type { Claim, Joining, LedgerCounts, LedgerEffect, LedgerOptions, MayHave, RowState } from "./words.ts";

export declare class RowLedger {
  constructor(options: LedgerOptions);
  join(tab: Joining): void;
  leave(sessionId: string, nowMs: number): LedgerEffect[];
  take(sessionId: string, nowMs: number, mayHave?: MayHave): Claim | null;
  answer(claimId: number, items: readonly number[], nowMs: number): LedgerEffect[];
  leftOut(claimId: number, items: readonly number[], nowMs: number): LedgerEffect[];
  /** The tab failed at the claim, or gives it back. */
  release(claimId: number, nowMs: number): LedgerEffect[];
  tick(nowMs: number): LedgerEffect[];
  get nextDueMs(): number | null;
  /** Rows, or mixtures (SC4, mixtures that were wrong). @returns how many of them stood; each waits again with its next attempt */
  takeOut(items: Iterable<number>): number;
  /** The volunteer's sessions leave, what stands of it waits again for the established: effect `takenOut` says what. */
  name(volunteerId: string, nowMs: number): LedgerEffect[];
  /** The coordinator computed it. Whoever has it open may leave it out; a check of it that nobody began is dropped in silence. */
  makeExact(place: number, nowMs: number): LedgerEffect[];
  certify(places: Iterable<number> | "all"): void;
  /** @returns false where the row has no answer, or the volunteer is gone, wrote the answer or had the row before: draw another */
  check(place: number, volunteerId: string, nowMs: number): boolean;
  know(place: number, volunteerId: string): void;
  append(count: number): void;
  /** The oldest row of an open job has waited long enough: what is there is a smaller group. */
  flush(): void;
  /** No more rows are appended. */
  close(): void;
  stateOf(place: number): RowState;
  /** null: nobody, the coordinator (final) or the code (answered) */
  authorOf(place: number): string | null;
  attemptOf(place: number): number;
  /** Places whose answer that stands, final or not, is this volunteer's. */
  standingOf(volunteerId: string): Iterable<number>;
  groupOf(place: number): number;
  /** Claims of a session, the one it is at first. */
  claimsOf(sessionId: string): readonly Claim[];
  claimOf(claimId: number): Claim | null;
  readonly counts: LedgerCounts;
  /** Every row has an answer, and every vote a majority. */
  readonly isDone: boolean;
  /** How many volunteers a group needs at least (votes); 1 otherwise. */
  readonly volunteersNeeded: number;
  /** Steps of loops so far (EV5). */
  visits: number;
}
