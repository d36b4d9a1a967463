/** Who may take which rows of a job: one predicate before `take`, so that the ledger knows no class and no address. */

import { addressGroupsNeeded, establishedRows } from "../../../../../shared/verify/cross-checks/partners.ts";
import { isChosenBy, mayJudge, takesJob } from "../../../../coordinator/choice-rules.ts";
import type { Crowd, Sending } from "../../../../coordinator/core-kind.ts";
import { bestSession, countReadyVolunteers, idleOnes, soonIdleOnes } from "../../../../coordinator/ranking.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState, Session } from "../../../../coordinator/state.ts";
import type { MayHave } from "../../../../rows/words.ts";
import { hasTurn } from "../../core/has-turn.ts";
import { fitCrowd, isUnfit, takesHalfPrecision } from "../../core/model-classes.ts";
import { mayBeAuthor, type RowsJob } from "./rows-job.ts";

/** Is something of it being computed again, before it is named or not? */
export function isBeingJudged({ confirmations }: Pick<RowsJob, "confirmations">, volunteerId: string): boolean {
  for (const { findings } of confirmations.values())
    if (findings.some((finding) => finding.volunteerId === volunteerId)) return true;
  return false;
}

/** [WC1] [AS4] [AS12] [PC5] [PC8] May this session be sent rows of the job at all? */
export function mayWorkFor(state: CoordinatorState, job: RowsJob, session: Session): boolean {
  const { volunteerId } = session;
  return (
    takesJob(state, volunteerId, job) &&
    mayBeAuthor(job, volunteerId) &&
    !isQuarantined(state, volunteerId) &&
    !isUnfit(state, job, session) &&
    hasTurn(state, job, session) &&
    !isBeingJudged(job, volunteerId)
  );
}

/** [DP9] Are coarse devices sent rows of the job now? Not while finer ones are ready: else the coordinator computes each of their rows. */
function mayBeCoarse(state: CoordinatorState, job: RowsJob, crowd: Crowd): boolean {
  return takesHalfPrecision(job) && fitCrowd(state, job, crowd).float32Ready === 0;
}

/**
 * [DP5] [DP7] The session that is expected to answer first, of those that idle, or are soon through with what they are at.
 * @param inVain sessions that found nothing to take
 */
export function nextTaker(
  state: CoordinatorState,
  job: RowsJob,
  { mayGoAhead, crowd }: Sending,
  inVain: ReadonlySet<string>,
): Session | null {
  const { stored } = job;
  const known = crowd();
  const choice = mayGoAhead ? soonIdleOnes(state, known) : idleOnes(state, known);
  if (choice.takers.size === 0) return null;
  return bestSession(
    state,
    {
      work: stored.macsPerQuery,
      ...(mayBeCoarse(state, job, known) ? {} : { precision: "float32" as const }),
      takes: (chosen) => isChosenBy(chosen, stored) && chosen?.outOf?.includes(stored.modelSha256) !== true,
      mayTake: (session) => !inVain.has(session.sessionId) && mayWorkFor(state, job, session),
      refusalsMax: inVain.size + REFUSALS_MAX,
    },
    choice,
  );
}

/** After so many sessions that may not have its rows the job is for nobody now. */
const REFUSALS_MAX = 64;

/**
 * [CC10] A row that a naming put back goes rather to those whose word counts, as long as volunteers of enough addresses are so.
 * [WC3] Second words are for nobody who chose the job.
 */
export function mayHaveOf(state: CoordinatorState, job: RowsJob, session: Session): MayHave {
  const { answerBound } = job.stored.submission;
  const rowsNeeded = establishedRows(job.stored.queryCount, countReadyVolunteers(state));
  const isEstablished = (state.volunteers.get(session.volunteerId)?.rowsTaken ?? 0) >= rowsNeeded;
  const isScarce = countReadyVolunteers(state) < addressGroupsNeeded(answerBound);
  const isAllowed = isEstablished || isScarce || !state.crowd.partners.haveMost(rowsNeeded + 1);
  return (_item, reason) => (reason === "check" ? mayJudge(state, session.volunteerId, job) : isAllowed);
}
