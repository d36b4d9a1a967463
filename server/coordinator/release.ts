/** An operator lets a quarantined volunteer work again. SPEC.md VF11. */
import { persist, storedVolunteer } from "./persistence.ts";
import { standsOnLiar } from "./reputation-bounds.ts";
import type { FinishedRound, Job } from "./state.ts";
import type { Step } from "./step-context.ts";

/**
 * [VF11] It counts as a newcomer: no audit that it passed before counts for its answers to come. What was taken out of running
 * jobs stays out, and is done again where it still waits for that. Nothing where it is not quarantined.
 */
export function releaseVolunteer(step: Step, volunteerId: string, reason: string): void {
  const { state } = step;
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined || volunteer.quarantine === null) return;
  // Before it is believed again: afterwards nothing tells what was withdrawn for its sake.
  for (const job of state.jobs.values()) keepWithdrawn(step, job);
  volunteer.released = { atMs: step.nowMs, reason, from: volunteer.quarantine };
  volunteer.quarantine = null;
  state.quarantinedCount--;
  if (volunteer.auditsPassed > 0 && volunteer.auditsFailed === 0) state.auditedVolunteers--;
  volunteer.auditsPassed = 0;
  state.seatsStale = true;
  persist(step, { kind: "release", volunteerId }, [{ kind: "volunteer", volunteer: storedVolunteer(volunteer) }]);
}

/** Rounds in line to be opened again: which of their results are told apart by who gave them. */
function keepWithdrawn({ state }: Step, job: Job): void {
  for (const roundIndex of job.toRedo) {
    const finished = job.finishedRounds.get(roundIndex);
    if (finished === undefined) continue;
    const sources = finished.sources.map((source) =>
      source !== null && standsOnLiar(state, source) ? { ...source, isWithdrawn: true as const } : source,
    );
    const kept: FinishedRound = { ...finished, sources };
    job.finishedRounds.set(roundIndex, kept);
  }
}
