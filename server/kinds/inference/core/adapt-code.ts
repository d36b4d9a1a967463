/** The code of a job with an aim, chosen anew while it runs. SPEC.md DL rules. */
import { CODES_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { countReadyVolunteers } from "../../../coordinator/ranking.ts";
import { emitNumerics } from "../../../coordinator/step-context.ts";
import { firstPlaceOf, rawQueryOf } from "./inference-plan.ts";
import { type CodeWatch, type InferenceJob, slotRows } from "./job.ts";
import { FixedSchedule, fixedSchedule } from "./round-schedule.ts";
import type { AimLeft, ChosenCode, InferenceWork } from "./work.ts";

type Aim = NonNullable<InferenceJob["stored"]["submission"]["aim"]>;

/** The code is looked at again when such a share of the queries has gone into rounds since the last time ... */
const LOOK_EVERY_SHARE = 1 / 4;
/** ... or the crowd has grown or shrunk by this share. */
const CROWD_CHANGE_SHARE = 1 / 4;

export function newWatch(): CodeWatch {
  return { effectId: null, place: 0, volunteersReady: 0 };
}

/** [DL2] Nobody waits for it: until the answer is there, rounds are opened with the code in force. */
export function lookAtCode(step: Step, job: InferenceJob): void {
  const { stored, codeWatch } = job;
  const { aim } = stored.submission;
  if (aim === undefined || stored.state !== "running" || codeWatch.effectId !== null) return;
  if (stored.codes.length >= CODES_PER_JOB_MAX) return;
  const place = nextFreshPlace(job);
  // What the job began with was chosen for the crowd of then.
  if (place === 0 || place >= stored.queryCount) return;
  const volunteersReady = countReadyVolunteers(step.state);
  if (volunteersReady === 0 || !isTimeToLook(job, place, volunteersReady)) return;
  const left = leftOf(step, job, place, aim);
  const effectId = emitNumerics<InferenceWork>(step, job, { type: "chooseCode", left });
  job.codeWatch = { effectId, place, volunteersReady };
}

function isTimeToLook({ stored, codeWatch }: InferenceJob, place: number, volunteersReady: number): boolean {
  if (place - codeWatch.place >= stored.queryCount * LOOK_EVERY_SHARE) return true;
  const change = Math.abs(volunteersReady - codeWatch.volunteersReady);
  return codeWatch.volunteersReady > 0 && change > codeWatch.volunteersReady * CROWD_CHANGE_SHARE;
}

/** What is left of the job, and of its time or budget. */
function leftOf(step: Step, job: InferenceJob, place: number, { finishWithinMs, budgetMacs }: Aim): AimLeft {
  const { queryCount, submittedMs } = job.stored;
  let inRounds = 0;
  for (const round of job.openRounds.values()) {
    const { plan, slots } = round;
    const answered = new Map<number, number>();
    for (const slot of slots) {
      const query = rawQueryOf(plan, slot.workerIndex);
      // Of a group of one query several workers may have it as it is.
      const rows = Math.min(round.groupCount, (answered.get(query) ?? 0) + slotRows(round, slot));
      if (slot.accepted !== null && query >= 0) answered.set(query, rows);
    }
    for (const rows of answered.values()) inRounds -= rows;
    inRounds += round.groupCount * plan.scheme.queryCount;
  }
  return {
    queries: queryCount - place + inRounds,
    ms: finishWithinMs === undefined ? null : submittedMs + finishWithinMs - step.nowMs,
    macs: budgetMacs === undefined ? null : budgetMacs - job.sentWork,
    sentMacs: job.sentWork,
  };
}

/** [DL1] [DL3] The first round that was never opened, whatever became of those before it. */
function firstFreshRound(job: InferenceJob): number {
  let [fresh = 0] = job.nextRounds;
  for (const roundIndex of job.openRounds.keys()) fresh = Math.max(fresh, roundIndex + 1);
  for (const roundIndex of job.finishedRounds.keys()) fresh = Math.max(fresh, roundIndex + 1);
  return fresh;
}

function nextFreshPlace(job: InferenceJob): number {
  const roundIndex = firstFreshRound(job);
  return firstPlaceOf(job.schedule.planOf(roundIndex), roundIndex);
}

/** @param code null: the code in force stays */
export function codeChosen(step: Step, job: InferenceJob, effectId: number, code: ChosenCode | null): void {
  if (job.codeWatch.effectId !== effectId) return;
  job.codeWatch.effectId = null;
  if (code === null || job.stored.state !== "running") return;
  const [fromRound, firstPlace] = [firstFreshRound(job), nextFreshPlace(job)];
  if (firstPlace >= job.stored.queryCount) return;
  // It becomes durable with the next round: before that none of its rounds is.
  job.stored.codes = [...job.stored.codes, { ...code, fromRound, firstPlace, atMs: Math.round(step.nowMs) }];
  const schedule = fixedSchedule(job.stored);
  if (job.schedule instanceof FixedSchedule) schedule.keepSplits(job.schedule);
  job.schedule = schedule;
  job.openRounds.allChanged();
  job.plan = job.schedule.inForce;
}
