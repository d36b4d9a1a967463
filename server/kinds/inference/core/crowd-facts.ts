/** The crowd as it is now, as plain data: what estimates are made from. */
import { isReadyForWork } from "../../../coordinator/idle-sessions.ts";
import { liarShares } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { CrowdFacts } from "../planner/crowd-facts.ts";

/** @param besides a job at work that is not counted among the others */
export function crowdFactsOf(state: CoordinatorState, besides: string | null): CrowdFacts {
  const { crowdSeen: seen } = state;
  const ready = [...state.sessions.values()].filter((session) => isReadyForWork(state, session));
  const others = [...state.jobs.values()].filter(
    ({ stored }) => stored.finishedMs === null && stored.jobId !== besides,
  );
  return {
    tabs: ready.map(({ responses, volunteerId }) => {
      return { responses: [...responses], auditsPassed: state.volunteers.get(volunteerId)?.auditsPassed ?? 0 };
    }),
    volunteersReady: new Set(ready.map(({ volunteerId }) => volunteerId)).size,
    ratios: [...seen.ratios],
    slow: { seen: seen.slow, outOf: seen.answers },
    left: { seen: seen.left, outOf: seen.batches },
    silent: { seen: seen.silent, outOf: seen.batches },
    lying: { seen: Math.min(state.quarantinedCount, state.auditedVolunteers), outOf: state.auditedVolunteers },
    absencesMs: [...seen.absencesMs],
    awayCount: seen.leftMs.size,
    auditMs: seen.auditMs,
    otherJobs: others.length,
    liarShares: liarShares(state),
    secondOpinionShare: state.settings.secondOpinionShare,
  };
}
