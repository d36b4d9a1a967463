/** What the checks of a job say of its answers. The formulas stand in shared/verify/cross-checks. SPEC.md CC6, CC9. */
import { ATTEMPT_WEIGHT, attemptBound, jobChecks } from "../../../../../shared/verify/cross-checks/acceptance.ts";
import { checksOf as effectiveChecksOf } from "../../../../../shared/verify/cross-checks/effective-checks.ts";
import { statedBound } from "../../../../../shared/verify/cross-checks/finality.ts";
import { blockBound } from "../../../../../shared/verify/cross-checks/volunteer-bounds.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { Certificate, CheckTerms } from "../../records.ts";
import { groupsInRound } from "../inference-plan.ts";
import type { InferenceJob } from "../job.ts";
import { checkShareOf } from "./coins.ts";
import { colluderShareIn, liarShareLately } from "./crowd-lately.ts";
import { countsOf, type JobChecks } from "./job-checks.ts";
import { rowsToBeEstablished } from "./row-pool.ts";

/** D: whoever had rows in this job, or lied in it, and is named by now. */
export function namedIn(
  state: CoordinatorState,
  { stored, contributions }: InferenceJob,
  { counts }: JobChecks,
): number {
  let named = 0;
  for (const volunteerId of state.crowd.named) {
    const quarantine = state.volunteers.get(volunteerId)?.quarantine ?? null;
    if (quarantine === null) continue;
    const tookPart = counts.has(volunteerId) || contributions.has(volunteerId);
    if (tookPart || quarantine.jobId === stored.jobId) named++;
  }
  return named;
}

/** Durable rows under coins, by whose answer stands. */
export function rowsUnderCoins({ finishedRounds, schedule }: InferenceJob): Map<string, number> {
  const rows = new Map<string, number>();
  for (const [roundIndex, { sources }] of finishedRounds) {
    const batchRows = groupsInRound(schedule.planOf(roundIndex), roundIndex);
    for (const source of sources) {
      if (source?.coins === undefined) continue;
      rows.set(source.volunteerId, (rows.get(source.volunteerId) ?? 0) + batchRows);
    }
  }
  return rows;
}

export interface Reckoning {
  /** beta */
  readonly colluderShare: number;
  readonly certificate: Certificate;
  /** Rows under coins by volunteer. */
  readonly rows: ReadonlyMap<string, number>;
  readonly rowsNeeded: number;
}

/** [CC9] What all checks say together, once every coin is answered. */
export function reckon(state: CoordinatorState, job: InferenceJob, checks: JobChecks, terms: CheckTerms): Reckoning {
  const colluderShare = colluderShareIn(state, checks);
  const rows = rowsUnderCoins(job);
  const named = namedIn(state, job, checks);
  let [lowestShare, answered] = [1, -checks.pool.size];
  for (const [volunteerId, count] of rows) {
    lowestShare = Math.min(lowestShare, checkShareOf(job, volunteerId, terms.checkShare));
    answered += count;
  }
  const kappa = jobChecks(job.stored.crossChecks?.anchors ?? 0, lowestShare, colluderShare, Math.max(0, answered));
  const bound = attemptBound(named, kappa, ATTEMPT_WEIGHT.job);
  return {
    colluderShare,
    certificate: { named, checks: kappa, bound, colluderShare },
    rows,
    rowsNeeded: rowsToBeEstablished(state, job),
  };
}

/** kappa of one volunteer: a check by somebody who was named since, or whose word did not count, is none. */
export function checksOfVolunteer(
  state: CoordinatorState,
  checks: JobChecks,
  volunteerId: string,
  { colluderShare, rowsNeeded }: Pick<Reckoning, "colluderShare" | "rowsNeeded">,
): number {
  const { trusted, partners } = countsOf(checks, volunteerId);
  const counting = [...partners].filter(([partner]) => {
    const rowsTaken = state.volunteers.get(partner)?.rowsTaken ?? 0;
    return rowsTaken >= rowsNeeded && !isQuarantined(state, partner);
  });
  return effectiveChecksOf(
    trusted,
    counting.map(([, count]) => count),
    colluderShare,
  );
}

/** What stands beside an answer of this volunteer: the better of its own checks and the job's certificate. */
export function boundOfVolunteer(
  state: CoordinatorState,
  checks: JobChecks,
  terms: CheckTerms,
  volunteerId: string,
  reckoning: Reckoning,
): number {
  const liarShare = liarShareLately(state, state.volunteers.get(volunteerId) ?? { rowsTaken: 0 });
  const volunteer = blockBound(liarShare, checksOfVolunteer(state, checks, volunteerId, reckoning));
  const bounds = { volunteer, job: reckoning.certificate.bound, record: 1, service: 1 };
  const facts = { bounds, shares: terms.shares, hasQuietJob: false, agreements: 0 };
  return statedBound({ ...facts, colluderShare: reckoning.colluderShare }).bound;
}
