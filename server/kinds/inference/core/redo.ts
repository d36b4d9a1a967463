/**
 * The part of a liar in durable rounds: withdrawn at once, and done again as fast as the limits of its job allow. SPEC.md VF5,
 * RD6, DP3.
 */
import { must } from "../../../coordinator/assert.ts";
import type { Step } from "../../../coordinator/core-kind.ts";
import { mayEnd } from "../../../coordinator/jobs.ts";
import { isQuarantined } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { emitWork, touch } from "../../../coordinator/step-context.ts";
import { standsOnLiar } from "./batch-bounds.ts";
import { type BatchSource, isChecked } from "./batch-source.ts";
import { voidCheckBatches } from "./cross-checks/check-batches.ts";
import { lookForNamings } from "./cross-checks/stream-ledgers.ts";
import { isCertified } from "./cross-checks/windows.ts";
import {
  batchRowsOf,
  canBeRedoneInPart,
  codeWorkerOf,
  type InferencePlan,
  isRawWorker,
  rawQueryOf,
} from "./inference-plan.ts";
import { type FinishedRound, type InferenceJob, type Round, slotAt, slotRows } from "./job.ts";
import { newRound, purgeRound, usesQuarantined } from "./rounds.ts";
import type { InferenceWork } from "./work.ts";

/**
 * [VF5] A durable round with a quarantined volunteer's part: what came of it is no answer any more, and the round waits in
 * line to be opened again.
 */
export function withdrawLies(step: Step, job: InferenceJob, roundIndex: number): void {
  const finished = job.finishedRounds.get(roundIndex);
  // What nothing verified stays as it is, marked so; only audited answers promise that a liar's part is redone.
  if (finished === undefined || job.plan.verification !== "audits") return;
  if (!usesQuarantined(step.state, finished.sources)) return;
  job.toRedo.add(roundIndex);
  // Where a result went into every answer of its round, nothing of that round can stay.
  const plan = job.schedule.planOf(roundIndex);
  const withdrawn = canBeRedoneInPart(plan) ? workersToRedo(step.state, plan, finished) : [null];
  for (const workerIndex of withdrawn) {
    const { generation } = finished;
    emitWork<InferenceWork>(step, job, { type: "withdraw", roundIndex, generation, workerIndex });
  }
}

/**
 * [RD6] Opens a durable round again for the worker indices whose volunteer is no longer believed. Its other answers stand,
 * marked, until the redone ones take their place. Where no part can stand, all of it is done again.
 */
export function reopenRound(step: Step, job: InferenceJob, roundIndex: number): Round {
  const finished = must(
    job.finishedRounds.get(roundIndex),
    `RD6: what is opened again is durable, round ${roundIndex} is not`,
  );
  const round = newRound(step, job, roundIndex, finished.generation + 1, finished);
  finished.sources.forEach((source, workerIndex) => {
    if (source === null || !standsOnLiar(step.state, source)) return;
    const rows = slotRows(round, { workerIndex });
    round.takenOut.push({ volunteerId: source.volunteerId, rows, wasDurable: true });
  });
  if (canBeRedoneInPart(round.plan)) keepHonestPart(step.state, round, finished);
  else round.decode = { state: "none", minimumResults: 0 };
  job.toRedo.delete(roundIndex);
  job.finishedRounds.delete(roundIndex);
  job.openRounds.set(roundIndex, round);
  touch(step, job, round);
  return round;
}

function keepHonestPart(state: CoordinatorState, round: Round, finished: FinishedRound): void {
  const { plan } = round;
  const redone = new Set(workersToRedo(state, round.plan, finished));
  for (const workerIndex of redone) {
    if (isRawWorker(plan, workerIndex)) round.wanted.add(rawQueryOf(plan, workerIndex));
  }
  const askedOf = new Set([...redone].map((workerIndex) => codeWorkerOf(plan, workerIndex)));
  finished.sources.forEach((source, workerIndex) => {
    if (source === null || redone.has(workerIndex)) return;
    // Where several workers answered one query (K = 1), the bytes of the others are gone: that query is asked again.
    if (round.wanted.has(rawQueryOf(plan, workerIndex)) && !askedOf.has(codeWorkerOf(plan, workerIndex))) return;
    slotAt(round, workerIndex).accepted = { ...source, assignmentId: null, addressGroup: null };
  });
}

/** Worker indices of a liar; and, where they would have stayed, the estimates that its results went into. */
function workersToRedo(state: CoordinatorState, plan: InferencePlan, { sources }: FinishedRound): number[] {
  return sources.flatMap((source, workerIndex) => {
    const isEstimate = source === null && !plan.endsExact && isRawWorker(plan, workerIndex);
    return isEstimate || (source !== null && standsOnLiar(state, source)) ? [workerIndex] : [];
  });
}

