/** The code of a job with an aim, chosen anew while it runs. SPEC.md DL rules. */
import { CODES_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
import type { AimLeft } from "../../../coordinator/effects.ts";
import { countReadyVolunteers } from "../../../coordinator/placement.ts";
import type { Job } from "../../../coordinator/state.ts";
import { emit, emitNumerics, type Step } from "../../../coordinator/step-context.ts";
import type { CodeInForce } from "../records.ts";
import { firstPlaceOf } from "./inference-plan.ts";
import { fixedSchedule } from "./round-schedule.ts";

/** The code is looked at again when such a share of the queries has gone into rounds since the last time ... */
const LOOK_EVERY_SHARE = 1 / 4;
/** ... or the crowd has grown or shrunk by this share. */
const CROWD_CHANGE_SHARE = 1 / 4;

/** Of a job with an aim: when its code was looked at last, and whether it is being looked at. */
export interface CodeWatch {
  /** The effect that has not come back; null: none. */
  effectId: number | null;
  place: number;
  volunteersReady: number;
}

export function newWatch(): CodeWatch {
  return { effectId: null, place: 0, volunteersReady: 0 };
}

/** [DL2] Nobody waits for it: until the answer is there, rounds are opened with the code in force. */
export function lookAtCodes(step: Step): void {
  for (const job of step.state.jobs.values()) {
    const { aim } = job.stored.submission;
    if (aim === undefined || job.stored.state !== "running" || job.codeWatch.effectId !== null) continue;
    if (job.stored.codes.length >= CODES_PER_JOB_MAX) continue;
    const place = nextFreshPlace(job);
    // What the job began with was chosen for the crowd of then.
    if (place === 0 || place >= job.stored.queryCount) continue;
    const volunteersReady = countReadyVolunteers(step.state);
    if (volunteersReady === 0) continue;
    if (!isTimeToLook(job, place, volunteersReady)) continue;
    const effectId = emitNumerics(step, {
      type: "chooseCode",
      jobId: job.stored.jobId,
      left: leftOf(step, job, place),
    });
    job.codeWatch = { effectId, place, volunteersReady };
  }
}

function isTimeToLook({ stored, codeWatch }: Job, place: number, volunteersReady: number): boolean {
  if (place - codeWatch.place >= stored.queryCount * LOOK_EVERY_SHARE) return true;
  const change = Math.abs(volunteersReady - codeWatch.volunteersReady);
  return codeWatch.volunteersReady > 0 && change > codeWatch.volunteersReady * CROWD_CHANGE_SHARE;
}

/** What is left of the job, and of its time or budget. */
function leftOf(step: Step, job: Job, place: number): AimLeft {
  const { submission, queryCount, submittedMs } = job.stored;
  const { finishWithinMs, budgetMacs } = submission.aim!;
  let inRounds = 0;
  for (const round of job.openRounds.values()) {
    const { rawQueryOf } = round.plan.scheme;
    const answered = new Set(round.slots.flatMap((slot) => (slot.accepted ? [rawQueryOf[slot.workerIndex]!] : [])));
    answered.delete(-1);
    inRounds += round.groupCount * (round.plan.scheme.queryCount - answered.size);
  }
  return {
    queries: queryCount - place + inRounds,
    ms: finishWithinMs === undefined ? null : submittedMs + finishWithinMs - step.nowMs,
    macs: budgetMacs === undefined ? null : budgetMacs - job.sentWork,
    sentMacs: job.sentWork,
  };
}

/** [DL1] [DL3] The first round that was never opened, whatever became of those before it. */
function firstFreshRound(job: Job): number {
  let fresh = job.nextRoundIndex;
  for (const roundIndex of job.openRounds.keys()) fresh = Math.max(fresh, roundIndex + 1);
  for (const roundIndex of job.finishedRounds.keys()) fresh = Math.max(fresh, roundIndex + 1);
  return fresh;
}

function nextFreshPlace(job: Job): number {
  const roundIndex = firstFreshRound(job);
  return firstPlaceOf(job.schedule.planOf(roundIndex), roundIndex);
}

/** @param code null: the code in force stays */
export function codeChosen(
  step: Step,
  jobId: string,
  effectId: number,
  code: Omit<CodeInForce, "fromRound" | "firstPlace" | "atMs"> | null,
): void {
  const job = step.state.jobs.get(jobId);
  if (job?.codeWatch.effectId !== effectId) return;
  job.codeWatch.effectId = null;
  if (code === null || job.stored.state !== "running") return;
  const [fromRound, firstPlace] = [firstFreshRound(job), nextFreshPlace(job)];
  if (firstPlace >= job.stored.queryCount) return;
  const codes = [...job.stored.codes, { ...code, fromRound, firstPlace, atMs: Math.round(step.nowMs) }];
  // It becomes durable with the next round: before that none of its rounds is.
  job.stored.codes = codes;
  job.schedule = fixedSchedule(job.stored);
  job.plan = job.schedule.inForce;
  emit(step, { type: "useCodes", jobId, codes });
}
