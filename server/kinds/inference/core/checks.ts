/** What audits and decodes say of results, and of those who sent them. SPEC.md VF rules. */
import { voidAssignment } from "../../../coordinator/assignments.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { sawVerdict } from "../../../coordinator/crowd-seen.ts";
import { failJob } from "../../../coordinator/jobs.ts";
import { type Checked, recordChecks } from "../../../coordinator/reputation.ts";
import { touch } from "../../../coordinator/step-context.ts";
import { countAudit } from "./contributions.ts";
import { type BatchAssignment, type InferenceJob, type Round, slotOf } from "./job.ts";
import { acceptOpinion, acceptResult, publishDecoded } from "./rounds.ts";
import type { OutcomeOf, RoundPlace } from "./work.ts";

export interface AuditOutcome extends Checked {
  /** The same rows count for somebody else too: the job's own count has them already. */
  readonly isShared?: boolean;
}

/**
 * Enters the outcome of an audit in the records of the job and of the volunteer.
 * @returns false where the volunteer lied (and is now quarantined)
 */
export function recordAudit(
  step: Step,
  job: InferenceJob,
  roundIndex: number,
  volunteerId: string,
  outcome: AuditOutcome,
): boolean {
  const { stored } = job;
  // What comes after a job's end is no part of it: its record is written.
  if (stored.finishedMs === null) {
    if (outcome.isShared !== true) stored.auditedRows += outcome.checked;
    stored.failedAudits += outcome.failed;
    countAudit(job, volunteerId, outcome.checked, outcome.failed);
  }
  return recordChecks(step, volunteerId, { jobId: stored.jobId, roundIndex }, outcome);
}

/** [VF3] The record comes first: a lie counts, and so does an honest row, even where the result is no longer needed. */
export function audited(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"audited">): void {
  const pending = job.auditsPending.get(effectId);
  if (pending === undefined) return;
  job.auditsPending.delete(effectId);
  sawVerdict(step.state, step.nowMs - pending.askedMs);
  const { roundIndex, volunteerId, against } = pending;
  const honest = recordAudit(step, job, roundIndex, volunteerId, event);
  if (against !== null && event.against !== null) {
    const { checked } = event;
    recordAudit(step, job, roundIndex, against.volunteerId, { ...event.against, checked, isShared: true });
  }
  const assignment = beingChecked(step, event.assignmentId);
  if (assignment === null) return;
  const place = slotOf(step.state, assignment);
  if (place === null) return voidAssignment(step, assignment, false);
  // Quarantine has taken a liar's attempts out of the round; an honest result takes its place.
  if (!honest) return;
  const { round, slot } = place;
  if (slot.accepted === null) return acceptResult(step, job, round, slot, assignment, event.randomlyChecked);
  const compared = against && event.against && { ...event.against, assignmentId: against.assignmentId };
  acceptOpinion(step, job, round, slot, assignment, event.randomlyChecked, compared);
}

/** The audit itself could not be done: the result is neither accepted nor held against anybody. */
export function auditFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"auditFailed">): void {
  job.auditsPending.delete(effectId);
  const assignment = beingChecked(step, event.assignmentId);
  if (assignment === null) return;
  slotOf(step.state, assignment)?.slot.attempts.delete(assignment.assignmentId);
  voidAssignment(step, assignment, false);
  failUnchecked(step, job, event.message);
}

/** [JB7] What was asked had failed alone, in a fresh process, before it was told. */
function failUnchecked(step: Step, job: InferenceJob, message: string): void {
  failJob(step, job, `the coordinator could not recompute rows of this model: ${message}`);
}

function beingChecked({ state }: Step, assignmentId: number): BatchAssignment | null {
  const assignment = state.assignments.get(assignmentId);
  return assignment?.state === "checking" ? (assignment as BatchAssignment) : null;
}

/** The round whose decode this is the outcome of, or null where it is stale. */
export function decodingRound(job: InferenceJob, effectId: number, of: RoundPlace): Round | null {
  const round = job.openRounds.get(of.roundIndex);
  if (round === undefined || round.generation !== of.generation) return null;
  return round.decode.state === "running" && round.decode.effectId === effectId ? round : null;
}

export function decoded(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"decoded">): void {
  const volunteers = job.decodesPending.get(effectId);
  if (volunteers === undefined) return;
  job.decodesPending.delete(effectId);
  const round = decodingRound(job, effectId, event);
  // Stale or not, what was recomputed on the way counts.
  const lied = suspectsLied(step, job, event, volunteers);
  if (round === null) return;
  touch(step, job, round);
  // Not published: what a liar was part of is decoded again without it.
  if (lied) round.decode = { state: "none", minimumResults: 0 };
  else publishDecoded(step, job, round, effectId, event.outcome);
}

function suspectsLied(
  step: Step,
  job: InferenceJob,
  { roundIndex, outcome }: OutcomeOf<"decoded">,
  volunteers: ReadonlyMap<number, string>,
): boolean {
  let lied = false;
  for (const { workerIndex, checked, failed } of outcome.suspectAudits) {
    const volunteerId = volunteers.get(workerIndex);
    if (volunteerId === undefined) continue;
    if (!recordAudit(step, job, roundIndex, volunteerId, { checked, randomlyChecked: 0, failed })) lied = true;
  }
  return lied;
}

export function toppedUp(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"toppedUp">): void {
  if (job.topUps.get(event.volunteerId) !== effectId) return;
  job.topUps.delete(event.volunteerId);
  if (event.checked === 0) job.topUpExhausted.add(event.volunteerId);
  job.toppedUp.add(event.volunteerId);
  recordAudit(step, job, -1, event.volunteerId, { ...event, randomlyChecked: event.checked });
}

/** A missing audit is counted neither as passed nor as failed. */
export function topUpFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"topUpFailed">): void {
  if (job.topUps.get(event.volunteerId) !== effectId) return;
  job.topUps.delete(event.volunteerId);
  failUnchecked(step, job, event.message);
}

/** A stale decode fails nothing: what it was to answer is asked for anew. */
export function decodeFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"decodeFailed">): void {
  job.decodesPending.delete(effectId);
  if (decodingRound(job, effectId, event) === null) return;
  failJob(step, job, `the coordinator could not put the results of a round together: ${event.message}`);
}
