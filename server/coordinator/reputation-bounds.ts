/** What a volunteer's record is worth. The formulas stand in shared/verify/audit-bounds.ts. */
import type { CoordinatorState } from "./state.ts";
import { countRecord, isOfLongStanding, type LiarShares, liarSharesOf } from "./verified-work.ts";

/** [VF13] The shares of liars to reckon with: estimated from who was caught, never below the floor. */
export function liarShares(state: CoordinatorState): LiarShares {
  return liarSharesOf(state.verifiedWork);
}

/** [VF13] [TB1] As they were reckoned with until a naming at this time: whoever was named then, or later, had what it had passed. */
export function liarSharesBefore({ verifiedWork, volunteers }: CoordinatorState, atMs: number): LiarShares {
  const { newcomers, established } = verifiedWork;
  const work = { newcomers: { ...newcomers }, established: { ...established } };
  for (const volunteer of volunteers.values()) {
    if (volunteer.quarantine === null || volunteer.quarantine.atMs < atMs) continue;
    countRecord(work, volunteer, -1);
    countRecord(work, { ...volunteer, quarantine: null }, 1);
  }
  return liarSharesOf(work);
}

/** The share of liars among those with such a record. */
export function shareFor(shares: LiarShares, auditsPassed: number): number {
  return isOfLongStanding(auditsPassed) ? shares.established : shares.newcomers;
}

export function isQuarantined(state: CoordinatorState, volunteerId: string): boolean {
  return state.volunteers.get(volunteerId)?.quarantine != null;
}
