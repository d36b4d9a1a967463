/** For what a job on the ledger waits, in words: for tabs, for second words, or for the coordinator. SPEC.md JB2. */
import { WAITS_FOR_CHECKS, type Waits } from "../../../../../shared/protocol/job-api.ts";
import type { Crowd } from "../../../../coordinator/core-kind.ts";
import { crowdOf } from "../../../../coordinator/ranking.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { isPausedFor } from "../../core/has-turn.ts";
import { nobodyFor, pausedWords, restingFor, waitsForVolunteers } from "../../core/lacking-tabs.ts";
import { fitCrowd, takesHalfPrecision } from "../../core/model-classes.ts";
import { AUTHORS_MAX, type RowsJob } from "./rows-job.ts";

const NOTHING: Waits = { waitingFor: null };

/** @returns waitingFor null: tabs are at it, or merely rest between two claims */
export function rowsWaits(state: CoordinatorState, job: RowsJob): Waits {
  if (job.stored.state !== "running" || job.ledger === null) return NOTHING;
  if (job.waitsFor !== null)
    return {
      waitingFor: "waiting for other jobs of its submitter: what their checks hold in reserve is needed for its own",
    };
  if (lacksRows(job)) return { waitingFor: "it is open, and waits for queries" };
  if (job.claims.size > 0) return NOTHING;
  const own = ownWork(job);
  if (own !== null) return { waitingFor: own };
  const { fresh, again, checksWaiting } = job.ledger.counts;
  if (fresh + again + checksWaiting === 0) return NOTHING;
  return lackOfTabs(state, job) ?? lackOfVoters(job, again) ?? NOTHING;
}

/** All that was posted to it is answered, whoever still computes copies. */
function lacksRows({ stored, stream, ledger }: RowsJob): boolean {
  if (!stored.isOpen || stream === null || ledger === null) return false;
  return ledger.counts.answered === stream.received;
}

/** Volunteers that outvote each other have one member of a group each, whatever became of it. */
function lackOfVoters({ groups }: RowsJob, again: number): Waits | null {
  if (again === 0 || groups.voters === null) return null;
  const why = `${again} of what it asks for ${again === 1 ? "goes" : "go"} to volunteers that have had nothing beside it yet`;
  return { waitingFor: `waiting for tabs: ${why}`, lacksTabs: "more" };
}

/** What the coordinator itself is at; null: nothing. */
function ownWork({ recomputing, toRecompute, confirmations, isCancelled }: RowsJob): string | null {
  let rows = toRecompute.length;
  for (const asked of recomputing.values()) rows += asked.length;
  const counted = rows === 0 ? [] : [`it computes ${rows} ${rows === 1 ? "row" : "rows"}`];
  const differing = confirmations.size === 0 ? [] : ["it computes once more what differs"];
  const all = [...counted, ...differing];
  if (all.length === 0) return null;
  return `${WAITS_FOR_CHECKS}${isCancelled ? " before it is cancelled" : ""}: ${all.join(", and ")}`;
}

function lackOfTabs(state: CoordinatorState, job: RowsJob): Waits | null {
  const { volunteersReady, float32Ready } = fitCrowd(state, job, crowdOf(state));
  if (isPausedFor(state, job, volunteersReady)) return { waitingFor: pausedWords(job), lacksTabs: "more" };
  const authors = job.contributions.size;
  if (authors >= AUTHORS_MAX && volunteersReady > 0)
    return {
      waitingFor: `waiting for tabs: ${authors} volunteers have answered rows of it, and it has room for no others`,
    };
  if (volunteersReady === 0) return restingFor(state, job).size > 0 ? NOTHING : nobodyFor(state, job);
  if (!takesHalfPrecision(job) && float32Ready === 0) {
    const why = "the model makes too much of half-precision rounding, and no tab that computes in float32 is ready";
    return { waitingFor: `waiting for tabs: ${why}`, lacksTabs: "more" };
  }
  const { voters } = job.groups;
  const takesHalf = takesHalfPrecision(job);
  const takers = takesHalf ? volunteersReady : float32Ready;
  if (voters === null || takers >= voters.resultCountTarget) return null;
  return waitsForVolunteers(state, job, { ...voters, needed: voters.resultCountTarget }, takers, takesHalf);
}

/** Are fewer volunteers ready than a group needs answers, each of another one? */
export function lacksVoters(state: CoordinatorState, job: RowsJob, crowd: Crowd): boolean {
  const { voters } = job.groups;
  if (voters === null) return false;
  const { volunteersReady, float32Ready } = fitCrowd(state, job, crowd);
  return (takesHalfPrecision(job) ? volunteersReady : float32Ready) < voters.resultCountTarget;
}
