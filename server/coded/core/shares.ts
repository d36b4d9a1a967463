/** Shards and products on their way to one session and back. SPEC.md GJ rules. */
import { PRODUCT_MS_MAX, SHARD_FETCH_MS_MAX } from "../../../shared/protocol/limits.ts";
import { rememberOutcome, takeBackAhead } from "../../coordinator/assignments.ts";
import { closeSessionFor, refreshIdle } from "../../coordinator/idle-sessions.ts";
import { restVolunteer } from "../../coordinator/reputation.ts";
import { countFailure } from "../../coordinator/results.ts";
import type { Session } from "../../coordinator/state.ts";
import { clearTimer, emit, type Step, setTimer, tell } from "../../coordinator/step-context.ts";
import { shardHeights } from "./run-cost.ts";
import type { RunEffect } from "./run-effects.ts";
import type { RunProduct } from "./run-events.ts";
import type { GradientJob, GradientTask } from "./run-job.ts";

const UNRESPONSIVE = "Your device took work and did not answer in time.";
/** Of the smoothed speed, what the latest answer counts. */
const SPEED_WEIGHT = 0.3;

type EffectOf<T extends RunEffect["type"]> = Extract<RunEffect, { type: T }>;

export function sendShard(step: Step, job: GradientJob, effect: EffectOf<"sendShard">): void {
  const { generation, shardIndex, volunteerId } = effect;
  send(step, job, { kind: "shard", generation, shardIndex, volunteerId, roundId: 0, product: null });
}

export function sendProduct(step: Step, job: GradientJob, effect: EffectOf<"sendProduct">): void {
  const { generation, shardIndex, volunteerId, roundId, product } = effect;
  send(step, job, { kind: "product", generation, shardIndex, volunteerId, roundId, product });
}

type Share = Pick<GradientTask, "kind" | "generation" | "shardIndex" | "volunteerId" | "roundId" | "product">;

function send(step: Step, job: GradientJob, share: Share): void {
  const { state } = step;
  const sessionId = job.seats.get(share.volunteerId);
  const session = sessionId === undefined ? undefined : state.sessions.get(sessionId);
  // Nobody sits there any more: the training is told so before the step ends.
  if (sessionId === undefined || session === undefined) return;
  const { jobId } = job.stored;
  const taskId = state.nextAssignmentId++;
  const deadlineMs = share.kind === "shard" ? SHARD_FETCH_MS_MAX : PRODUCT_MS_MAX;
  state.gradientTasks.set(taskId, {
    ...share,
    taskId,
    jobId,
    sessionId,
    sentMs: step.nowMs,
    work: share.product === null ? 0 : productWork(job, share.product),
    state: "out",
    timerId: setTimer(step, step.nowMs + deadlineMs, { kind: "share", taskId }),
  });
  session.shares.add(taskId);
  // No round waits behind a batch that has not begun.
  takeBackAhead(step, session);
  refreshIdle(state, session);
  const { kind, generation, shardIndex, roundId, product } = share;
  emit(step, {
    type: "sendShare",
    taskId,
    sessionId,
    jobId,
    kind,
    generation,
    shardIndex,
    roundId,
    product,
    deadlineMs,
  });
}

/** Multiply-adds of one product of one shard of the code at work. */
export function productWork({ stored, plan, training }: GradientJob, product: RunProduct): number {
  const blockCount = training?.active?.blockCount ?? plan.blockCount;
  const { rows, columns, width } = stored.shape;
  const heights = shardHeights({ rows, columns }, blockCount);
  const size = product === "forward" ? heights.forward * columns : heights.backward * rows;
  // Chunks that keep a sum exact are zeros elsewhere: they make messages longer, and are no work of their own.
  return size * width;
}

/** The session answered: a shard is held, or a product is here (its bytes are held by the shell). */
export function shareAnswered(step: Step, sessionId: string, taskId: number): void {
  const found = taskOf(step, sessionId, taskId);
  if (found === null) return;
  const { task, session, job } = found;
  const { generation, shardIndex, volunteerId, roundId } = task;
  session.failuresInRow = 0;
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer !== undefined) volunteer.unansweredInRow = 0;
  end(step, session, task, task.state === "over" ? "late" : "answered");
  if (job === undefined) return;
  if (task.kind === "shard") return tell(step, job, { type: "shardHeld", generation, shardIndex, volunteerId });
  measureSpeed(step, job, session, task);
  tell(step, job, { type: "resultArrived", roundId, shardIndex, volunteerId });
}

/** It could not, or what it sent has not the form that was asked for. */
export function shareFailed(step: Step, sessionId: string, taskId: number, message: string): void {
  const found = taskOf(step, sessionId, taskId);
  if (found === null) return;
  const { task, session, job } = found;
  const { shardIndex, volunteerId, roundId } = task;
  end(step, session, task, `failed: ${message}`);
  countFailure(step, session, message);
  if (job === undefined) return;
  if (task.kind === "shard") tell(step, job, { type: "shardRefused", volunteerId });
  else tell(step, job, { type: "resultFailed", roundId, shardIndex, volunteerId });
}

