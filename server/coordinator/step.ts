/**
 * The coordinator's decisions, all of them: step(state, event) -> effects. It never awaits, never reads a clock, never
 * touches a socket, a file or a tensor; the same events give the same effects. SPEC.md has the rules by name. What a kind of job
 * decides it asks the kind (core-kind.ts).
 */
import { unreachable } from "../../shared/control/unreachable.ts";
import { hearOfAccount } from "./accounts-elsewhere.ts";
import {
  aheadOverdue,
  assignmentFailed,
  assignmentReturned,
  deadlinePassed,
  resultArrived,
  sliceArrived,
} from "./assignment-events.ts";
import type { CoreKinds, Step } from "./core-kind.ts";
import { creditIsDurable } from "./credits.ts";
import { dispatch } from "./dispatch.ts";
import type { Effect } from "./effects.ts";
import { jobsTaken, volunteersElsewhere } from "./elsewhere.ts";
import type { CoordinatorEvent } from "./events.ts";
import { deleteJob, jobEndPersisted, submissionPersisted, submissionRefused, submit } from "./jobs.ts";
import { accountTaken, persistFailed, retryWrites, takePersisted, writeQueue } from "./persistence.ts";
import { lookAtCells, sendOnTheirWay } from "./pointing.ts";
import { releaseVolunteer } from "./release.ts";
import { restore } from "./restore.ts";
import {
  closeSession,
  openSession,
  probeTimedOut,
  sessionProbed,
  setAvailability,
  setChoice,
  setModelBackend,
} from "./sessions.ts";
import type { CoordinatorState, Job, PersistPurpose, TimerPurpose } from "./state.ts";
import { emit, kindOf, startStep } from "./step-context.ts";

/**
 * Changes the state by one event.
 * @param kinds the same at every step: a log of events replays with the kinds that it was made with
 * @returns what the shell is to do, in order
 */
export function stepWith(kinds: CoreKinds, state: CoordinatorState, event: CoordinatorEvent): readonly Effect[] {
  const now = startStep(kinds, state, event.atMs);
  apply(now, event);
  sendOnTheirWay(now);
  if (!now.foundNothing || !state.isSettled) settle(now);
  return now.effects;
}

/** What changed is moved on, jobs hear what concerns them, those that are through are ended, and what is idle gets work. */
function settle(now: Step): void {
  const { state } = now;
  const effectsBefore = now.effects.length;
  do {
    tellOfCrowd(now);
    for (let next = now.told.shift(); next !== undefined; next = now.told.shift())
      kindOf(now, next.job).told?.(now, next.job, next.event);
  } while (state.isCrowdChanged);
  for (const job of state.jobsAtWork.values()) kindOf(now, job).advance?.(now, job);
  const isThrough = !dispatch(now);
  writeQueue(now);
  state.isSettled = isThrough && now.effects.length === effectsBefore;
}

function tellOfCrowd(now: Step): void {
  if (!now.state.isCrowdChanged) return;
  for (const job of now.state.jobsAtWork.values()) kindOf(now, job).crowdChanged?.(now, job);
  now.state.isCrowdChanged = false;
  now.state.crowd.changed.clear();
}

function apply(now: Step, event: CoordinatorEvent): void {
  switch (event.type) {
    case "restored":
      return restore(now, event);
    case "volunteersElsewhere":
      return volunteersElsewhere(now, event.volunteers);
    case "jobsTaken":
      return jobsTaken(now, event.jobs);
    case "cellsLooked":
      return lookAtCells(now, event.own, event.cells);
    case "sessionOpened":
      return openSession(now, event);
    case "sessionProbed":
      return sessionProbed(now, event.sessionId, event.precision);
    case "availabilityChanged":
      return setAvailability(now, event.sessionId, event.available, event.because);
    case "choiceChanged":
      return setChoice(now, event.sessionId, event.choice);
    case "modelOnBackend":
      return setModelBackend(now, event);
    case "sessionClosed":
      return closeSession(now, event.sessionId);
    case "volunteerReleased":
      return releaseVolunteer(now, event.volunteerId, event.reason);
    case "jobSubmitted":
      return submit(now, event.job, event.party);
    case "jobCancelled":
      return withJob(now, event.jobId, (job) => kindOf(now, job).cancel(now, job));
    case "jobDeleted":
      return withJob(now, event.jobId, (job) => deleteJob(now, job));
    case "stopRequested":
      return withJob(now, event.jobId, (job) => kindOf(now, job).stop(now, job));
    case "stopping":
      now.state.isStopping = true;
      return;
    case "outcome":
      now.state.numericsPending.delete(event.effectId);
      return kindOf(now, event).outcome(now, event.jobId, event.effectId, event.outcome);
    case "request":
      return kindOf(now, event).request?.(now, event.jobId, event.request);
    case "persisted":
      for (const { purpose, records } of takePersisted(now, event.effectId)) {
        for (const record of records) if (record.kind === "volunteer") creditIsDurable(now.state, record.volunteer);
        whenPersisted(now, purpose);
      }
      return;
    case "accountsElsewhere":
      for (const news of event.accounts) hearOfAccount(now.state, news);
      return;
    case "persistFailed":
      if (event.taken !== undefined) {
        const { taken } = event;
        hearOfAccount(now.state, taken);
        for (const refused of accountTaken(now, event.effectId, taken.key)) whenRefused(now, refused, event.message);
        return;
      }
      for (const refused of persistFailed(now, event.effectId, event.message)) whenRefused(now, refused, event.message);
      return;
    case "resultArrived":
      return resultArrived(now, event);
    case "sliceArrived":
      return sliceArrived(now, event);
    case "resultMalformed":
    case "assignmentFailed":
      return assignmentFailed(now, event.sessionId, event.assignmentId, event.message);
    case "assignmentReturned":
      return assignmentReturned(now, event.sessionId, event.assignmentId);
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

/** [EV3] Nothing where there is no such job. */
function withJob(now: Step, jobId: string, then: (job: Job) => void): void {
  const job = now.state.jobs.get(jobId);
  if (job !== undefined) then(job);
}

function whenPersisted(now: Step, purpose: PersistPurpose): void {
  switch (purpose.kind) {
    case "submission":
      return submissionPersisted(now, purpose.jobId);
    case "jobEnd":
      return jobEndPersisted(now, purpose.jobId, purpose.end, purpose.credited);
    case "release":
      emit(now, { type: "answerRelease", volunteerId: purpose.volunteerId });
      return;
    case "standing":
      return;
    case "job":
      return withJob(now, purpose.jobId, (job) => kindOf(now, job).persisted?.(now, job, purpose.purpose));
    default:
      return unreachable("step: no such case", purpose);
  }
}

function whenRefused(now: Step, refused: PersistPurpose, message: string): void {
  if (refused.kind === "submission") return submissionRefused(now, refused.jobId, message);
  if (refused.kind !== "job") return;
  withJob(now, refused.jobId, (job) => kindOf(now, job).refused?.(now, job, refused.purpose, message));
}

function timerFired(now: Step, purpose: TimerPurpose): void {
  switch (purpose.kind) {
    case "probe":
      return probeTimedOut(now, purpose.sessionId);
    case "deadline":
      return deadlinePassed(now, purpose.assignmentId);
    case "ahead":
      return aheadOverdue(now, purpose);
    case "rest":
      now.state.isCrowdChanged = true;
      return;
    case "retryPersist":
      return retryWrites(now);
    case "job":
      return withJob(now, purpose.jobId, (job) => kindOf(now, job).timer(now, job, purpose.purpose));
    default:
      return unreachable("step: no such case", purpose);
  }
}
