/** An operator lets a quarantined volunteer work again. SPEC.md VF11. */
import { must } from "./assert.ts";
import type { Step } from "./core-kind.ts";
import { keepCrowd, takeBackCounted } from "./crowd-record.ts";
import { persist, recordOfVolunteer } from "./persistence.ts";
import { changeRecord } from "./verified-work.ts";

/**
 * [VF11] It counts as a newcomer: no audit that it passed before counts for its answers to come. What was taken out of running
 * jobs stays out, and is done again where it still waits for that. Nothing where it is not quarantined.
 */
export function releaseVolunteer(step: Step, volunteerId: string, reason: string): void {
  const { state } = step;
  const volunteer = state.volunteers.get(volunteerId);
  if (volunteer === undefined || volunteer.quarantine === null) return;
  volunteer.released = { atMs: step.nowMs, reason, from: volunteer.quarantine };
  state.quarantinedCount--;
  state.crowd.named.delete(volunteerId);
  if (volunteer.auditsPassed > 0 && volunteer.auditsFailed === 0) state.auditedVolunteers--;
  changeRecord(state.verifiedWork, volunteer, (record) => {
    record.quarantine = null;
    record.auditsPassed = 0;
  });
  state.isCrowdChanged = true;
  persist(step, { kind: "release", volunteerId }, [recordOfVolunteer(volunteer)]);
}

/**
 * [VF14] Whoever this job named was named for nothing that can be told: each is believed again, with the record that it had. What was
 * found in other jobs stands.
 */
export function takeBackNamings(step: Step, jobId: string, reason: string): void {
  const { state } = step;
  const named = [...state.crowd.named]
    .flatMap((volunteerId) => state.volunteers.get(volunteerId) ?? [])
    .filter(({ quarantine }) => quarantine?.jobId === jobId);
  if (named.length === 0) return;
  for (const volunteer of named) {
    const from = must(volunteer.quarantine, "VF14: who is taken back was named");
    takeBackCounted(step, volunteer);
    changeRecord(state.verifiedWork, volunteer, (record) => {
      record.quarantine = null;
      // Before it was named no row of it was wrong, unless an operator had let it go once.
      if (volunteer.released === null) record.auditsFailed = 0;
    });
    if (volunteer.auditsPassed + volunteer.auditsFailed === 0) state.auditedVolunteers--;
    volunteer.released = { atMs: step.nowMs, reason, from };
    state.quarantinedCount--;
    state.crowd.named.delete(volunteer.volunteerId);
  }
  state.isCrowdChanged = true;
  persist(step, { kind: "standing" }, named.map(recordOfVolunteer));
  keepCrowd(step);
}
