/** [CC5] [CC6] Rows that two tabs computed: whose answer was off, and whose word had covered it. */
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";
import { isFineClass } from "../../../../../shared/verify/model-class.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import type { Verdicts } from "../confirmations.ts";
import { countAgreement } from "../cross-checks/agreements.ts";
import { isHiddenAmong } from "../cross-checks/checked-job.ts";
import { colluderShareIn } from "../cross-checks/crowd-lately.ts";
import type { PooledRow } from "../cross-checks/job-checks.ts";
import { isOutWith } from "../cross-checks/row-pool.ts";
import type { InferenceJob, PendingAudit } from "../job.ts";
import type { DuplicateFound, OutcomeOf } from "../work.ts";
import { recordAudit } from "./record-audit.ts";

/** [CC5] Whose rows a duplicate was compared with, and were off. */
export function authorsOff({ duplicates }: PendingAudit, event: OutcomeOf<"audited">): string[] {
  return duplicates.flatMap((row, i) => (row !== null && isAuthorOff(row, event.duplicates?.[i]) ? [row.author] : []));
}

function isAuthorOff({ precision }: PooledRow, found: DuplicateFound | null | undefined): boolean {
  if (found == null || found === "agrees") return false;
  return found.author === "wrong" || (found.author === "coarse" && isFineClass(precision));
}

/** [CC5] Whose word had covered what is now another answer, and is off; who is named already is found out no more. */
export function wordsOff(state: CoordinatorState, { words = [] }: OutcomeOf<"audited">): string[] {
  return words.flatMap(({ volunteerId, word }) =>
    word === "wrong" && !isQuarantined(state, volunteerId) ? [volunteerId] : [],
  );
}

/** [CC5] [CC6] A lie that a partner had covered names the partner too, and says how many of those who check collude. */
export function judgeWords(
  step: Step,
  job: InferenceJob,
  roundIndex: number,
  event: OutcomeOf<"audited">,
  verdicts: Verdicts,
): void {
  const { checks } = job;
  if (checks === null) return;
  for (const volunteerId of wordsOff(step.state, event)) {
    const verdict = verdicts.get(volunteerId);
    if (verdict !== undefined && verdict !== "differs") continue;
    checks.covered++;
    const outcome = { checked: 1, randomlyChecked: 0, failed: 1, isShared: true, hasCovered: true };
    recordAudit(step, job, roundIndex, volunteerId, outcome);
  }
}

/** [CC5] Duplicates come first: of whoever is found to lie there nothing is taken in. */
export function judgeDuplicates(
  step: Step,
  job: InferenceJob,
  { roundIndex, volunteerId, duplicates, isTakenBack }: PendingAudit,
  event: OutcomeOf<"audited">,
  precision: BackendClass,
  verdicts: Verdicts,
): void {
  const { checks } = job;
  if (checks === null) return;
  duplicates.forEach((row, i) => {
    const found = event.duplicates?.[i];
    if (row === null || found === undefined) return;
    // It may have gone to somebody else meanwhile, who answers its coin then.
    const isAwaited = checks.pool.get(row.place) === row && isOutWith(row, event.assignmentId);
    if (isAwaited) checks.pool.delete(row.place);
    if (checks.stream !== null) checks.stream.mustLook = true;
    // There is nothing of its author's left to compare: it waits no longer, and counts for nobody.
    if (found === null) return;
    if (found === "agrees") {
      const colluderShare = colluderShareIn(step.state, checks);
      const isHidden = !isTakenBack && isHiddenAmong(job, roundIndex, row);
      if (isAwaited) countAgreement(checks, row, volunteerId, precision, colluderShare, isHidden);
      return;
    }
    const verdict = verdicts.get(row.author);
    const isOff = isAuthorOff(row, found) && (verdict === undefined || verdict === "differs");
    const outcome = { checked: 1, randomlyChecked: 0, failed: isOff ? 1 : 0, isByPartner: true, isShared: true };
    recordAudit(step, job, row.roundIndex, row.author, outcome);
  });
}
