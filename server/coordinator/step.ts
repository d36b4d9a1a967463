/**
 * The coordinator's decisions, all of them: step(state, event) -> effects. It never awaits, never reads a clock, never
 * touches a socket, a file or a tensor; the same events give the same effects. SPEC.md has the rules by name.
 */

import { unreachable } from "../../shared/control/unreachable.ts";
import { runTrainings, trainingOutcome, wakeTraining } from "../coded/core/run-host.ts";
import {
  cancelGradient,
  gradientAccepted,
  gradientEndPersisted,
  stopGradient,
  submitGradient,
} from "../coded/core/run-lifecycle.ts";
import { takeSeats } from "../coded/core/seats.ts";
import { shareAnswered, shareFailed, shareReturned, shareTimedOut } from "../coded/core/shares.ts";
import { codeChosen, lookAtCodes } from "../kinds/inference/core/adapt-code.ts";
import { withdrawLies } from "../kinds/inference/core/redo.ts";
import { advanceRound, roundPersisted } from "../kinds/inference/core/rounds.ts";
import { giveUpOpinions } from "../kinds/inference/core/second-opinions.ts";
import {
  closeDurable,
  closeStream,
  queriesDurable,
  queriesPosted,
  queriesRefused,
  streamIdle,
  windowDue,
} from "../kinds/inference/core/streams.ts";
import { creditIsDurable, tellCredit } from "./credits.ts";
import { dispatch } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import type { CoordinatorEvent } from "./events.ts";
import {
  advanceJob,
  cancelJob,
  failJob,
  jobEndPersisted,
  prepared,
  submissionPersisted,
  submissionRefused,
  submit,
} from "./job-lifecycle.ts";
import { persistFailed, retryWrites, takePersisted, writeQueue } from "./persistence.ts";
import { releaseVolunteer } from "./release.ts";
import { restore } from "./restore.ts";
import {
  aheadOverdue,
  assignmentFailed,
  assignmentReturned,
  audited,
  auditFailed,
  deadlinePassed,
  decoded,
  decodingRound,
  letGoTimedOut,
  resultArrived,
  toppedUp,
  topUpFailed,
} from "./results.ts";
import { closeSession, openSession, probeTimedOut, sessionProbed, setAvailability } from "./sessions.ts";
import type { CoordinatorState, PersistPurpose, TimerPurpose } from "./state.ts";
import { emit, type Step, startStep } from "./step-context.ts";

/** Changes the state by one event. @returns what the shell is to do, in order */
export function step(state: CoordinatorState, event: CoordinatorEvent): readonly Effect[] {
  const now = startStep(state, event.atMs);
  apply(now, event);
  settle(now);
  return now.effects;
}

/** Rounds that changed are moved on, jobs whose rounds are all in are ended, and what is idle gets work. */
function settle(now: Step): void {
  giveUpOpinions(now);
  advanceTouched(now);
  do {
    takeSeats(now);
    runTrainings(now);
  } while (now.state.seatsStale);
  for (const job of now.state.jobs.values()) advanceJob(now, job);
  dispatch(now);
  lookAtCodes(now);
  // A round that dispatch has opened again may want nothing more than to be written without a liar's name.
  while (now.touched.size > 0) {
    advanceTouched(now);
    dispatch(now);
  }
  writeQueue(now);
}

function advanceTouched(now: Step): void {
  while (now.touched.size > 0) {
    const touched = [...now.touched];
    now.touched.clear();
    for (const [round, job] of touched) advanceRound(now, job, round);
  }
}

