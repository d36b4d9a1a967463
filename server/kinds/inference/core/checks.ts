/** What the coordinator computed again is told: it is looked into, or it failed. SPEC.md VF rules. */
import { NOTHING_LOOKED } from "../../../../shared/verify/model-class.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { sawVerdict } from "../../../coordinator/crowd-seen.ts";
import { failJob } from "../../../coordinator/jobs.ts";
import { excuse } from "./cards.ts";
import type { InferenceJob } from "./job.ts";
import { suspend, unstableRow } from "./suspension.ts";
import { authorsOff, wordsOff } from "./verdicts/duplicates-and-words.ts";
import { decodingRound } from "./verdicts/judge-decode.ts";
import { judge, lookInto, lookIntoWaiting } from "./verdicts/look-into.ts";
import { beingChecked, discard } from "./verdicts/put-back.ts";
import type { OutcomeOf } from "./work.ts";

/**
 * What was recomputed of a result agrees, or somebody differs. [VF15] Then nobody is named before that was computed again; whatever comes
 * of it is judged even where the result is no longer needed.
 */
export function audited(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"audited">): void {
  const pending = job.auditsPending.get(effectId);
  if (pending === undefined) return;
  job.auditsPending.delete(effectId);
  sawVerdict(step.state, step.nowMs - pending.askedMs);
  const { volunteerId, isFine, against } = pending;
  const { golden = NOTHING_LOOKED } = event;
  const isOff = event.failed + golden.wrong + (isFine ? golden.coarse : 0) > 0;
  const volunteerIds = isOff ? [volunteerId] : [];
  if (against !== null && event.against !== null && event.against.failed > 0) volunteerIds.push(against.volunteerId);
  for (const author of [...authorsOff(pending, event), ...wordsOff(step.state, event)])
    if (!volunteerIds.includes(author)) volunteerIds.push(author);
  const { assignmentId } = event;
  lookInto(step, job, effectId, { volunteerIds, assignmentId, finding: { in: "audit", pending, event } });
}

/** The audit itself could not be done: the result is neither accepted nor held against anybody. */
export function auditFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"auditFailed">): void {
  job.auditsPending.delete(effectId);
  if (beingChecked(step, event.assignmentId) === null) return;
  discard(step, event.assignmentId);
  failUnchecked(step, job, event.message);
}

/** [VF15] [VF14] What was found is judged: whoever differs is named, or the job cannot be checked and nobody is. */
export function confirmed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"confirmed">): void {
  const confirmation = job.confirmations.get(effectId);
  if (confirmation === undefined) return;
  job.confirmations.delete(effectId);
  const verdicts = new Map(event.judged.map(({ volunteerId, verdict }) => [volunteerId, verdict] as const));
  for (const { verdict, spread } of event.judged) {
    if (verdict === "unstable") suspend(step, job, unstableRow(spread));
    if (verdict === "unstable in half precision") job.refusesHalf = true;
  }
  excuse(step, job, event.judged);
  judge(step, job, confirmation, job.stored.suspended === null && job.stored.unchecked === null ? verdicts : null);
  lookIntoWaiting(step, job);
}

/** [JB7] What differs can neither be confirmed nor be forgotten. */
export function confirmFailed(
  step: Step,
  job: InferenceJob,
  effectId: number,
  event: OutcomeOf<"confirmFailed">,
): void {
  const confirmation = job.confirmations.get(effectId);
  if (confirmation === undefined) return;
  job.confirmations.delete(effectId);
  if (confirmation.assignmentId !== null) discard(step, confirmation.assignmentId);
  failUnchecked(step, job, event.message);
  lookIntoWaiting(step, job);
}

/** Stale or not, what was recomputed on the way counts. */
export function decoded(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"decoded">): void {
  const volunteers = job.decodesPending.get(effectId);
  if (volunteers === undefined) return;
  job.decodesPending.delete(effectId);
  const finding = { in: "decode", effectId, volunteers, event } as const;
  const differing = event.outcome.suspectAudits.filter(({ failed }) => failed > 0);
  const volunteerIds = [...new Set(differing.flatMap(({ workerIndex }) => volunteers.get(workerIndex) ?? []))];
  lookInto(step, job, effectId, { volunteerIds, assignmentId: null, finding });
}

/** A stale decode fails nothing: what it was to answer is asked for anew. */
export function decodeFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"decodeFailed">): void {
  job.decodesPending.delete(effectId);
  if (decodingRound(job, effectId, event) === null) return;
  failJob(step, job, `the coordinator could not put the results of a round together: ${event.message}`);
}

export function toppedUp(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"toppedUp">): void {
  const { volunteerId, failed } = event;
  if (job.topUps.get(volunteerId) !== effectId) return;
  const volunteerIds = failed > 0 ? [volunteerId] : [];
  lookInto(step, job, effectId, { volunteerIds, assignmentId: null, finding: { in: "top-up", effectId, event } });
}

/** A missing audit is counted neither as passed nor as failed. */
export function topUpFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"topUpFailed">): void {
  if (job.topUps.get(event.volunteerId) !== effectId) return;
  job.topUps.delete(event.volunteerId);
  failUnchecked(step, job, event.message);
}

/** [CC8] Rows that were computed here at the end of a job that is cross-checked. */
export function settled(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"settled">): void {
  if (job.checks?.closing?.effectId !== effectId) return;
  const volunteerIds = event.found.flatMap(({ volunteerId, failed }) => (failed > 0 ? [volunteerId] : []));
  lookInto(step, job, effectId, { volunteerIds, assignmentId: null, finding: { in: "settle", effectId, event } });
}

export function settleFailed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"settleFailed">): void {
  if (job.checks?.closing?.effectId !== effectId) return;
  job.checks.closing = null;
  failUnchecked(step, job, event.message);
}

/** [JB7] What was asked had failed alone, in a fresh process, before it was told. */
function failUnchecked(step: Step, job: InferenceJob, message: string): void {
  failJob(step, job, `the coordinator could not recompute rows of this model: ${message}`);
}
