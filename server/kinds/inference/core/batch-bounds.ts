/** What the checks of a batch, and the record of its volunteer, say of its rows. The formulas stand in shared/verify/audit-bounds.ts. */
import { answerBound } from "../../../../shared/verify/audit-bounds.ts";
import { isQuarantined, liarShares, shareFor } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { LiarShares } from "../../../coordinator/verified-work.ts";
import type { StoredJob } from "../records.ts";
import type { BatchSource } from "./batch-source.ts";

/**
 * [VF9] The chance that a row of this batch which nobody recomputed is wrong: from what was really done to the batch, and from what
 * is known of its volunteer now.
 * @param shares of liars; of a job that has ended, those that were reckoned with then
 * @param auditsPassed of a job that has ended, those of its volunteer then
 * @param isNamed absent: who is quarantined now
 */
export function batchBound(
  state: CoordinatorState,
  { volunteerId, auditedRows, opinionBy }: BatchSource,
  batchRows: number,
  shares: LiarShares = liarShares(state),
  auditsPassed: number = state.volunteers.get(volunteerId)?.auditsPassed ?? 0,
  isNamed: (volunteerId: string) => boolean = (id) => isQuarantined(state, id),
): number {
  // Who was caught lying may have lied in every answer: none of them is good for anything, and no opinion either.
  if (isNamed(volunteerId)) return 1;
  const hasSecondOpinion = opinionBy !== null && !isNamed(opinionBy);
  const facts = { batchRows, auditedRows: Math.min(auditedRows, batchRows), auditsPassed };
  return answerBound({ ...facts, liarShare: shareFor(shares, auditsPassed), hasSecondOpinion });
}

/** [CK2] Do the bounds of its answers lean on no other job? */
export function isStrict({ submission }: Pick<StoredJob, "submission">): boolean {
  return submission.strict === "yes";
}
