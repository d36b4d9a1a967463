/** Which streams are cross-checked, and on what terms. SPEC.md CC1, CC14. */
import { anchorShare, anchorShareOfJob } from "../../../../../shared/verify/cross-checks/check-rates.ts";
import { WINDOWS_PER_LEDGER } from "../../../../../shared/verify/cross-checks/ledger.ts";
import {
  catchChance,
  isCompletable,
  STREAM_CHECK_SHARE,
  streamChainRows,
  streamLedgerRows,
} from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { CheckTerms, StoredCrossChecks, StoredJob } from "../../records.ts";
import { colluderShareLately } from "./crowd-lately.ts";

/** Windows are stored as numbers of two bytes. What comes after the last of these ledgers is certified when the stream has ended. */
export const STREAM_LEDGERS_MAX = 2_600;

/** Is it a stream whose submitter takes cross-checks? Unless it says otherwise, where each ledger can be certified, however small. */
export function takesCrossChecks({ source, answerBound }: StoredJob["submission"]): boolean {
  if (source.kind !== "stream") return false;
  return source.crossChecks === "yes" || (source.crossChecks === undefined && isCompletable(answerBound));
}

export type StreamTermsAhead = CheckTerms & { readonly stream: Required<NonNullable<CheckTerms["stream"]>> };

/** [CC1] Settled before its first row goes out. All of its bound is the certificates'. */
export function streamTerms(state: CoordinatorState, answerBound: number): StreamTermsAhead {
  const chainRows = chainRowsAhead(state, answerBound);
  const ledgerRows = streamLedgerRows([], answerBound, chainRows);
  return {
    shares: { volunteers: 0, job: 1, records: 0 },
    checkShare: STREAM_CHECK_SHARE,
    anchorShare: anchorShareOfLedger(state, ledgerRows),
    // The first window of a ledger has all rows of it.
    ledger: { windowRows: ledgerRows, ledgers: STREAM_LEDGERS_MAX },
    stream: { ledgerRows, chainRows, hasOwnAnchors: true },
  };
}

/** By the share of anchors at its end, were nobody named until then. */
function chainRowsAhead(state: CoordinatorState, answerBound: number): number {
  const colluderShare = colluderShareLately(state);
  const rowsOf = (anchors: number) =>
    streamChainRows(answerBound, catchChance(anchors, STREAM_CHECK_SHARE, colluderShare));
  return rowsOf(anchorShare(state.crowdLately.rowsSinceAlarm + rowsOf(0)));
}

/**
 * q0 of a ledger that begins now, by the answers that the service has behind it: the more, the smaller.
 * @param rowsBefore it begins when the service has answered so many more, and nothing was wrong
 */
export function anchorShareOfLedger({ crowdLately }: CoordinatorState, ledgerRows: number, rowsBefore = 0): number {
  return anchorShareOfJob(crowdLately.rowsSinceAlarm + rowsBefore, ledgerRows);
}

/** [CC13] Is a ledger that begins now audited, as small jobs are where somebody was named lately? A strict stream's is not. */
export function isLedgerAuditedNow({ settings, crowdLately }: CoordinatorState, isStrict: boolean): boolean {
  return settings.crossChecks === "where better" && !isStrict && crowdLately.window.hasNamings;
}

/** [CC14] q0 of any of its rows, at least: draws below it are anchors in each of its ledgers. null: nothing of it is cross-checked. */
export function leastAnchorShare(crossChecks: StoredCrossChecks | null): number | null {
  const terms = crossChecks?.terms ?? null;
  if (terms === null) return null;
  const ofLedgers = (crossChecks?.ledgers ?? []).map(({ anchorShare }) => anchorShare ?? terms.anchorShare);
  return Math.min(terms.anchorShare, ...ofLedgers);
}

/** The window in which all rows of a ledger are taken in. */
export function windowOfLedger(ledger: number): number {
  return ledger * WINDOWS_PER_LEDGER;
}
