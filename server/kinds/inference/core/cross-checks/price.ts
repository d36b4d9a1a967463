/**
 * What checks of a job would cost, and how sure its answers would be, before it begins: with honest volunteers, and where a fifth of the
 * work is done by liars. The formulas are those that the job is judged by. SPEC.md CC11.
 */
import { jobChecks } from "../../../../../shared/verify/cross-checks/acceptance.ts";
import { closedLedgerBound } from "../../../../../shared/verify/cross-checks/ledger.ts";
import { COLLUDERS, LIAR_SHARE_MIN } from "../../../../../shared/verify/cross-checks/parameters.ts";
import { addressGroupsNeeded } from "../../../../../shared/verify/cross-checks/partners.ts";
import { highestCheckShare } from "../../../../../shared/verify/cross-checks/raise-checks.ts";
import { type RouteShares, splitBound } from "../../../../../shared/verify/cross-checks/split-bound.ts";
import { blockBound, checksNeeded } from "../../../../../shared/verify/cross-checks/volunteer-bounds.ts";
import { CLASS_ROWS_MIN } from "../../../../../shared/verify/model-class.ts";
import { isReadyForWork } from "../../../../coordinator/idle-sessions.ts";
import { countReadyVolunteers } from "../../../../coordinator/ranking.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { CheckTerms } from "../../records.ts";
import { randomAuditRows } from "../inference-plan.ts";
import { backendOf, classKeyFor, isMeasured } from "../model-classes.ts";
import { checksMissing, type JobTerms, termsFor } from "./check-terms.ts";
import { colluderShareLately } from "./crowd-lately.ts";

export interface PricedJob extends JobTerms {
  /** Of its smallest batches, with which a job begins for tabs that nobody has measured; absent: BATCH_ROWS. */
  readonly batchRows?: number;
  /** [CC4] Most rows that go out again may stand out among those that they travel with; absent: hardly any. */
  readonly isShown?: boolean;
}

const BATCH_ROWS = 40;
/**
 * Of duplicates, those that save another row its coin: two of five at least, and up to a half, in crowds that are simulated by the row
 * (bench crowd-size) and through the core. The others travel alone at the end, with more of them than h asks for, or waited until the crowd
 * was established.
 */
const HIDDEN_SHARE = 2 / 5;

export interface ChecksPrice {
  /** Are volunteers of so many addresses ready that anybody is cross-checked? Else all results are audited until they are. */
  readonly hasStrangers: boolean;
  readonly addressGroups: number;
  readonly addressGroupsNeeded: number;
  /** Rows that tabs answer a second time, if nobody lies. */
  readonly duplicateRows: number;
  /** Rows that the coordinator computes, if nobody lies. */
  readonly coordinatorRows: number;
  /** At the job's end, where nobody was named. */
  readonly boundIfNobodyLies: number;
  /** Of a typical volunteer's answers, where a fifth of the work is a liar's, in a service that has met such liars. */
  readonly boundUnderAttack: number;
  /** So many rows would bring that within the job's bound, with volunteers as many as are ready. */
  readonly rowsForBound: number;
}

/** @returns null: it would be audited, for it is not offered, or the job is too small */
export function priceOf(state: CoordinatorState, job: PricedJob): ChecksPrice | null {
  if (state.settings.crossChecks === "off") return null;
  const terms = termsFor(state, job);
  if (terms === null) return null;
  const { queryCount: rows, answerBound } = job;
  const colluderShare = colluderShareLately(state);
  const anchors = terms.anchorShare * rows;
  const jobBound = terms.shares.job * answerBound;
  const missing = Math.max(0, Math.ceil(checksMissing(terms, rows, colluderShare, jobBound)));
  const checks = jobChecks(anchors + missing, terms.checkShare, colluderShare, rows);
  const groupsNeeded = addressGroupsNeeded(answerBound);
  const { addressGroups } = state.crowd.impartial;
  const attacked = underAttack(state, job);
  return {
    hasStrangers: addressGroups >= groupsNeeded,
    ...{ addressGroups, addressGroupsNeeded: groupsNeeded },
    // [CC4] A hidden duplicate is two checks.
    duplicateRows: Math.round((terms.checkShare * rows) / (job.isShown ? 1 : 1 + HIDDEN_SHARE)),
    coordinatorRows: Math.round(anchors) + missing + audits(state, job),
    boundIfNobodyLies: boundOfQuiet(terms, checks),
    ...attacked,
  };
}

