/** What a volunteer's record is worth. The formulas stand in shared/verify/audit-bounds.ts. */
import { LIAR_SHARE_FLOOR } from "../../shared/protocol/limits.ts";
import { auditsNeeded, liarShareEstimate } from "../../shared/verify/audit-bounds.ts";
import type { CoordinatorState, Volunteer } from "./state.ts";

/** The share of liars to reckon with: estimated from who was caught, never below the floor. */
export function liarShare(state: CoordinatorState): number {
  return liarShareEstimate(state.quarantinedCount, state.auditedVolunteers, LIAR_SHARE_FLOOR);
}

/** Audits that are missing until every answer of this volunteer is within the bound. */
export function auditsMissing(volunteer: Volunteer, bound: number, share: number): number {
  return Math.max(0, auditsNeeded(bound, share) - volunteer.auditsPassed);
}

export function isQuarantined(state: CoordinatorState, volunteerId: string): boolean {
  return state.volunteers.get(volunteerId)?.quarantine != null;
}
