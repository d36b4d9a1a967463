/**
 * Batches that tabs say they cannot compute. Nobody is named for it and no job ends: rows that failed at several volunteers are tried by the
 * coordinator, and a job that nobody can compute pauses. SPEC.md AS11, AS12.
 */
import {
  FAILING_VOLUNTEERS_TO_PAUSE,
  FAILING_VOLUNTEERS_TO_TRY,
  UNANSWERED_MS_TO_PAUSE,
} from "../../../../shared/protocol/limits.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { clearTimer, emitNumerics, emitWork, setTimer, touch } from "../../../coordinator/step-context.ts";
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
  const { failing } = job;
  if (failing.sinceMs === null) return;
  clearTimer(step, failing.timerId);
  if (failing.isPaused) step.state.isCrowdChanged = true;
  Object.assign(failing, { sinceMs: null, timerId: null, isPaused: false });
  failing.by.clear();
  tryNext(step, job);
}

export function batchFailed(
  step: Step,
  job: InferenceJob,
  round: Round,
  slot: Slot,
  { volunteerId, addressGroup, payload }: BatchAssignment,
  message: string,
): void {
  noteFailure(step, job, volunteerId, payload.backend, message);
  slot.failedAt.set(volunteerId, addressGroup);
  slot.failures++;
  if (slot.accepted !== null || slot.isTriedHere || !failedEnough(step.state, slot)) return;
  job.openRounds.changed(round);
  if (isRawWorker(round.plan, slot.workerIndex)) {
    const { roundIndex, generation } = round;
    const { workerIndex } = slot;
    const isWaiting = job.failing.toTry.some((at) => at.roundIndex === roundIndex && at.workerIndex === workerIndex);
    if (!isWaiting) job.failing.toTry.push({ roundIndex, generation, workerIndex });
    tryNext(step, job);
  } else if (isRawWorker(round.plan, 0)) slot.isGivenUp = true;
}

function noteFailure(step: Step, job: InferenceJob, volunteerId: string, backend: string, message: string): void {
  const { failing } = job;
  failing.sinceMs ??= step.nowMs;
  failing.by.set(volunteerId, backend);
  failing.message = message;
  if (failing.by.size < FAILING_VOLUNTEERS_TO_PAUSE || failing.timerId !== null || failing.isPaused) return;
  const dueMs = Math.max(step.nowMs, failing.sinceMs + UNANSWERED_MS_TO_PAUSE);
  const purpose: InferenceTimer = { type: "unanswered" };
  failing.timerId = setTimer(step, dueMs, { kind: "job", jobId: job.stored.jobId, purpose });
}

/** [AS12] Nobody has answered for so long. */
export function pauseUnanswered(step: Step, { failing }: InferenceJob): void {
  failing.timerId = null;
  failing.isPaused = true;
  step.state.isCrowdChanged = true;
}

/** [AS11] As many volunteers, and addresses, as there are, but three are enough. */
function failedEnough({ crowd }: CoordinatorState, { failedAt, failures }: Slot): boolean {
  const wanted = (present: number) => Math.min(FAILING_VOLUNTEERS_TO_TRY, present);
  const groups = new Set([...failedAt.values()].filter((group) => group !== null));
  return (
    failures >= FAILING_VOLUNTEERS_TO_TRY &&
    failedAt.size >= wanted(crowd.ready.volunteers) &&
    groups.size >= wanted(crowd.ready.addressGroups)
  );
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
