/** What the checks of a job say of its answers. The formulas stand in shared/verify/cross-checks. SPEC.md CC6, CC9. */
import { ATTEMPT_WEIGHT, attemptBound, jobChecks } from "../../../../../shared/verify/cross-checks/acceptance.ts";
import { checksOf as effectiveChecksOf } from "../../../../../shared/verify/cross-checks/effective-checks.ts";
import { statedBound } from "../../../../../shared/verify/cross-checks/finality.ts";
import { closedLedgerBound } from "../../../../../shared/verify/cross-checks/ledger.ts";
import { blockBound } from "../../../../../shared/verify/cross-checks/volunteer-bounds.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { Certificate, CheckTerms, StoredCrossChecks } from "../../records.ts";
import type { Coins } from "../batch-source.ts";
import { batchRowsOf } from "../inference-plan.ts";
import type { InferenceJob } from "../job.ts";
import { checkShareOf } from "./coins.ts";
import { colluderShareIn, liarShareLately } from "./crowd-lately.ts";
import { countsOf, type JobChecks } from "./job-checks.ts";
import { namedIn } from "./named-in.ts";
import { rowsToBeEstablished } from "./who-checks.ts";
import { certifiedAtEnd, isCertified } from "./windows.ts";

/** Durable rows under coins, by whose answer stands. @param isCounted of all batches these */
function rowsUnderCoins(
  { finishedRounds, schedule }: InferenceJob,
  isCounted: (coins: Coins) => boolean = () => true,
): Map<string, number> {
  const rows = new Map<string, number>();
  for (const [roundIndex, { sources }] of finishedRounds) {
    const plan = schedule.planOf(roundIndex);
    sources.forEach((source, workerIndex) => {
      if (source?.coins === undefined || !isCounted(source.coins)) return;
      const batchRows = batchRowsOf(plan, roundIndex, workerIndex);
      rows.set(source.volunteerId, (rows.get(source.volunteerId) ?? 0) + batchRows);
    });
  }
  return rows;
}

export interface Reckoning {
  /** beta */
  readonly colluderShare: number;
  readonly certificate: Certificate;
  /** What the certificate says of each answer; 1: nothing, ledgers say it of theirs. */
  readonly jobBound: number;
  /** Rows under coins by volunteer. */
  readonly rows: ReadonlyMap<string, number>;
  /** [CC12] Of these, the rows that no ledger certifies. */
  readonly rowsUncertified: ReadonlyMap<string, number>;
  /** As the ledgers stand, were the job to end now. */
  readonly crossChecks: StoredCrossChecks | null;
  readonly rowsNeeded: number;
}

/** [CC9] What all checks say together, once every coin is answered. */
export function reckon(state: CoordinatorState, job: InferenceJob, checks: JobChecks, terms: CheckTerms): Reckoning {
  const colluderShare = colluderShareIn(state, checks);
  const rows = rowsUnderCoins(job);
  const named = namedIn(state, job, checks);
  const isAnswered = checks.pool.size === 0;
  const crossChecks = isAnswered ? certifiedAtEnd(state, job, checks, terms) : job.stored.crossChecks;
  let [lowestShare, answered] = [1, -checks.pool.size];
  for (const [volunteerId, count] of rows) {
    lowestShare = Math.min(lowestShare, checkShareOf(job, volunteerId, terms.checkShare));
    answered += count;
  }
  const kappa = jobChecks(job.stored.crossChecks?.anchors ?? 0, lowestShare, colluderShare, Math.max(0, answered));
  const bound = wholeBound(terms, named, kappa, crossChecks);
  return {
    colluderShare,
    certificate: { named, checks: kappa, bound, colluderShare },
    jobBound: hasManyLedgers(terms) ? 1 : bound,
    rows,
    rowsUncertified: rowsUnderCoins(job, (coins) => !isCertified(crossChecks, coins)),
    crossChecks,
    rowsNeeded: rowsToBeEstablished(state, job),
  };
}

function hasManyLedgers({ ledger }: CheckTerms): boolean {
  return ledger !== undefined && ledger.ledgers > 1;
}

/** What is said of all answers together: where there are ledgers, what the least sure of them says. */
function wholeBound(terms: CheckTerms, named: number, kappa: number, crossChecks: StoredCrossChecks | null): number {
  if (terms.ledger === undefined) return attemptBound(named, kappa, ATTEMPT_WEIGHT.job);
  if (!hasManyLedgers(terms)) return closedLedgerBound(named, kappa);
  const bounds = (crossChecks?.ledgers ?? []).map(({ bound }) => bound * terms.shares.job);
  const begun = terms.stream === undefined ? terms.ledger.ledgers : 1;
  return bounds.length < begun ? 1 : Math.min(1, Math.max(...bounds));
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
  const bounds = { volunteer, job: reckoning.jobBound, record: 1, service: 1 };
  const facts = { bounds, shares: terms.shares, hasQuietJob: false, agreements: 0 };
  return statedBound({ ...facts, colluderShare: reckoning.colluderShare }).bound;
}