/**
 * The tab let go of it without an answer. Of a round that is over, that tells how fast it is; of one that still runs, the
 * volunteer gives its seat up, and takes it again where it still wants to work (GJ3).
 */
export function shareReturned(step: Step, sessionId: string, taskId: number): void {
  const found = taskOf(step, sessionId, taskId);
  if (found === null) return;
  const { task, session, job } = found;
  const { shardIndex, volunteerId, roundId } = task;
  end(step, session, task, "not needed");
  if (job === undefined) return;
  if (task.state === "over") {
    if (task.kind === "product") tell(step, job, { type: "resultArrived", roundId, shardIndex, volunteerId });
    return;
  }
  if (job.seats.get(volunteerId) === sessionId) leaveSeat(step, job, volunteerId);
}

/** Takes a volunteer out of the training; whoever may sit is seated again before the step ends. */
export function leaveSeat(step: Step, job: GradientJob, volunteerId: string): void {
  job.seats.delete(volunteerId);
  step.state.seatsStale = true;
  tell(step, job, { type: "volunteerLeft", volunteerId });
}

/** [GJ5] Whoever takes a share and never answers is closed, and rests. */
export function shareTimedOut(step: Step, taskId: number): void {
  const task = step.state.gradientTasks.get(taskId);
  const session = task && step.state.sessions.get(task.sessionId);
  if (task === undefined || session === undefined) return;
  restVolunteer(step, task.volunteerId);
  closeSessionFor(step, session, "unresponsive", UNRESPONSIVE);
}

/** [GJ2] Its round is over: whoever is at it need not go on, and counts as busy until it has let go. */
export function endRoundTasks(step: Step, job: GradientJob, roundId: number): void {
  const { jobId } = job.stored;
  for (const sessionId of job.seats.values()) {
    const session = step.state.sessions.get(sessionId);
    for (const taskId of session?.shares ?? []) {
      const task = step.state.gradientTasks.get(taskId);
      if (task?.jobId === jobId && task.kind === "product" && task.roundId === roundId) callOff(step, task);
    }
  }
}

/** All that is out of a job that ends. */
export function endAllTasks(step: Step, jobId: string): void {
  for (const task of step.state.gradientTasks.values()) if (task.jobId === jobId) callOff(step, task);
}

function callOff(step: Step, task: GradientTask): void {
  if (task.state === "over") return;
  task.state = "over";
  const { jobId, roundId: roundIndex, taskId: assignmentId, sessionId } = task;
  emit(step, { type: "voidAssignment", jobId, roundIndex, assignmentId, sessionId, tell: true });
}

/** A session that goes: nothing of it is waited for. */
export function dropShares(step: Step, session: Session): void {
  for (const taskId of session.shares) {
    const task = step.state.gradientTasks.get(taskId);
    if (task === undefined) continue;
    step.state.gradientTasks.delete(taskId);
    clearTimer(step, task.timerId);
    const { jobId, roundId: roundIndex, sessionId } = task;
    if (task.state === "out") {
      emit(step, { type: "voidAssignment", jobId, roundIndex, assignmentId: taskId, sessionId, tell: false });
    }
  }
  session.shares.clear();
}

function taskOf(step: Step, sessionId: string, taskId: number) {
  const task = step.state.gradientTasks.get(taskId);
  const session = step.state.sessions.get(sessionId);
  if (task === undefined || task.sessionId !== sessionId || session === undefined) return null;
  return { task, session, job: step.state.gradientJobs.get(task.jobId) };
}

function end(step: Step, session: Session, task: GradientTask, outcome: string): void {
  const { taskId, jobId, roundId: roundIndex, shardIndex: workerIndex, sentMs } = task;
  step.state.gradientTasks.delete(taskId);
  clearTimer(step, task.timerId);
  session.shares.delete(taskId);
  rememberOutcome(session, { jobId, roundIndex, workerIndex, outcome, ms: step.nowMs - sentMs });
  refreshIdle(step.state, session);
}

/** Shares of one tab are computed one after the other: the time since the one before is this one's. */
function measureSpeed(step: Step, job: GradientJob, session: Session, task: GradientTask): void {
  const volunteer = step.state.volunteers.get(task.volunteerId);
  const ms = step.nowMs - Math.max(task.sentMs, session.shareAnsweredMs);
  session.shareAnsweredMs = step.nowMs;
  if (volunteer === undefined || ms <= 0) return;
  const speed = task.work / ms;
  volunteer.productSpeed =
    volunteer.productSpeed === null ? speed : (1 - SPEED_WEIGHT) * volunteer.productSpeed + SPEED_WEIGHT * speed;
  if (job.plan.shardsPerVolunteer === 1) return;
  tell(step, job, { type: "speedMeasured", volunteerId: task.volunteerId, speed: volunteer.productSpeed });
}