/** [CC3] [PC3] Of the first batches, all of newcomers, and of each tab's class. */
function audits(state: CoordinatorState, { queryCount, batchRows = BATCH_ROWS }: PricedJob): number {
  const firstRows = Math.min(queryCount, state.settings.firstAuditedRows);
  const ofFirst = Math.ceil(firstRows / batchRows) * randomAuditRows(batchRows, 0, 1);
  return ofFirst + classRows(state);
}

/** [PC3] Of each tab's class, where none is known for the model. @param modelSha256 absent: none is known of anybody */
export function classRows(state: CoordinatorState, modelSha256?: string): number {
  const known = modelSha256 === undefined ? 0 : countMeasured(state, modelSha256);
  return (countReadyVolunteers(state) - known) * CLASS_ROWS_MIN;
}

/** Ready volunteers with a back-end whose class for the model is known. */
function countMeasured(state: CoordinatorState, modelSha256: string): number {
  const measured = new Set<string>();
  for (const session of state.sessions.values()) {
    const { volunteerId } = session;
    if (measured.has(volunteerId) || !isReadyForWork(state, session)) continue;
    const classKey = classKeyFor(modelSha256, backendOf(session, modelSha256));
    if (isMeasured(state, { volunteerId, classKey, probed: session.precision })) measured.add(volunteerId);
  }
  return measured.size;
}

/** Each ledger has its part of the checks. */
function boundOfQuiet({ ledger, shares }: CheckTerms, checks: number): number {
  const bound = closedLedgerBound(0, checks / (ledger?.ledgers ?? 1));
  return Math.min(1, bound / shares.job);
}

/** By each volunteer's own checks, raised as far as the budget of duplicates allows. */
function underAttack(
  state: CoordinatorState,
  { queryCount: rows, answerBound: bound }: PricedJob,
): Pick<ChecksPrice, "boundUnderAttack" | "rowsForBound"> {
  const { rowsSinceAlarm } = state.crowdLately;
  // Liars that partners bring out lower beta to its floor.
  const colluderShare = COLLUDERS.shareMin;
  const facts = { bound, rows, colluderShare, rowsSinceAlarm };
  const shares: RouteShares = splitBound({ ...facts, wasSomebodyNamed: true, isStrict: true });
  const most = highestCheckShare({ rows, jobBound: 0, colluderShare, baseShare: 0 });
  const checksPerRow = most * (1 - colluderShare);
  const volunteers = Math.max(1, countReadyVolunteers(state));
  const own = blockBound(LIAR_SHARE_MIN, (rows / volunteers) * checksPerRow);
  const needed = checksNeeded(shares.volunteers * bound, LIAR_SHARE_MIN);
  return {
    boundUnderAttack: Math.min(1, own / shares.volunteers),
    rowsForBound: Math.ceil((needed / checksPerRow) * volunteers),
  };
}

/** In a sentence or two, for people. */
export function priceInWords(price: ChecksPrice, { answerBound }: PricedJob): string {
  const coordinator = `the coordinator computes about ${rowsInWords(price.coordinatorRows)}`;
  const cost = price.hasStrangers
    ? `Volunteers check each other: tabs answer about ${rowsInWords(price.duplicateRows)} rows twice, ${coordinator}.`
    : `Results are audited: ${coordinator} rows. Once volunteers of ${price.addressGroupsNeeded} addresses are there (now: ${price.addressGroups}) they check each other.`;
  const isInReach = price.boundUnderAttack <= answerBound;
  const attacked = isInReach
    ? ` If a fifth of the work is a liar's, the bound of ${boundInWords(answerBound)} is within reach.`
    : ` If a fifth of the work is a liar's, most answers end with a bound of ${boundInWords(price.boundUnderAttack)}, and are not final: ${rowsInWords(price.rowsForBound)} rows, fewer volunteers, an auditor, or a looser bound would bring it.`;
  return `${cost}${attacked}`;
}

/** Of rows: 3,700 */
export function rowsInWords(rows: number): string {
  return rows.toLocaleString("en");
}

/** Of a bound: 1.0e-3 */
export function boundInWords(bound: number): string {
  return bound.toExponential(1);
}