/** [VF3] Its whole part in the job is redone: a wrong row found at random says that others were not found. */
export function redoPartOf(step: Step, job: InferenceJob, volunteerId: string): void {
  // What nothing verified stays as it is, marked so; only audited answers promise that a liar's part is redone.
  if (job.plan.verification !== "audits" || !mayEnd(job)) return;
  const wasAuditing = job.stored.state === "auditing";
  job.topUps.delete(volunteerId);
  if (job.checks !== null) {
    job.checks.mustSweep = true;
    if (isQuarantined(step.state, volunteerId)) {
      job.checks.credits.delete(volunteerId);
      voidCheckBatches(step, job, volunteerId);
    }
    if (job.checks.counts.has(volunteerId)) job.checks.checksAtLatestNaming = job.checks.checksSeen;
    lookForNamings(step, job);
  }
  for (const round of [...job.openRounds.values()]) purgeRound(step, job, round, volunteerId);
  for (const [roundIndex] of job.finishedRounds.partsOf(volunteerId)) withdrawLies(step, job, roundIndex);
  if (job.toRedo.size > 0 && wasAuditing) job.stored.state = "running";
}

/**
 * [PC5] What this volunteer gave that nobody checked is taken out: of what was checked, rows were right, and so it is another back-end's.
 */
export function withdrawUnchecked(step: Step, job: InferenceJob, volunteerId: string): void {
  withdrawWhere(step, job, volunteerId, (source) => !isChecked(source));
}

/** [PC11] What this volunteer computed on a card, and none of fixed arithmetic too, is taken out. */
export function withdrawCards(step: Step, job: InferenceJob, volunteerId: string): void {
  withdrawWhere(step, job, volunteerId, ({ card }) => card !== undefined);
}

/** [PC11] What this volunteer gave is taken out, on whatever it says that it computed it, unless somebody else gave the same. */
export function withdrawUnconfirmed(step: Step, job: InferenceJob, volunteerId: string): void {
  withdrawWhere(step, job, volunteerId, ({ card, opinionBy }) => card !== undefined || opinionBy === null);
}

function withdrawWhere(
  step: Step,
  job: InferenceJob,
  volunteerId: string,
  isOut: (source: BatchSource) => boolean,
): void {
  const withdrawn = <S extends BatchSource>(source: S): S =>
    source.volunteerId === volunteerId && isOut(source) ? { ...source, isWithdrawn: true } : source;
  let isAny = false;
  for (const { slots } of job.openRounds.values()) {
    for (const slot of slots) {
      if (slot.accepted !== null) slot.accepted = withdrawn(slot.accepted);
      isAny ||= slot.accepted?.isWithdrawn === true;
    }
  }
  for (const [roundIndex, finished] of job.finishedRounds) {
    const sources = finished.sources.map((source) => source && withdrawn(source));
    if (!sources.some((source) => source?.isWithdrawn === true)) continue;
    job.finishedRounds.set(roundIndex, { ...finished, sources });
    isAny = true;
  }
  if (isAny) redoPartOf(step, job, volunteerId);
}

/**
 * [CC8] Batches of these volunteers are taken out and done again, as long as there is room for whole ones.
 * @param most rows
 * @returns how many rows
 */
export function replaceBatches(step: Step, job: InferenceJob, volunteerIds: readonly string[], most: number): number {
  let left = most;
  const withdrawn = new Set<number>();
  for (const volunteerId of volunteerIds) {
    for (const [roundIndex, finished] of job.finishedRounds.partsOf(volunteerId)) {
      const plan = job.schedule.planOf(roundIndex);
      const sources = finished.sources.map((source, workerIndex) => {
        const rows = batchRowsOf(plan, roundIndex, workerIndex);
        if (source?.volunteerId !== volunteerId || source.coins === undefined || rows > left) return source;
        if (isCertified(job.stored.crossChecks, source.coins)) return source;
        left -= rows;
        withdrawn.add(roundIndex);
        return { ...source, isWithdrawn: true as const };
      });
      if (withdrawn.has(roundIndex)) job.finishedRounds.set(roundIndex, { ...finished, sources });
    }
  }
  for (const roundIndex of withdrawn) withdrawLies(step, job, roundIndex);
  return most - left;
}

/** [VF11] Rounds in line to be opened again: which of their results are told apart by who gave them. */
export function keepWithdrawn({ state }: Step, job: InferenceJob): void {
  for (const roundIndex of job.toRedo) {
    const finished = job.finishedRounds.get(roundIndex);
    if (finished === undefined) continue;
    const sources = finished.sources.map((source) =>
      source !== null && standsOnLiar(state, source) ? { ...source, isWithdrawn: true as const } : source,
    );
    job.finishedRounds.set(roundIndex, { ...finished, sources });
  }
}
