/**
 * Batches that tabs say they cannot compute. Nobody is named for it and no job ends: rows that failed at several volunteers are tried by the
 * coordinator, and a job that nobody can compute pauses. SPEC.md AS11, AS12.
 */
import type { Step } from "../../../coordinator/core-kind.ts";
import { emitNumerics, emitWork, touch } from "../../../coordinator/step-context.ts";
import { endFailing, failedEnough, noteFailure } from "./failing.ts";
import { isRawWorker } from "./inference-plan.ts";
import {
  type BatchAssignment,
  COORDINATOR,
  type Failing,
  type InferenceJob,
  type Round,
  resultReference,
  type Slot,
  type SlotPlace,
  slotAt,
  slotRows,
} from "./job.ts";
import { addNotComputed } from "./not-computed.ts";
import { voidAttempts } from "./rounds.ts";
import type { InferenceTimer, InferenceWork, OutcomeOf } from "./work.ts";

export function nothingFailed(): Failing {
  return { sinceMs: null, by: new Map(), message: "", timerId: null, isPaused: false, toTry: [], tryingEffectId: null };
}

/** [AS12] Somebody can compute it. */
export function somebodyAnswered(step: Step, job: InferenceJob): void {
  if (endFailing(step, job)) tryNext(step, job);
}

export function batchFailed(
  step: Step,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  { volunteerId, addressGroup, payload }: BatchAssignment,
  message: string,
): void {
  const purpose: InferenceTimer = { type: "unanswered" };
  noteFailure(step, job, { volunteerId, backend: payload.backend, message }, purpose);
  slot.failedAt.set(volunteerId, addressGroup);
  slot.failures++;
  if (
    slot.accepted !== null ||
    slot.isTriedHere ||
    !failedEnough(step.state, { failures: slot.failures, by: slot.failedAt })
  )
    return;
  job.openRounds.changed(round);
  if (isRawWorker(round.plan, slot.workerIndex)) {
    const { roundIndex, generation } = round;
    const { workerIndex } = slot;
    const isWaiting = job.failing.toTry.some((at) => at.roundIndex === roundIndex && at.workerIndex === workerIndex);
    if (!isWaiting) job.failing.toTry.push({ roundIndex, generation, workerIndex });
    tryNext(step, job);
  } else if (isRawWorker(round.plan, 0)) slot.isGivenUp = true;
}

/** One at a time: whoever says that they failed gets no more of the coordinator than that. */
export function tryNext(step: Step, job: InferenceJob): void {
  const { failing } = job;
  if (job.stored.state !== "running" || job.stored.suspended !== null) return;
  while (failing.tryingEffectId === null && !failing.isPaused) {
    const place = failing.toTry.shift();
    if (place === undefined) return;
    const found = slotIn(job, place);
    if (found === null || found.slot.accepted !== null) continue;
    found.slot.isTriedHere = true;
    job.openRounds.changed(found.round);
    const assignmentId = step.state.nextAssignmentId++;
    failing.tryingEffectId = emitNumerics<InferenceWork>(step, job, { type: "compute", ...place, assignmentId });
  }
}

function slotIn({ openRounds }: InferenceJob, { roundIndex, generation, workerIndex }: SlotPlace) {
  const round = openRounds.get(roundIndex);
  if (round === undefined || round.generation !== generation || round.phase === "finishing") return null;
  return { round, slot: slotAt(round, workerIndex) };
}

/** [AS11] The coordinator's own rows stand, and those that it cannot compute either say why. */
export function computed(step: Step, job: InferenceJob, effectId: number, event: OutcomeOf<"computed">): void {
  const { failing } = job;
  if (failing.tryingEffectId !== effectId) return;
  failing.tryingEffectId = null;
  const found = slotIn(job, event);
  if (found !== null) found.slot.isTriedHere = false;
  if (found !== null && found.slot.accepted === null) {
    const { round, slot } = found;
    const { assignmentId } = event;
    const auditedRows = slotRows(round, slot);
    slot.accepted = {
      ...{ assignmentId, volunteerId: COORDINATOR, precision: "float32", addressGroup: null },
      ...{ auditedRows, opinionBy: null },
    };
    voidAttempts(step, slot);
    addNotComputed(job.stored, event.notComputed);
    if (round.decode.state === "published") {
      const { roundIndex, generation } = round;
      const results = resultReference(slot);
      emitWork<InferenceWork>(step, job, { type: "patch", roundIndex, generation, results });
    }
    job.openRounds.changed(round);
    touch(step, job, round);
  }
  tryNext(step, job);
}

export function computeFailed(
  step: Step,
  job: InferenceJob,
  effectId: number,
  event: OutcomeOf<"computeFailed">,
): void {
  if (job.failing.tryingEffectId !== effectId) return;
  job.failing.tryingEffectId = null;
  const found = slotIn(job, event);
  if (found !== null) {
    found.slot.isTriedHere = false;
    found.slot.failures = 0;
    job.openRounds.changed(found.round);
  }
  tryNext(step, job);
}
