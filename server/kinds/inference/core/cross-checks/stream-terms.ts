/** Which streams are cross-checked, and on what terms. SPEC.md CC1, CC14. */
import { anchorShareOfJob } from "../../../../../shared/verify/cross-checks/check-rates.ts";
import { WINDOWS_PER_LEDGER } from "../../../../../shared/verify/cross-checks/ledger.ts";
import { STREAM_CHECK_SHARE, streamLedgerRows } from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { CheckTerms, StoredJob } from "../../records.ts";
import { colluderShareLately } from "./crowd-lately.ts";

/** Windows are stored as numbers of two bytes. What comes after the last of these ledgers is certified when the stream has ended. */
export const STREAM_LEDGERS_MAX = 2_600;

/** Is it a stream whose submitter wants its results cross-checked? */
export function asksForCrossChecks({ source }: StoredJob["submission"]): boolean {
  return source.kind === "stream" && source.crossChecks === "yes";
}

/** [CC1] Settled before its first row goes out. All of its bound is the certificates'. */
export function streamTerms(state: CoordinatorState, { submission }: StoredJob): CheckTerms {
  const checksPerRow = STREAM_CHECK_SHARE * (1 - colluderShareLately(state));
  const ledgerRows = streamLedgerRows(submission.answerBound, checksPerRow);
  return {
    shares: { volunteers: 0, job: 1, records: 0 },
    checkShare: STREAM_CHECK_SHARE,
    anchorShare: anchorShareOfJob(state.crowdLately.rowsSinceAlarm, ledgerRows),
    // The first window of a ledger has all rows of it.
    ledger: { windowRows: ledgerRows, ledgers: STREAM_LEDGERS_MAX },
    stream: { ledgerRows },
  };
}

/** The window in which all rows of a ledger are taken in. */
export function windowOfLedger(ledger: number): number {
  return ledger * WINDOWS_PER_LEDGER;
}