function apply(now: Step, event: CoordinatorEvent): void {
  switch (event.type) {
    case "restored":
      return restore(now, event);
    case "sessionOpened":
      return openSession(now, {
        sessionId: event.sessionId,
        volunteerId: event.volunteerId,
        nickname: event.nickname,
        team: event.team,
        backend: event.backend,
        addressGroup: event.addressGroup,
        invitationSha256: event.invitationSha256,
      });
    case "sessionProbed":
      return sessionProbed(now, event.sessionId, event.precision);
    case "availabilityChanged":
      return setAvailability(now, event.sessionId, event.available);
    case "sessionClosed":
      return closeSession(now, event.sessionId);
    case "volunteerReleased":
      return releaseVolunteer(now, event.volunteerId, event.reason);
    case "jobSubmitted":
      return submit(now, event.job);
    case "gradientSubmitted":
      return submitGradient(now, event.job);
    case "jobCancelled":
      return now.state.gradientJobs.has(event.jobId) ? cancelGradient(now, event.jobId) : cancelJob(now, event.jobId);
    case "queriesPosted":
      return queriesPosted(now, event.jobId, event.firstQuery, event.queryCount);
    case "stopRequested":
      return now.state.gradientJobs.has(event.jobId) ? stopGradient(now, event.jobId) : closeStream(now, event.jobId);
    case "stopping":
      now.state.isStopping = true;
      return;
    case "trainingOutcome":
      return trainingOutcome(now, event.jobId, event.outcome, event.notes ?? null);
    case "persisted":
      for (const { purpose, records } of takePersisted(now, event.effectId)) {
        for (const record of records) if (record.kind === "volunteer") creditIsDurable(now.state, record.volunteer);
        whenPersisted(now, purpose, records);
      }
      return;
    case "persistFailed":
      for (const refused of persistFailed(now, event.effectId, event.message))
        writeRefused(now, refused, event.message);
      return;
    case "prepared":
      now.state.numericsPending.delete(event.effectId);
      return prepared(now, event.jobId, event.orderSha256);
    case "prepareFailed":
      now.state.numericsPending.delete(event.effectId);
      return failJob(now, event.jobId, event.message);
    case "codeChosen":
      now.state.numericsPending.delete(event.effectId);
      return codeChosen(now, event.jobId, event.effectId, event.code);
    case "encoded":
      now.state.numericsPending.delete(event.effectId);
      return encoded(now, event);
    case "encodeFailed":
      now.state.numericsPending.delete(event.effectId);
      return failJob(now, event.jobId, event.message);
    case "resultArrived":
      return now.state.gradientTasks.has(event.assignmentId)
        ? shareAnswered(now, event.sessionId, event.assignmentId)
        : resultArrived(now, event);
    case "resultMalformed":
    case "assignmentFailed":
      return now.state.gradientTasks.has(event.assignmentId)
        ? shareFailed(now, event.sessionId, event.assignmentId, event.message)
        : assignmentFailed(now, event.sessionId, event.assignmentId, event.message);
    case "assignmentReturned":
      return now.state.gradientTasks.has(event.assignmentId)
        ? shareReturned(now, event.sessionId, event.assignmentId)
        : assignmentReturned(now, event.sessionId, event.assignmentId);
    case "audited":
      now.state.numericsPending.delete(event.effectId);
      return audited(now, event);
    case "auditFailed":
      now.state.numericsPending.delete(event.effectId);
      return auditFailed(now, event);
    case "decoded":
      now.state.numericsPending.delete(event.effectId);
      return decoded(now, event);
    case "decodeFailed": {
      now.state.numericsPending.delete(event.effectId);
      if (decodingRound(now, event.effectId, event)) failJob(now, event.jobId, event.message);
      return;
    }
    case "toppedUp":
      now.state.numericsPending.delete(event.effectId);
      return toppedUp(now, event);
    case "topUpFailed":
      now.state.numericsPending.delete(event.effectId);
      return topUpFailed(now, event);
    case "timerFired": {
      const purpose = now.state.timers.get(event.timerId);
      if (purpose === undefined) return;
      now.state.timers.delete(event.timerId);
      return timerFired(now, purpose);
    }
    default:
      return unreachable("step: no such case", event);
  }
}

function encoded(now: Step, event: Extract<CoordinatorEvent, { type: "encoded" }>): void {
  const job = now.state.jobs.get(event.jobId);
  const round = job?.openRounds.get(event.roundIndex);
  if (job === undefined || round?.phase !== "encoding" || round.generation !== event.generation) return;
  round.phase = "gathering";
}

function writeRefused(now: Step, refused: PersistPurpose, message: string): void {
  if (refused.kind === "queries") return queriesRefused(now, refused.jobId, message);
  if (refused.kind !== "submission") return;
  now.state.gradientJobs.delete(refused.jobId);
  submissionRefused(now, refused.jobId, message);
}

function whenPersisted(
  now: Step,
  purpose: PersistPurpose,
  records: readonly { kind: string; job?: { state: string } }[],
): void {
  switch (purpose.kind) {
    case "submission":
      return now.state.gradientJobs.has(purpose.jobId)
        ? gradientAccepted(now, purpose.jobId)
        : submissionPersisted(now, purpose.jobId);
    case "queries":
      return queriesDurable(now, purpose.jobId, purpose.endPlace);
    case "streamClosed":
      return closeDurable(now, purpose.jobId);
    case "gradientCheckpoint":
      for (const volunteerId of purpose.credited) tellCredit(now, volunteerId);
      return;
    case "gradientEnd":
      for (const volunteerId of purpose.credited) tellCredit(now, volunteerId);
      return gradientEndPersisted(now, purpose.jobId);
    case "round": {
      const job = now.state.jobs.get(purpose.jobId);
      if (job === undefined) return;
      roundPersisted(now, job, purpose.roundIndex);
      // Somebody may have been found lying while the store was writing.
      withdrawLies(now, job, purpose.roundIndex);
      return;
    }
    case "jobEnd": {
      const end = records.find((record) => record.kind === "job")?.job?.state;
      return jobEndPersisted(now, purpose.jobId, end as "done" | "failed" | "cancelled");
    }
    case "release":
      emit(now, { type: "answerRelease", volunteerId: purpose.volunteerId });
      return;
    case "prepared":
    case "standing":
      return;
    default:
      return unreachable("step: no such case", purpose);
  }
}

function timerFired(now: Step, purpose: TimerPurpose): void {
  switch (purpose.kind) {
    case "probe":
      return probeTimedOut(now, purpose.sessionId);
    case "lettingGo":
      return letGoTimedOut(now, purpose.sessionId, purpose.assignmentId);
    case "deadline":
      return deadlinePassed(now, purpose.assignmentId);
    case "ahead":
      return aheadOverdue(now, purpose);
    case "rest":
      now.state.seatsStale = true;
      return;
    case "trainingWake":
      return wakeTraining(now, purpose.jobId);
    case "share":
      return shareTimedOut(now, purpose.taskId);
    case "grace": {
      const job = now.state.jobs.get(purpose.jobId);
      const round = job?.openRounds.get(purpose.roundIndex);
      if (job === undefined || round === undefined || round.generation !== purpose.generation) return;
      round.graceTimerId = null;
      round.gracePassed = true;
      now.touched.set(round, job);
      return;
    }
    case "retryPersist":
      return retryWrites(now);
    case "windowDue":
      return windowDue(now, purpose.jobId);
    case "streamIdle":
      return streamIdle(now, purpose.jobId);
    default:
      return unreachable("step: no such case", purpose);
  }
}
