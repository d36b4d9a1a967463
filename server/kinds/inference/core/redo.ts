/**
 * The part of a liar in durable rounds: withdrawn at once, and done again as fast as the limits of its job allow. SPEC.md VF5,
 * RD6, DP3.
 */

import { standsOnLiar } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState, FinishedRound, Job, Round } from "../../../coordinator/state.ts";
import { emit, type Step } from "../../../coordinator/step-context.ts";
import { canBeRedoneInPart, type InferencePlan, isRawWorker } from "./inference-plan.ts";
import { newRound, usesQuarantined } from "./rounds.ts";

/**
 * [VF5] A durable round with a quarantined volunteer's part: what came of it is no answer any more, and the round waits in
 * line to be opened again.
 */
export function withdrawLies(step: Step, job: Job, roundIndex: number): void {
  const finished = job.finishedRounds.get(roundIndex);
  // What nothing verified stays as it is, marked so; only audited answers promise that a liar's part is redone.
  if (finished === undefined || job.plan.verification !== "audits") return;
  if (!usesQuarantined(step.state, finished.sources)) return;
  job.toRedo.add(roundIndex);
  const { jobId } = job.stored;
  // Where a result went into every answer of its round, nothing of that round can stay.
  const plan = job.schedule.planOf(roundIndex);
  const withdrawn = canBeRedoneInPart(plan) ? workersToRedo(step.state, plan, finished) : [null];
  for (const workerIndex of withdrawn) {
    emit(step, { type: "withdraw", jobId, roundIndex, generation: finished.generation, workerIndex });
  }
}

/**
 * [RD6] Opens a durable round again for the worker indices whose volunteer is no longer believed. Its other answers stand,
 * marked, until the redone ones take their place. Where no part can stand, all of it is done again.
 */
export function reopenRound(step: Step, job: Job, roundIndex: number): Round {
  const finished = job.finishedRounds.get(roundIndex)!;
  const round = newRound(step, job, roundIndex, finished.generation + 1, finished);
  for (const source of finished.sources) {
    if (source === null || !standsOnLiar(step.state, source)) continue;
    round.takenOut.push({ volunteerId: source.volunteerId, wasDurable: true });
  }
  if (canBeRedoneInPart(round.plan)) keepHonestPart(step.state, round, finished);
  else round.decode = { state: "none", minimumResults: 0 };
  job.toRedo.delete(roundIndex);
  job.finishedRounds.delete(roundIndex);
  job.openRounds.set(roundIndex, round);
  step.touched.set(round, job);
  return round;
}

function keepHonestPart(state: CoordinatorState, round: Round, finished: FinishedRound): void {
  const { rawQueryOf } = round.plan.scheme;
  const redone = new Set(workersToRedo(state, round.plan, finished));
  for (const workerIndex of redone) {
    if (isRawWorker(round.plan, workerIndex)) round.wanted.add(rawQueryOf[workerIndex]!);
  }
  finished.sources.forEach((source, workerIndex) => {
    // Where several workers answered one query (K = 1), the bytes of the others are gone: that query is asked again.
    if (source === null || redone.has(workerIndex) || round.wanted.has(rawQueryOf[workerIndex]!)) return;
    round.slots[workerIndex]!.accepted = { ...source, assignmentId: null, addressGroup: null };
  });
}

/** Worker indices of a liar; and, where they would have stayed, the estimates that its results went into. */
function workersToRedo(state: CoordinatorState, plan: InferencePlan, { sources }: FinishedRound): number[] {
  return sources.flatMap((source, workerIndex) => {
    const isEstimate = source === null && !plan.endsExact && isRawWorker(plan, workerIndex);
    return isEstimate || (source !== null && standsOnLiar(state, source)) ? [workerIndex] : [];
  });
}
