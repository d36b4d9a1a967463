/** Credit for verified work: added up beside the work, booked with what makes it durable, then told. SPEC.md CR rules. */
import type { StoredVolunteer } from "../store/store.ts";
import { countsBeside, NOTHING_COUNTED } from "../store/volunteer-counts.ts";
import type { Step } from "./core-kind.ts";
import type { CoordinatorState, Volunteer } from "./state.ts";
import { emit } from "./step-context.ts";

/** Verified work that is not part of the totals yet, by volunteer. */
export type Credits = Map<string, { macs: number; assignments: number }>;

/** One more assignment of so many multiply-adds was verified. */
export function addCredit(credits: Credits, volunteerId: string, macs: number): void {
  const credit = credits.get(volunteerId) ?? { macs: 0, assignments: 0 };
  credit.macs += macs;
  credit.assignments += 1;
  credits.set(volunteerId, credit);
}

/**
 * [CR1] Credit becomes part of the totals in the transaction that makes its work durable: counted once, or never.
 * @returns whose totals changed; quarantined volunteers get nothing
 */
export function bookCredits(state: CoordinatorState, credits: Credits): Volunteer[] {
  const volunteers: Volunteer[] = [];
  for (const [volunteerId, { macs, assignments }] of credits) {
    const volunteer = state.volunteers.get(volunteerId);
    if (volunteer === undefined || volunteer.quarantine !== null) continue;
    volunteer.creditMacs += macs;
    volunteer.creditAssignments += assignments;
    volunteers.push(volunteer);
  }
  return volunteers;
}

/** These totals are on the disk. Others may have been booked since, with work that is being written still. */
export function creditIsDurable(state: CoordinatorState, stored: StoredVolunteer): void {
  const volunteer = state.volunteers.get(stored.volunteerId);
  if (volunteer === undefined) return;
  // [CE4] What others have counted may have changed since that was written; it is durable with them.
  const [own, { creditMacs, creditAssignments }] = [countsBeside(stored), volunteer.elsewhere ?? NOTHING_COUNTED];
  volunteer.durableCredit = {
    macs: own.creditMacs + creditMacs,
    assignments: own.creditAssignments + creditAssignments,
  };
}

/** [CR1] Its tabs hear of its credit, as far as that is durable. */
export function tellCredit(step: Step, volunteerId: string): void {
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  for (const sessionId of volunteer.sessionIds) emit(step, { type: "credit", sessionId, ...volunteer.durableCredit });
}
