/** For what a job on the ledger waits, in words: for tabs, for second words, or for the coordinator. SPEC.md JB2. */
import { WAITS_FOR_CHECKS, type Waits } from "../../../../../shared/protocol/job-api.ts";
import { crowdOf } from "../../../../coordinator/ranking.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { isPausedFor } from "../../core/has-turn.ts";
import { fitCrowd } from "../../core/model-classes.ts";
import { takesHalfPrecision } from "../../core/placement.ts";
import { nobodyFor, pausedWords, restingFor } from "../../core/queue.ts";
import type { RowsJob } from "./rows-job.ts";

const NOTHING: Waits = { waitingFor: null };

/** @returns waitingFor null: tabs are at it, or merely rest between two claims */
export function rowsWaits(state: CoordinatorState, job: RowsJob): Waits {
  if (job.stored.state !== "running" || job.ledger === null) return NOTHING;
  if (job.waitsFor !== null)
    return {
      waitingFor: "waiting for other jobs of its submitter: what their checks hold in reserve is needed for its own",
    };
  if (job.claims.size > 0) return NOTHING;
  const own = ownWork(job);
  if (own !== null) return { waitingFor: own };
  const { fresh, again, checksWaiting } = job.ledger.counts;
  if (fresh + again + checksWaiting === 0) return NOTHING;
  return lackOfTabs(state, job) ?? lackOfVoters(job, again) ?? NOTHING;
}

/** Volunteers that outvote each other have one member of a group each, whatever became of it. */
function lackOfVoters({ ledger }: RowsJob, again: number): Waits | null {
  if (again === 0 || ledger === null || ledger.volunteersNeeded === 1) return null;
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
  if (volunteersReady === 0) return restingFor(state, job).size > 0 ? NOTHING : nobodyFor(state, job);
  const needed = job.ledger?.volunteersNeeded ?? 1;
  if (volunteersReady < needed) {
    const why = `each of its rows goes to ${needed} different volunteers, and ${volunteersReady} are ready`;
    return { waitingFor: `waiting for tabs: ${why}`, lacksTabs: "more" };
  }
  if (!takesHalfPrecision(job) && float32Ready === 0) {
    const why = "the model makes too much of half-precision rounding, and no tab that computes in float32 is ready";
    return { waitingFor: `waiting for tabs: ${why}`, lacksTabs: "more" };
  }
  return null;
}
