/** What a coded run will take, said before it is submitted: its code, its crowd and its time. */
import type { CodedEstimate } from "../../shared/coded/estimate.ts";
import { CODED_SHARDS_MAX } from "../../shared/coded/limits.ts";
import { isChosenBy } from "../coordinator/choice-rules.ts";
import { countReadyVolunteers } from "../coordinator/ranking.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { RunCost } from "./core/run-cost.ts";
import { planRun, type RunPlan, thresholdOf } from "./core/run-plan.ts";
import { shardsEachMax, shareOut } from "./core/run-shards.ts";

/** @param submitter [WC5] counted are those alone who work for it */
export function runEstimate(state: CoordinatorState, plan: RunPlan, cost: RunCost, submitter: string): CodedEstimate {
  const job = { jobId: "", submission: { kind: "", submitter } };
  const { volunteers: elsewhere } = state.crowd.choosers.without((choice) => isChosenBy(choice, job));
  // Nobody is invited to a job that does not exist yet.
  const volunteersReady = plan.maskCount > 0 ? 0 : countReadyVolunteers(state) - elsewhere;
  const speeds = measuredSpeeds(state);
  const seconds = secondsPerIteration(speeds, plan, cost);
  return {
    volunteersNeeded: plan.volunteerCount,
    volunteersReady,
    volunteersMissing: Math.max(0, plan.volunteerCount - volunteersReady),
    shardBytesPerVolunteer: cost.shardBytesPerVolunteer,
    broadcastBytesPerIteration: cost.broadcastBytesPerIteration,
    resultBytesPerIteration: cost.resultBytesPerIteration,
    totalBytes: cost.totalBytes,
    multiplicationsPerVolunteerPerIteration: cost.multiplicationsPerVolunteerPerIteration,
    verificationShare: cost.verificationShare,
    rounds: cost.rounds,
    redundancy: plan.redundancy,
    secondsPerIteration: seconds,
    finishMs: seconds === null ? null : 1_000 * seconds * cost.iterations,
    multiplicationsAlone: cost.multiplicationsAlone,
    comparison: null,
    notes: notesOnSpeeds(speeds, plan, cost),
  };
}

/** Pieces for each tab that are spoken of where tabs differ. */
const PIECES_PROPOSED = 8;
/** So many times as fast they have to make an iteration. */
const PIECES_GAIN_LEAST = 1.5;

/** Speeds of tabs that may sit, as far as they were measured, the fastest first. */
function measuredSpeeds(state: CoordinatorState): number[] {
  const speeds = [...state.sessions.values()].flatMap(({ state: standing, volunteerId }) =>
    standing === "ready" ? (state.volunteers.get(volunteerId)?.besideSpeed ?? []) : [],
  );
  return speeds.sort((a, b) => b - a);
}

/**
 * A round ends with the shard that decodes it, and a tab computes its shards one after the other.
 * @returns null where too few tabs were measured
 */
export function secondsPerIteration(speeds: readonly number[], plan: RunPlan, cost: RunCost): number | null {
  const { shardsPerVolunteer: each, blockCount } = plan;
  const chosen = speeds.slice(0, plan.volunteerCount);
  const shardBytes = cost.shardBytesPerVolunteer / each;
  const counts = shareOut(chosen, chosen.length * each, shardsEachMax(plan, shardBytes * blockCount, blockCount));
  const shardWork = cost.multiplicationsPerVolunteerPerIteration / each;
  const readyMs = counts.flatMap((count, tab) =>
    Array.from({ length: count }, (_, before) => ((before + 1) * shardWork) / chosen[tab]!),
  );
  const last = readyMs.sort((a, b) => a - b)[thresholdOf(blockCount, plan.maskCount) - 1];
  return last === undefined ? null : last / 1_000;
}

/** Where tabs differ in speed, small pieces let each do what it can. */
export function notesOnSpeeds(speeds: readonly number[], plan: RunPlan, cost: RunCost): string[] {
  if (!plan.isDynamic || plan.maskCount > 0 || plan.shardsPerVolunteer > 1) return [];
  if (plan.volunteerCount * PIECES_PROPOSED > CODED_SHARDS_MAX) return [];
  const inPieces = planRun({
    ...plan.parameters,
    volunteers: plan.volunteerCount,
    shardsPerVolunteer: PIECES_PROPOSED,
  });
  const [now, then] = [plan, inPieces].map((one) => secondsPerIteration(speeds, one, cost));
  if (now == null || then == null || now < PIECES_GAIN_LEAST * then) return [];
  const times = Math.round(speeds[0]! / speeds.at(-1)!);
  return [
    `The fastest of these tabs is ${times} times as fast as the slowest. With ${PIECES_PROPOSED} pieces for each tab (shardsPerVolunteer) an iteration would take them about ${(then / now).toFixed(2)} of the time.`,
  ];
}
