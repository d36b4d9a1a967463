/** What the checks of a batch, and the record of its volunteer, say of its rows. The formulas stand in shared/verify/audit-bounds.ts. */
import { answerBound } from "../../../../shared/verify/audit-bounds.ts";
import { isQuarantined, liarShares, shareFor } from "../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { LiarShares } from "../../../coordinator/verified-work.ts";
import type { StoredJob } from "../records.ts";
import type { BatchSource } from "./batch-source.ts";
import type { InferenceJob } from "./job.ts";

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

/** [VF18] Do the bounds of its answers lean on no other job? */
export function isStrict({ submission }: Pick<StoredJob, "submission">): boolean {
  return submission.strict === "yes";
}

/** Audits that bounds of this job's answers reckon with: a volunteer's record, or those of this job alone. */
export function recordIn(
  { volunteers }: Pick<CoordinatorState, "volunteers">,
  { stored, contributions }: Pick<InferenceJob, "stored" | "contributions">,
  volunteerId: string,
): number {
  if (isStrict(stored)) return contributions.get(volunteerId)?.trustedRows ?? 0;
  return volunteers.get(volunteerId)?.auditsPassed ?? 0;
}

/** [VF4] Does a batch stand on the word of a liar: its own, or the only one that vouched for it? */
export function standsOnLiar(state: CoordinatorState, source: BatchSource): boolean {
  const { volunteerId, auditedRows, opinionBy, isWithdrawn } = source;
  if (isWithdrawn === true || isQuarantined(state, volunteerId)) return true;
  return auditedRows === 0 && opinionBy !== null && isQuarantined(state, opinionBy);
}
