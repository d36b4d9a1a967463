/** One block of one job: the ledger of its rows and the checks of their answers. The class follows; this is what it offers. */
import type { CheckEffect, Comparison, DeviceJoins, TrustedWord, VolunteerFacts, Waits } from "./checked-rows-words.ts";

export declare class CheckedRows<Claim> {
  /** constructor({ ledger, terms | null, coinOf(place, attempt), partners, random, windowRows?: number | null, sampleBy?: "coordinator" | "crowd", stored?: StoredBlock }) */
  join(device: DeviceJoins): void;
  leave(sessionId: string, nowMs: number): CheckEffect[];
  take(
    sessionId: string,
    nowMs: number,
    mayHave?: (item: number, reason: string) => boolean,
  ): { claim: Claim | null; effects: CheckEffect[] };
  /** doubtful: items whose answer is not finite or whose label stays open: the coordinator computes each (rate 1) */
  answer(claimId: number, items: readonly number[], nowMs: number, doubtful?: readonly number[]): CheckEffect[];
  leftOut(claimId: number, items: readonly number[], nowMs: number): CheckEffect[];
  release(claimId: number, nowMs: number): CheckEffect[];
  tick(nowMs: number): CheckEffect[];
  get nextDueMs(): number | null;
  /** here or elsewhere: its rows are asked again; coins that were tossed are still answered */
  name(volunteerId: string, nowMs: number): CheckEffect[];
  takeOut(places: readonly number[], nowMs: number): CheckEffect[];
  recomputed(place: number, attempt: number, words: readonly TrustedWord[], nowMs: number): CheckEffect[];
  compared(
    place: number,
    attempt: number,
    author: string,
    second: string,
    what: Comparison,
    nowMs: number,
  ): CheckEffect[];
  comparedKnown(claimId: number, place: number, isRight: boolean, nowMs: number): CheckEffect[];
  /** more trusted rows for route 1 */
  recompute(places: readonly number[], nowMs: number): CheckEffect[];
  /** route 1 has bounds for these: final */
  settle(places: readonly number[], nowMs: number): CheckEffect[];
  /** what is unsettled, as the next block; terms null: refused, the block ends */
  askAgain(terms: unknown, places: readonly number[], nowMs: number): CheckEffect[];
  /** no more rows go out; coins that were tossed are answered; then notCertified */
  cancel(nowMs: number): CheckEffect[];
  factsOf(volunteerId: string): VolunteerFacts;
  volunteers(): Iterable<string>;
  readonly waits: Waits;
  readonly trustedRows: number;
  readonly duplicateRows: number;
  readonly isCharged: boolean;
}
