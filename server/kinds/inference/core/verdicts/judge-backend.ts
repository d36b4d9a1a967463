/** What a result says of its sender and of the back-end that it computes with. SPEC.md PC rules. */
import { addRows, type BatchVerdict, NOTHING_LOOKED } from "../../../../../shared/verify/model-class.ts";
import { takeBackAhead } from "../../../../coordinator/assignments.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { sessionsOf } from "../../../../coordinator/sessions-of.ts";
import type { Verdicts } from "../confirmations.ts";
import type { InferenceJob, PendingAudit } from "../job.ts";
import type { Measured } from "../measured.ts";
import { enterRows, tellUnfit } from "../model-classes.ts";
import { withdrawUnchecked } from "../redo.ts";
import { type Audited, countRows, isSettled, judged, recordAudit } from "./record-audit.ts";

/**
 * [PC5] A lie names its volunteer. What a back-end computes wrong altogether is not kept, and counts for nobody: it gets no more of that
 * model. So whoever lies gains nothing by pretending to be broken.
 */
export function judgeBackend(
  step: Step,
  job: InferenceJob,
  { roundIndex, measured, isFine }: Pick<PendingAudit, "roundIndex" | "measured" | "isFine">,
  outcome: Audited,
  verdicts: Verdicts,
): BatchVerdict {
  const { volunteerId } = measured;
  const { checked, failed, coarse = 0, golden = NOTHING_LOOKED, isAnothers } = judged(outcome, volunteerId, verdicts);
  const differing = isFine ? failed - Math.min(failed, coarse) : failed;
  const verdict = verdicts.get(volunteerId);
  const fine = verdict === undefined || isSettled(verdict) ? checked - differing - coarse : 0;
  const now = addRows(golden, { fine, coarse, wrong: differing });
  const found = enterRows(step, measured, now, isFine);
  const batch = isAnothers === true ? "lied" : found;
  if (batch === "unfit" || batch === "unclear") {
    countRows(job, volunteerId, outcome);
    if (batch === "unfit") turnAway(step, job, measured);
    return batch;
  }
  // Golden rows name a liar too, though they were not recomputed now.
  const lies = batch === "lied" ? Math.max(1, differing + coarse) : 0;
  recordAudit(step, job, roundIndex, volunteerId, { ...outcome, checked: Math.max(checked, lies), failed: lies });
  return batch;
}

/** [PC5] Nothing of it stays in the job, and it gets no more. */
function turnAway(step: Step, job: InferenceJob, measured: Measured): void {
  tellUnfit(step, job, measured);
  withdrawUnchecked(step, job, measured.volunteerId);
  for (const session of sessionsOf(step.state, measured.volunteerId)) takeBackAhead(step, session);
}
