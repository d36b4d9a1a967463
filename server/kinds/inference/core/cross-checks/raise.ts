/** Where somebody was named lately each volunteer is checked as its own bound needs it. SPEC.md CC4. */
import { duplicateShare } from "../../../../../shared/verify/cross-checks/check-rates.ts";
import { highestCheckShare, mustRaise } from "../../../../../shared/verify/cross-checks/raise-checks.ts";
import { checksNeeded } from "../../../../../shared/verify/cross-checks/volunteer-bounds.ts";
import { countReadyVolunteers } from "../../../../coordinator/ranking.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { CheckTerms } from "../../records.ts";
import type { InferenceJob } from "../job.ts";
import { checkShareOf, tossCoins } from "./coins.ts";
import { colluderShareIn } from "./crowd-lately.ts";
import type { JobChecks } from "./job-checks.ts";

/** Shares are looked at again after such a part of the job. */
const LOOK_SHARE = 0.02;
/** A volunteer gets a little less than its share of the rows. */
const ROWS_EXPECTED_SHARE = 0.9;
/** Where more lie no share of checks helps. */
const LIAR_SHARE_MAX = 0.5;
/** Coins of older rows are tossed again: not for less than this. */
const RAISE_FACTOR_MIN = 1.1;

/** After each piece of the job. */
export function lookAtShares(state: CoordinatorState, job: InferenceJob, checks: JobChecks, terms: CheckTerms): void {
  const rows = job.stored.queryCount;
  if (checks.rowsTaken < checks.nextLookAt) return;
  checks.nextLookAt = checks.rowsTaken + LOOK_SHARE * rows;
  const { answerBound } = job.stored.submission;
  const colluderShare = colluderShareIn(state, checks);
  const facts = {
    ...{ rows, answered: checks.rowsTaken, volunteers: countReadyVolunteers(state), colluderShare },
    ...{ volunteersBound: terms.shares.volunteers * answerBound, jobBound: terms.shares.job * answerBound },
    ...{ baseShare: terms.checkShare, liarShare: liarShareOfAll(state) },
    ...{ checksSeen: checks.checksSeen, checksAtLatestNaming: checks.checksAtLatestNaming },
  };
  checks.isRaised ||= mustRaise(facts);
  if (!checks.isRaised) return;
  const needed = checksNeeded(facts.volunteersBound, Math.min(LIAR_SHARE_MAX, facts.liarShare));
  const most = highestCheckShare(facts);
  for (const [volunteerId, counts] of checks.counts) {
    if (isQuarantined(state, volunteerId) || counts.rows === 0) continue;
    const expected = (ROWS_EXPECTED_SHARE * rows * counts.rows) / checks.rowsTaken;
    const share = duplicateShare(expected, needed, colluderShare, 1, terms.checkShare, most);
    const before = checkShareOf(job, volunteerId, terms.checkShare);
    if (share >= RAISE_FACTOR_MIN * before) raiseTo(state, job, checks, volunteerId, before, share);
  }
}

/** Coins are thresholds: a raise takes in older rows too, so that every row keeps the same chance. No share ever falls. */
export function raiseTo(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  volunteerId: string,
  before: number,
  share: number,
): void {
  checks.raised.set(volunteerId, share);
  const toss = (roundIndex: number, workerIndex: number, addressGroup: string | null) =>
    tossCoins(state, job, { roundIndex, workerIndex, addressGroup, measured: null }, before);
  for (const [roundIndex, { sources }] of job.finishedRounds.partsOf(volunteerId)) {
    sources.forEach((source, workerIndex) => {
      if (source?.volunteerId === volunteerId) toss(roundIndex, workerIndex, null);
    });
  }
  for (const { roundIndex, slots } of job.openRounds.values()) {
    for (const { workerIndex, accepted } of slots)
      if (accepted?.volunteerId === volunteerId) toss(roundIndex, workerIndex, accepted.addressGroup);
  }
}

function liarShareOfAll({ crowdLately }: CoordinatorState): number {
  return crowdLately.window.liarShare("established");
}
