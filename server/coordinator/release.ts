/** An operator lets a quarantined volunteer work again. SPEC.md VF11. */
import type { Step } from "./core-kind.ts";
import { persist, recordOfVolunteer } from "./persistence.ts";
import { kindOf } from "./step-context.ts";

/**
 * [VF11] It counts as a newcomer: no audit that it passed before counts for its answers to come. What was taken out of running
 * jobs stays out, and is done again where it still waits for that. Nothing where it is not quarantined.
 */
export function releaseVolunteer(step: Step, volunteerId: string, reason: string): void {
  const { state } = step;
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined || volunteer.quarantine === null) return;
  // Before it is believed again: afterwards nothing tells what was withdrawn for its sake.
  for (const job of state.jobs.values()) kindOf(step, job).releasing?.(step, job);
  volunteer.released = { atMs: step.nowMs, reason, from: volunteer.quarantine };
  volunteer.quarantine = null;
  state.quarantinedCount--;
  if (volunteer.auditsPassed > 0 && volunteer.auditsFailed === 0) state.auditedVolunteers--;
  volunteer.auditsPassed = 0;
  state.isCrowdChanged = true;
  persist(step, { kind: "release", volunteerId }, [recordOfVolunteer(volunteer)]);
}
