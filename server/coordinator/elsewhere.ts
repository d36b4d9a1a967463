/** What other coordinators on the same database have found out, counted or left behind. CELLS.md CE rules. */

import type { StoredVolunteer } from "../store/store.ts";
import { COUNTS, NOTHING_COUNTED, volunteerCounts } from "../store/volunteer-counts.ts";
import type { Step } from "./core-kind.ts";
import { refreshCrowd } from "./crowd/keep-crowd.ts";
import type { RestoredJob } from "./events.ts";
import { begin, isActive } from "./jobs.ts";
import { joinOwner } from "./persons.ts";
import { releaseVolunteer } from "./release.ts";
import { newVolunteer, quarantine } from "./reputation.ts";
import { sessionsOf } from "./sessions-of.ts";
import type { Volunteer } from "./state.ts";
import { kindOf } from "./step-context.ts";
import { putToWork } from "./turns.ts";
import { changeRecord, countRecord } from "./verified-work.ts";

/** [CE4] @param told each with what others alone have counted of it, and what stands of it in the database */
export function volunteersElsewhere(step: Step, told: readonly StoredVolunteer[]): void {
  for (const one of told) {
    const volunteer = step.state.volunteers.get(one.volunteerId);
    if (volunteer === undefined) meet(step, one);
    else hear(step, volunteer, one);
  }
}

function meet(step: Step, told: StoredVolunteer): void {
  const { state } = step;
  const volunteer = newVolunteer({ ...told, ownerId: null, choseUntilMs: null, elsewhere: volunteerCounts(told) });
  hearChoice(step, volunteer, told);
  state.volunteers.set(told.volunteerId, volunteer);
  if (told.ownerId !== null) joinOwner(state, volunteer, told.ownerId);
  if (volunteer.rowsTaken > 0) state.crowd.met++;
  if (volunteer.quarantine !== null) {
    state.quarantinedCount++;
    state.crowd.named.add(volunteer.volunteerId);
  }
  if (isAudited(volunteer)) state.auditedVolunteers++;
  countRecord(state.verifiedWork, volunteer, 1);
}

function hear(step: Step, volunteer: Volunteer, told: StoredVolunteer): void {
  const { state } = step;
  // It has a record, and is kept for that.
  state.goneChoosers.delete(volunteer.volunteerId);
  const before = volunteer.elsewhere ?? NOTHING_COUNTED;
  const elsewhere = volunteerCounts(told);
  const wasAudited = isAudited(volunteer);
  const wasMet = volunteer.rowsTaken > 0;
  changeRecord(state.verifiedWork, volunteer, (record) => {
    for (const name of COUNTS) record[name] += elsewhere[name] - before[name];
  });
  volunteer.elsewhere = elsewhere;
  volunteer.durableCredit = {
    macs: volunteer.durableCredit.macs + elsewhere.creditMacs - before.creditMacs,
    assignments: volunteer.durableCredit.assignments + elsewhere.creditAssignments - before.creditAssignments,
  };
  state.auditedVolunteers += Number(isAudited(volunteer)) - Number(wasAudited);
  if (!wasMet && volunteer.rowsTaken > 0) state.crowd.met++;
  hearChoice(step, volunteer, told);
  if (told.ownerId !== null && volunteer.ownerId === null) joinOwner(state, volunteer, told.ownerId);
  // [CC5] [WC3] Who may be drawn to check, and how often, depends on what others have counted and heard.
  for (const session of sessionsOf(state, volunteer.volunteerId)) refreshCrowd(state, session);
  hearStanding(step, volunteer, told);
}

/** [WC2] It chose somewhere until then, or chooses there still. */
function hearChoice(step: Step, volunteer: Volunteer, { choseUntilMs }: StoredVolunteer): void {
  if (choseUntilMs === null) return;
  volunteer.choseUntilMs = Math.max(volunteer.choseUntilMs ?? 0, Math.min(choseUntilMs, step.nowMs));
}

/** Named elsewhere is named here: its work in running jobs is redone. Let go elsewhere is let go here. */
function hearStanding(step: Step, volunteer: Volunteer, { quarantine: named, released }: StoredVolunteer): void {
  const own = volunteer.quarantine;
  if (own !== null && named === null && released !== null && released.from.atMs >= own.atMs) {
    releaseVolunteer(step, volunteer.volunteerId, released.reason);
    volunteer.released = released;
  }
  if (named !== null && volunteer.quarantine === null) {
    volunteer.released = released ?? volunteer.released;
    quarantine(step, volunteer, named, named.reason);
    changeRecord(step.state.verifiedWork, volunteer, (record) => {
      record.quarantine = named;
    });
  }
}

/** [CE3] Jobs of a coordinator that is gone go on here, from what is durable; those that are here already stay as they are. */
export function jobsTaken(step: Step, jobs: readonly RestoredJob[]): void {
  const { state } = step;
  for (const taken of jobs) {
    const { jobId } = taken.job;
    const held = state.jobs.get(jobId);
    if (held !== undefined && isActive(held)) continue;
    const job = kindOf(step, taken.job.submission).jobOf(taken, step.nowMs);
    state.jobs.set(jobId, job);
    if (!isActive(job)) continue;
    putToWork(step, job);
    begin(step, job);
  }
}

function isAudited({ auditsPassed, auditsFailed }: StoredVolunteer): boolean {
  return auditsPassed + auditsFailed > 0;
}
