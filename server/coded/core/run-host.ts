/**
 * Between the core and the pure machine of a coded run (run.ts): its effects become assignments, timers, writes and work of the
 * shell, and what comes back becomes its events. SPEC.md GJ rules.
 */
import { must } from "../../coordinator/assert.ts";
import type { Step } from "../../coordinator/core-kind.ts";
import { addCredit } from "../../coordinator/credits.ts";
import { quarantine } from "../../coordinator/reputation.ts";
import { emitWork, setJobTimer } from "../../coordinator/step-context.ts";
import { startRun, stepRun } from "./run.ts";
import type { RunEffect } from "./run-effects.ts";
import type { RunEvent } from "./run-events.ts";
import type { CodedRunJob } from "./run-job.ts";
import { endRun, persistCheckpoint } from "./run-lifecycle.ts";
import type { RunOutcome, RunTimer, RunWork, ToldRun } from "./run-work.ts";
import { endRoundShares, productWork, sendProduct, sendShard } from "./shares.ts";
import { tellRun } from "./tell-run.ts";

/** The machine hears it, and what it asks for is seen to. */
export function runTold(step: Step, job: CodedRunJob, event: ToldRun): void {
  for (const effect of effectsOf(step, job, event)) carryOut(step, job, effect);
}

function effectsOf(step: Step, { run }: CodedRunJob, event: ToldRun): readonly RunEffect[] {
  if (run === null) return [];
  if (event.type === "started") return startRun(run);
  return stepRun(run, { ...event, atMs: step.nowMs } as RunEvent);
}

function carryOut(step: Step, job: CodedRunJob, effect: RunEffect): void {
  switch (effect.type) {
    case "sendShard":
      return sendShard(step, job, effect);
    case "sendProduct":
      return sendProduct(step, job, effect);
    case "wakeAt":
      setJobTimer<RunTimer>(step, job, effect.wakeMs, { type: "wake" });
      return;
    case "nameLiar":
      return nameLiar(step, job, effect.volunteerId, effect.roundId);
    case "finish":
      return endRun(step, job, effect.end);
    case "endRound":
      endRoundShares(step, job, effect.roundId);
      break;
    case "verify": {
      const { effectId, volunteerId, product } = effect;
      job.verifying.set(effectId, { volunteerId, work: productWork(job, product) });
      break;
    }
    case "decode": {
      const { effectId, product, shardIndices, volunteerIds } = effect;
      const work = productWork(job, product);
      const shares = shardIndices.map((shardIndex, i) => {
        const volunteerId = must(volunteerIds[i], "GR5: each result that is decoded is somebody's");
        return { shardIndex, volunteerId, work };
      });
      job.decoding = { effectId, shares };
    }
  }
  // Not counted against the pool of numerics: a coded run has a thread of its own.
  emitWork<RunWork>(step, job, { type: "run", run: effect });
  if (effect.type === "checkpoint" && effect.reason === "periodic") persistCheckpoint(step, job);
}

/** An effect has its outcome. What was verified is credit before the machine goes on (CR1). */
export function runOutcome(step: Step, job: CodedRunJob, { run: answer, notes }: RunOutcome): void {
  const { stored } = job;
  if (job.run === null) return;
  if (notes !== undefined) stored.notes = [...new Set([...stored.notes, ...notes])];
  if (answer.type === "prepared" && stored.state === "preparing") stored.state = "running";
  if (answer.type === "verified") countVerified(step, job, answer.effectId, answer.isRight);
  if (answer.type === "decoded" && answer.verdict.kind === "decoded")
    creditDecoded(step, job, answer.effectId, answer.verdict.wrongShards);
  tellRun(step, job, answer);
}

function countVerified(step: Step, job: CodedRunJob, effectId: number, isRight: boolean): void {
  const checked = job.verifying.get(effectId);
  if (checked === undefined) return;
  job.verifying.delete(effectId);
  job.resultsChecked++;
  if (isRight) creditShare(step, job, checked.volunteerId, checked.work);
  else job.resultsRejected++;
}

/** Where neither a check nor the decode says which results were right, they earn nothing. */
function creditDecoded(step: Step, job: CodedRunJob, effectId: number, wrongShards: readonly number[]): void {
  if (job.decoding?.effectId !== effectId || !job.plan.provesByCode) return;
  for (const { shardIndex, volunteerId, work } of job.decoding.shares) {
    job.resultsChecked++;
    if (wrongShards.includes(shardIndex)) job.resultsRejected++;
    else creditShare(step, job, volunteerId, work);
  }
}

function creditShare(step: Step, job: CodedRunJob, volunteerId: string, work: number): void {
  addCredit(job.credits, volunteerId, work);
  const session = step.state.sessions.get(job.seats.get(volunteerId) ?? "");
  if (session !== undefined) session.verifiedAssignments++;
}

/** [GJ4] A result that failed its check costs its volunteer all work of all jobs, as a failed audit does. */
function nameLiar(step: Step, job: CodedRunJob, volunteerId: string, roundIndex: number): void {
  const volunteer = step.state.volunteers.get(volunteerId);
  if (volunteer === undefined) return;
  const { stored, run } = job;
  const reason = `its product of round ${roundIndex} is not what the shard times the vector is`;
  quarantine(step, volunteer, { jobId: stored.jobId, roundIndex }, reason);
  // Its name stands in the receipt, whatever happens before the next checkpoint.
  const { liars } = must(run, "GR6: whoever names a liar is at work");
  stored.progress = { ...stored.progress, liars: liars.map((liar) => ({ ...liar })) };
  persistCheckpoint(step, job, false);
}
