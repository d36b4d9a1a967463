/** Shards and products on their way to one session and back. SPEC.md GJ rules. */
import { PRODUCT_MS_MAX, SHARD_FETCH_MS_MAX } from "../../../shared/protocol/limits.ts";
import { sendAssignment, voidAssignment } from "../../coordinator/assignments.ts";
import type { Freed, Step } from "../../coordinator/core-kind.ts";
import type { Assignment, Session } from "../../coordinator/state.ts";
import { shardHeights } from "./run-cost.ts";
import type { RunEffect } from "./run-effects.ts";
import type { RunProduct } from "./run-events.ts";
import { type CodedRunJob, codedRun, type Share, type ShareAssignment } from "./run-job.ts";
import { leaveSeat } from "./seats.ts";
import { tellRun } from "./tell-run.ts";

/** Of the smoothed speed, what the latest answer counts. */
const SPEED_WEIGHT = 0.3;

type EffectOf<T extends RunEffect["type"]> = Extract<RunEffect, { type: T }>;

export function sendShard(step: Step, job: CodedRunJob, effect: EffectOf<"sendShard">): void {
  const { generation, shardIndex, volunteerId } = effect;
  const session = seatOf(step, job, volunteerId);
  if (session === null) return;
  sendAssignment<Share>(step, job, session, {
    ...{ roundIndex: 0, workerIndex: shardIndex, work: 0, check: "none" },
    payload: { share: "shard", generation, product: null },
    queueing: "beside",
    limitMs: SHARD_FETCH_MS_MAX,
  });
}

export function sendProduct(step: Step, job: CodedRunJob, effect: EffectOf<"sendProduct">): void {
  const { generation, shardIndex, volunteerId, roundId, product } = effect;
  const session = seatOf(step, job, volunteerId);
  if (session === null) return;
  sendAssignment<Share>(step, job, session, {
    ...{
      roundIndex: roundId,
      workerIndex: shardIndex,
      work: productWork(job, product),
      check: job.plan.verification,
    },
    payload: { share: "product", generation, product },
    queueing: "beside",
    limitMs: PRODUCT_MS_MAX,
  });
}

/** null: nobody sits there any more; the run is told so before the step ends. */
function seatOf({ state }: Step, { seats }: CodedRunJob, volunteerId: string): Session | null {
  const session = state.sessions.get(seats.get(volunteerId) ?? "");
  return session?.state === "ready" ? session : null;
}

/** Multiply-adds of one product of one shard of the code at work. */
export function productWork({ plan, run, stored }: CodedRunJob, product: RunProduct): number {
  const { rows, columns, width, parts } = stored.shape;
  const shape = { rows, columns, matrixLimbs: parts?.matrix ?? 1 };
  const heights = shardHeights(shape, run?.active?.blockCount ?? plan.blockCount);
  const size = product === "forward" ? heights.forward * columns : heights.backward * rows;
  // Chunks that keep a sum exact are zeros elsewhere: they make messages longer, and are no work of their own.
  return size * width * (parts?.[product] ?? 1);
}

/** A shard is held, or a product is here (its bytes are held by the shell). */
export function shareAnswered(step: Step, assignment: ShareAssignment): void {
  const job = codedRun(step.state, assignment.jobId);
  if (job === undefined) return;
  const { payload, roundIndex: roundId, workerIndex: shardIndex, volunteerId } = assignment;
  const { share, generation } = payload;
  if (share === "shard") return tellRun(step, job, { type: "shardHeld", generation, shardIndex, volunteerId });
  measureSpeed(step, job, assignment);
  tellRun(step, job, { type: "resultArrived", roundId, shardIndex, volunteerId });
}

/**
 * Its session has not answered. One that gives back what is still asked leaves the run, and sits again where it still wants to
 * work (GJ3); when one lets go of a product that is not needed any more tells how fast it is.
 */
export function shareFreed(step: Step, assignment: ShareAssignment, freed: Freed): void {
  const job = codedRun(step.state, assignment.jobId);
  if (job === undefined) return;
  const { payload, roundIndex: roundId, workerIndex: shardIndex, volunteerId, sessionId } = assignment;
  const isShard = payload.share === "shard";
  if (freed.why === "failed") {
    if (isShard) tellRun(step, job, { type: "shardRefused", volunteerId });
    else tellRun(step, job, { type: "resultFailed", roundId, shardIndex, volunteerId });
  }
  if (freed.why !== "returned") return;
  if (!freed.wasDropped) {
    if (job.seats.get(volunteerId) === sessionId) leaveSeat(step, job, volunteerId);
  } else if (!isShard) tellRun(step, job, { type: "resultArrived", roundId, shardIndex, volunteerId });
}

/** [GJ2] Its round is over: whoever is at it need not go on, and counts as busy until it has let go. */
export function endRoundShares(step: Step, job: CodedRunJob, roundId: number): void {
  for (const sessionId of job.seats.values()) {
    const session = step.state.sessions.get(sessionId);
    for (const assignmentId of session?.holds ?? []) {
      const assignment = step.state.assignments.get(assignmentId);
      if (assignment === undefined || !isOutOf(job, assignment)) continue;
      if (assignment.payload.share === "product" && assignment.roundIndex === roundId)
        voidAssignment(step, assignment, true);
    }
  }
}

/** All that is out of a job that ends. */
export function endAllShares(step: Step, job: CodedRunJob): void {
  for (const assignment of step.state.assignments.ofJob(job.stored.jobId))
    if (isOutOf(job, assignment)) voidAssignment(step, assignment, true);
}

function isOutOf({ stored }: CodedRunJob, assignment: Assignment): assignment is ShareAssignment {
  return assignment.jobId === stored.jobId && assignment.state === "outstanding";
}

/** Products of one tab are computed one after the other: the time since the one before is this one's. */
function measureSpeed(step: Step, job: CodedRunJob, { sentMs, sessionId, volunteerId, work }: ShareAssignment): void {
  const volunteer = step.state.volunteers.get(volunteerId);
  const session = step.state.sessions.get(sessionId);
  if (session === undefined) return;
  const ms = step.nowMs - Math.max(sentMs, session.besideAnsweredMs);
  session.besideAnsweredMs = step.nowMs;
  if (volunteer === undefined || ms <= 0) return;
  const speed = work / ms;
  volunteer.besideSpeed =
    volunteer.besideSpeed === null ? speed : (1 - SPEED_WEIGHT) * volunteer.besideSpeed + SPEED_WEIGHT * speed;
  if (job.plan.shardsPerVolunteer === 1) return;
  tellRun(step, job, { type: "speedMeasured", volunteerId, speed: volunteer.besideSpeed });
}
