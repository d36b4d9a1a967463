/** The state after a restart: what was durable goes on, what was on its way begins again. SPEC.md RS rules. */
import type { Step } from "./core-kind.ts";
import { crowdLatelyOf } from "./crowd-record.ts";
import type { CoordinatorEvent } from "./events.ts";
import { begin, isActive } from "./jobs.ts";
import { newVolunteer } from "./reputation.ts";
import { kindOf } from "./step-context.ts";
import { putToWork } from "./turns.ts";
import { countRecord } from "./verified-work.ts";

export function restore(step: Step, event: Extract<CoordinatorEvent, { type: "restored" }>): void {
  const { state } = step;
  state.crowdLately = crowdLatelyOf(event.crowd ?? null);
  if (event.volunteers.length > 0) state.tabsBackMs = step.nowMs + state.settings.comeBackMs;
  for (const stored of event.volunteers) {
    const volunteer = newVolunteer(stored);
    // [WC2] Whoever chose when the coordinator ended chose until now.
    if (stored.choseUntilMs !== null) volunteer.choseUntilMs = Math.min(stored.choseUntilMs, step.nowMs);
    state.volunteers.set(stored.volunteerId, volunteer);
    if (stored.rowsTaken > 0) state.crowd.met++;
    if (stored.quarantine !== null) {
      state.quarantinedCount++;
      state.crowd.named.add(stored.volunteerId);
    }
    if (stored.auditsPassed + stored.auditsFailed > 0) state.auditedVolunteers++;
    countRecord(state.verifiedWork, stored, 1);
  }
  for (const { key, account } of event.accounts ?? []) state.accounts.set(key, account);
  for (const restored of event.jobs) {
    const job = kindOf(step, restored.job.submission).jobOf(restored, step.nowMs);
    state.jobs.set(restored.job.jobId, job);
    if (!isActive(job)) continue;
    putToWork(step, job);
    begin(step, job);
  }
}
