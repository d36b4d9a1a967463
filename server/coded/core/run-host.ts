/**
 * Between the coordinator and the pure training machine of a gradient job (server/coded/core/run.ts): its effects become sends,
 * timers, writes and numerics, and what comes back becomes its events. SPEC.md GJ rules.
 */

import { addCredit } from "../../coordinator/credits.ts";
import type { TrainingOutcome } from "../../coordinator/events.ts";
import { quarantine } from "../../coordinator/reputation.ts";
import { emit, type Step, setTimer, type TrainingEvent, tell } from "../../coordinator/step-context.ts";
import { startRun, stepRun } from "./run.ts";
import type { RunEffect } from "./run-effects.ts";
import type { RunEvent } from "./run-events.ts";
import type { GradientJob } from "./run-job.ts";
import { endGradient, persistCheckpoint } from "./run-lifecycle.ts";
import { endRoundTasks, productWork, sendProduct, sendShard } from "./shares.ts";

/** Hands trainings what they are told in this step, and sees to what they ask for. */
export function runTrainings(step: Step): void {
  for (let next = step.told.shift(); next !== undefined; next = step.told.shift()) {
    const { job, event } = next;
    for (const effect of effectsOf(step, job, event)) carryOut(step, job, effect);
  }
}

function effectsOf(step: Step, { training }: GradientJob, event: TrainingEvent): readonly RunEffect[] {
  if (training === null) return [];
  if (event.type === "started") return startRun(training);
  return stepRun(training, { ...event, atMs: step.nowMs } as RunEvent);
}

function carryOut(step: Step, job: GradientJob, effect: RunEffect): void {
  const { jobId } = job.stored;
  switch (effect.type) {
    case "sendShard":
      return sendShard(step, job, effect);
    case "sendProduct":
      return sendProduct(step, job, effect);
    case "wakeAt":
      setTimer(step, effect.wakeMs, { kind: "trainingWake", jobId });
      return;
    case "nameLiar":
      return nameLiar(step, job, effect.volunteerId, effect.roundId);
    case "finish":
      return endGradient(step, job, effect.end);
    case "endRound":
      endRoundTasks(step, job, effect.roundId);
      break;
    case "verify":
      job.verifying.set(effect.effectId, {
        volunteerId: effect.volunteerId,
        work: productWork(job, effect.product),
      });
      break;
    case "decode": {
      const work = productWork(job, effect.product);
      const shares = effect.shardIndices.map((shardIndex, i) => ({
        shardIndex,
        volunteerId: effect.volunteerIds[i]!,
        work,
      }));
      job.decoding = { effectId: effect.effectId, shares };
    }
  }
  // Not counted against the pool of inference jobs: a gradient job has a thread of its own.
  emit(step, { type: "training", jobId, training: effect });
  if (effect.type === "checkpoint" && effect.reason === "periodic") persistCheckpoint(step, job);
}

/** An effect has its outcome. What was verified is credit before the machine goes on (CR2). */
export function trainingOutcome(
  step: Step,
  jobId: string,
  outcome: TrainingOutcome,
  notes: readonly string[] | null,
): void {
  const job = step.state.gradientJobs.get(jobId);
  if (job?.training == null) return;
  if (notes !== null) job.stored.notes = [...notes];
  if (outcome.type === "prepared" && job.stored.state === "preparing") job.stored.state = "running";
  if (outcome.type === "verified") countVerified(step, job, outcome.effectId, outcome.isRight);
  if (outcome.type === "decoded" && outcome.verdict.kind === "decoded" && job.decoding?.effectId === outcome.effectId) {
    // Where neither a check nor the decode says which results were right, they earn nothing.
    if (job.plan.provesByCode) creditDecoded(step, job, outcome.verdict.wrongShards);
  }
  tell(step, job, outcome);
}

export function wakeTraining(step: Step, jobId: string): void {
  const job = step.state.gradientJobs.get(jobId);
  if (job !== undefined) tell(step, job, { type: "woken" });
}

function countVerified(step: Step, job: GradientJob, effectId: number, isRight: boolean): void {
  const checked = job.verifying.get(effectId);
  if (checked === undefined) return;
  job.verifying.delete(effectId);
  job.resultsChecked++;
  if (isRight) creditShare(step, job, checked.volunteerId, checked.work);
  else job.resultsRejected++;
}

function creditDecoded(step: Step, job: GradientJob, wrongShards: readonly number[]): void {
  for (const { shardIndex, volunteerId, work } of job.decoding!.shares) {
    job.resultsChecked++;
    if (wrongShards.includes(shardIndex)) job.resultsRejected++;
    else creditShare(step, job, volunteerId, work);
  }
}

function creditShare(step: Step, job: GradientJob, volunteerId: string, work: number): void {
  addCredit(job.credits, volunteerId, work);
  const session = step.state.sessions.get(job.seats.get(volunteerId) ?? "");
  if (session !== undefined) session.verifiedAssignments++;
}

/** [GJ4] A result that failed its check costs its volunteer all work of all jobs, as a failed audit does. */
function nameLiar(step: Step, job: GradientJob, volunteerId: string, roundId: number): void {
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  const reason = `its product of round ${roundId} is not what the shard times the vector is`;
  quarantine(step, volunteer, job.stored.jobId, roundId, reason);
  // Its name stands in the receipt, whatever happens before the next checkpoint.
  const { stored, training } = job;
  stored.progress = { ...stored.progress, liars: training!.liars.map((liar) => ({ ...liar })) };
  persistCheckpoint(step, job, false);
}
