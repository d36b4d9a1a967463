/** The crowd as it is now, as plain data: what estimates are made from. */
import { type Chosen, isChosenBy, isImpartial } from "../../../coordinator/choice-rules.ts";
import { isSlowAlready } from "../../../coordinator/crowd-seen.ts";
import { isReadyForWork, workSoFar } from "../../../coordinator/idle-sessions.ts";
import type { CoordinatorState, Session } from "../../../coordinator/state.ts";
import type { CrowdFacts, CrowdStanding, TabFacts } from "../planner/crowd-facts.ts";
import { backendOf, classKeyFor, rowsLookedAt } from "./model-classes.ts";

export interface FactsAsked {
  readonly nowMs: number;
  /** Of the job that is planned; null: its model is not known. */
  readonly modelSha256: string | null;
  /** A job at work that is not counted among the others. */
  readonly besides: string | null;
  /** [WC5] Those alone who take this job; absent: whoever is ready. */
  readonly takenBy?: Chosen;
}

export function crowdFactsOf(
  state: CoordinatorState,
  { nowMs, modelSha256, besides, takenBy }: FactsAsked,
): CrowdFacts {
  const { crowdSeen: seen } = state;
  const choiceOf = ({ volunteerId }: Session) => state.volunteers.get(volunteerId)?.choice ?? null;
  const everybody = [...state.sessions.values()].filter((session) => isReadyForWork(state, session));
  const ready = everybody.filter((session) => takenBy === undefined || isChosenBy(choiceOf(session), takenBy));
  const volunteersReady = countVolunteers(ready);
  const others = [...state.jobs.values()].filter(
    ({ stored }) => stored.finishedMs === null && stored.jobId !== besides,
  );
  const volunteerOf = numbered();
  const addressOf = numbered();
  const tabs = ready.map((session): TabFacts => {
    const { responses, tripsMs, volunteerId, addressGroup, precision } = session;
    const backend = modelSha256 === null ? session.backend : backendOf(session, modelSha256);
    const classKey = modelSha256 === null ? "" : classKeyFor(modelSha256, backend);
    const { fine, coarse } = rowsLookedAt(state, { volunteerId, classKey });
    const volunteer = state.volunteers.get(volunteerId);
    return {
      ...{ responses: [...responses], tripsMs: [...tripsMs] },
      auditsPassed: volunteer?.auditsPassed ?? 0,
      rowsTaken: volunteer?.rowsTaken ?? 0,
      unansweredInRow: volunteer?.unansweredInRow ?? 0,
      rowsMeasured: fine + coarse,
      isAt: workSoFar(state, session, nowMs),
      volunteer: volunteerOf(volunteerId),
      address: addressGroup === null ? null : addressOf(addressGroup),
      ...{ backend, precision },
      isChooser: volunteer !== undefined && !isImpartial(volunteer, nowMs),
    };
  });
  // An answer that has not come yet is slow already: to wait for it would count the quick ones of the same time alone.
  const slowNow = ready.filter((session) => isSlowAlready(session, workSoFar(state, session, nowMs))).length;
  return {
    tabs,
    volunteersReady,
    choosers: countVolunteers(ready.filter((session) => choiceOf(session) !== null)),
    elsewhere: countVolunteers(everybody) - volunteersReady,
    ratios: [...seen.ratios],
    slow: { seen: seen.slow + slowNow, outOf: seen.answers + slowNow },
    left: { seen: seen.left, outOf: seen.batches },
    silent: { seen: seen.silent, outOf: seen.batches },
    lying: { seen: Math.min(state.quarantinedCount, state.auditedVolunteers), outOf: state.auditedVolunteers },
    absencesMs: [...seen.absencesMs],
    awayCount: seen.leftMs.size,
    otherJobs: others.length,
    standing: standingOf(state),
  };
}

function standingOf({ settings, crowdLately, crowd, verifiedWork, crowdResponses }: CoordinatorState): CrowdStanding {
  const { window, rowsSinceAlarm } = crowdLately;
  return {
    ...{ settings, met: crowd.met, answers: [...crowdResponses] },
    crowd: { window: window.stored(), rowsSinceAlarm },
    verifiedWork: structuredClone(verifiedWork),
  };
}

/** Names are told to nobody: numbers say which are the same. */
function numbered(): (name: string) => number {
  const numbers = new Map<string, number>();
  return (name) => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  };
}

function countVolunteers(sessions: readonly Session[]): number {
  return new Set(sessions.map(({ volunteerId }) => volunteerId)).size;
}
