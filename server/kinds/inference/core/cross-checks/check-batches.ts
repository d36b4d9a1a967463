/**
 * Batches of duplicates alone: when all fresh rows are out, no ordinary batch is left with which a row could travel to its partner. They
 * hide nothing, so that they check authors and not who answers. SPEC.md CC4, CC5.
 */
import { isFineClass } from "../../../../../shared/verify/model-class.ts";
import { sendAssignment, voidAssignment } from "../../../../coordinator/assignments.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { addCredit } from "../../../../coordinator/credits.ts";
import { sessionsOf } from "../../../../coordinator/sessions-of.ts";
import type { Session } from "../../../../coordinator/state.ts";
import { emitNumerics } from "../../../../coordinator/step-context.ts";
import { isRawWorker } from "../inference-plan.ts";
import { type Batch, type BatchAssignment, type InferenceJob, inferenceJob, type Slot } from "../job.ts";
import type { Measured } from "../measured.ts";
import {
  backendOf,
  classKeyOf,
  classOf,
  expectedClass,
  fetchedFirst,
  isOtherThanFixed,
  probedOn,
  saysElsewhere,
} from "../model-classes.ts";
import { ownSize } from "../sized-rounds.ts";
import { type InferenceWork, NO_ROUND } from "../work.ts";
import { duplicateOf, duplicatesWith } from "./batch-checks.ts";
import { checkedJob } from "./checked-job.ts";
import type { JobChecks, PooledRow } from "./job-checks.ts";
import { areOut, drawWithoutMore, takeDuplicates } from "./row-pool.ts";

/** [CC5] Of rows that were held, when every row is out: partners that are drawn at once. */
const HELD_DRAWN_MAX = 256;

/** Sends one to a partner that idles. @returns false where none is to be sent, or nobody idles for whom rows wait */
export function sendCheckBatch(step: Step, job: InferenceJob): boolean {
  const checked = checkedJob(job);
  if (checked === null || !isEveryRowOut(job)) return false;
  const { state } = step;
  drawWithoutMore(state, job, checked.checks, HELD_DRAWN_MAX);
  for (const partner of checked.checks.queues.partners()) {
    for (const session of sessionsOf(state, partner)) {
      if (!state.crowd.turns.idle.has(session.sessionId)) continue;
      // [DP12] No more rows than its other batches have.
      const { groupsPerRound = 1 } = job.schedule.parts[ownSize(job, session)] ?? {};
      const rows = takeDuplicates(state, job, checked.checks, session, groupsPerRound);
      if (rows.length === 0) continue;
      send(step, job, checked.checks, session, rows);
      return true;
    }
  }
  return false;
}

/** Nothing of the job is left to be opened, and nothing that is open waits to be sent for the first time. */
function isEveryRowOut({ finishedRounds, openRounds, schedule, toRedo }: InferenceJob): boolean {
  if (toRedo.size > 0 || finishedRounds.size + openRounds.size < schedule.roundCount) return false;
  for (const round of openRounds.values()) {
    const isUnsent = ({ workerIndex, accepted, attempts, tried, takenBefore }: Slot) =>
      accepted === null && attempts.size + tried.size + takenBefore === 0 && isRawWorker(round.plan, workerIndex);
    if (round.phase === "encoding" || (round.generation === 0 && round.slots.some(isUnsent))) return false;
  }
  return true;
}

function send(step: Step, job: InferenceJob, checks: JobChecks, session: Session, rows: readonly PooledRow[]): void {
  const work = rows.length * job.stored.macsPerQuery;
  const duplicates = rows.map(({ roundIndex, workerIndex, row }) => ({ roundIndex, workerIndex, row }));
  const backend = backendOf(session, job.stored.modelSha256);
  const { assignmentId } = sendAssignment<Batch>(step, job, session, {
    work,
    ...{ roundIndex: NO_ROUND, workerIndex: 0, check: "rows", queueing: "alone", limitMs: null },
    ...fetchedFirst(job, job.stored.modelSha256, session),
    payload: { generation: 0, backend, goldenRows: 0, duplicates, isCheckBatch: true },
  });
  checks.batchesOut.add(assignmentId);
  areOut(checks, rows, assignmentId);
}

/** [CC5] What came is compared with the answers that stand, as where it comes with fresh rows. */
export function checkBatchAnswered(step: Step, assignment: BatchAssignment): void {
  const { state } = step;
  const { assignmentId, jobId, volunteerId, workerIndex, roundIndex, payload } = assignment;
  const job = inferenceJob(state, jobId);
  const duplicates = job === undefined ? [] : duplicatesWith(state, job, assignment);
  const isOfUse = job?.checks?.batchesOut.has(assignmentId) && duplicates.some((row) => row !== null);
  if (job === undefined || !isOfUse || job.stored.unchecked !== null) return letGo(step, assignment);
  saysElsewhere(state, assignment);
  if (isOtherThanFixed(job, payload.backend)) return letGo(step, assignment);
  const classKey = classKeyOf(job, null, workerIndex, payload.backend);
  const measured: Measured = { volunteerId, classKey, probed: probedOn(payload.backend, assignment.precision) };
  const [precision, isFine] = [expectedClass(state, measured), isFineClass(classOf(state, measured))];
  const compared = duplicates.map((row) => row && duplicateOf(state, job, row));
  const effectId = emitNumerics<InferenceWork>(step, job, {
    type: "audit",
    ...{ roundIndex, generation: payload.generation, assignmentId, volunteerId, workerIndex },
    ...{ precision, isFine, randomRows: 0, classRows: 0, against: null },
    crossChecked: { anchors: [], duplicates: compared },
  });
  job.auditsPending.set(effectId, {
    roundIndex,
    ...{ volunteerId, measured, isFine, askedMs: step.nowMs, rows: 0 },
    ...{ against: null, crossChecked: null, duplicates },
  });
}

/** [CR1] It earns what it took, where it was right. */
export function checkBatchJudged(step: Step, job: InferenceJob, assignment: BatchAssignment, isRight: boolean): void {
  if (isRight && job.checks !== null) addCredit(job.checks.credits, assignment.volunteerId, assignment.work);
  letGo(step, assignment);
}

/** It is past its deadline: its rows are for other partners. */
export function checkBatchIsLate(step: Step, assignment: BatchAssignment): void {
  forget(step, assignment);
  voidAssignment(step, assignment, true);
}

/** Its session holds it no longer. */
export function checkBatchFreed(step: Step, assignment: BatchAssignment): void {
  forget(step, assignment);
}

function letGo(step: Step, assignment: BatchAssignment): void {
  forget(step, assignment);
  voidAssignment(step, assignment, false);
}

function forget({ state }: Step, { assignmentId, jobId }: BatchAssignment): void {
  const checks = inferenceJob(state, jobId)?.checks;
  if (!checks?.batchesOut.delete(assignmentId)) return;
  // Rows that it did not answer wait for nobody now.
  checks.mustSweep = true;
}

/**
 * [VF14] [JB2] Nothing of the job is to be out any more. What is being judged may still name somebody.
 * @param volunteerId [VF4] whose batches are void, as nobody believes it any more; absent: all are
 */
export function voidCheckBatches(step: Step, { checks }: InferenceJob, volunteerId?: string): void {
  for (const assignmentId of [...(checks?.batchesOut ?? [])]) {
    const assignment = step.state.assignments.get(assignmentId);
    if (assignment === undefined || assignment.state === "checking") continue;
    if (volunteerId !== undefined && assignment.volunteerId !== volunteerId) continue;
    checks?.batchesOut.delete(assignmentId);
    voidAssignment(step, assignment, true);
  }
}
