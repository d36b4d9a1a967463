/**
 * Audits or cross-checks: which of them make more answers of a job final for fewer rows that the coordinator computes, as far as that can be
 * said before it begins. SPEC.md CC13.
 */
import { AUDIT_ROW_SHARE } from "../../../../../shared/protocol/limits.ts";
import { COLLUDERS, LIAR_SHARE_MIN } from "../../../../../shared/verify/cross-checks/parameters.ts";
import { addressGroupsNeeded } from "../../../../../shared/verify/cross-checks/partners.ts";
import { highestCheckShare, REACH } from "../../../../../shared/verify/cross-checks/raise-checks.ts";
import { checksNeeded } from "../../../../../shared/verify/cross-checks/volunteer-bounds.ts";
import { countReadyVolunteers } from "../../../../coordinator/ranking.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { CheckTerms } from "../../records.ts";

export interface JobAhead {
  readonly rows: number;
  /** eps */
  readonly bound: number;
  /** Rows that the coordinator would compute to complete the certificate, where nobody lies. */
  readonly missing: number;
}

/**
 * Nobody was named lately: all answers become final by either, and what counts is the price. Audits cost a twentieth at least, more of
 * newcomers. Where liars are about the certificate is out of reach: cross-checks make final what a typical volunteer's own checks do, most of
 * it or hardly anything.
 */
export function suitsCrossChecks(state: CoordinatorState, terms: CheckTerms, job: JobAhead): boolean {
  if (priceOfChecks(state, terms, job) > AUDIT_ROW_SHARE * job.rows) return false;
  return !state.crowdLately.window.hasNamings || isInReach(state, terms, job);
}

/** Rows that the coordinator computes: anchors, what the certificate lacks, and audits of the first ones. */
function priceOfChecks(
  { settings }: CoordinatorState,
  { anchorShare }: CheckTerms,
  { rows, missing }: JobAhead,
): number {
  const firstRows = Math.min(rows, settings.firstAuditedRows);
  return anchorShare * (rows - firstRows) + Math.max(0, missing) + AUDIT_ROW_SHARE * firstRows;
}

/** Would the typical volunteer of the crowd as it is, or of the smallest one that is cross-checked, have about as many checks as it needs? */
function isInReach(state: CoordinatorState, { shares }: CheckTerms, { rows, bound }: JobAhead): boolean {
  const fewest = addressGroupsNeeded(bound);
  const volunteers = Math.max(fewest, countReadyVolunteers(state), 1);
  // Liars that partners bring out lower beta to its floor.
  const colluderShare = COLLUDERS.shareMin;
  const most = highestCheckShare({ rows, jobBound: 0, colluderShare, baseShare: 0 });
  const checks = (rows / volunteers) * most * (1 - colluderShare);
  return checks >= REACH * checksNeeded(shares.volunteers * bound, LIAR_SHARE_MIN);
}
