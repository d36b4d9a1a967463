/** What was found is judged at once, or confirmed first: each finding goes on where it stopped. SPEC.md VF15. */
import { unreachable } from "../../../../../shared/control/unreachable.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { mayEnd } from "../../../../coordinator/jobs.ts";
import { isQuarantined } from "../../../../coordinator/reputation-bounds.ts";
import { askToConfirm, type Verdicts } from "../confirmations.ts";
import type { Confirmation, InferenceJob } from "../job.ts";
import { judgeAudit } from "./judge-audit.ts";
import { judgeDecode } from "./judge-decode.ts";
import { judgeSettled, judgeTopUp } from "./judge-samples.ts";
import { discard } from "./put-back.ts";

/**
 * [VF15] It is judged at once where nobody differs, or whoever does is named already; where the job cannot be checked, for nobody. Else it is confirmed
 * first.
 * @param of the effect that found it
 */
export function lookInto(step: Step, job: InferenceJob, of: number, found: Confirmation): void {
  const { stored } = job;
  const isUncheckable = stored.suspended !== null || stored.unchecked !== null;
  if (found.volunteerIds.length > 0 && isUncheckable) return judge(step, job, found, null);
  const volunteerIds = found.volunteerIds.filter((volunteerId) => !isQuarantined(step.state, volunteerId));
  if (volunteerIds.length === 0) judge(step, job, found, NOBODY);
  else askToConfirm(step, job, of, { ...found, volunteerIds });
}

const NOBODY: Verdicts = new Map();

/** [VF15] A verdict is there: who was named by it needs no other. */
export function lookIntoWaiting(step: Step, job: InferenceJob): void {
  for (const { of, confirmation } of job.confirmationsWaiting.splice(0)) {
    if (mayEnd(job)) lookInto(step, job, of, confirmation);
    else judge(step, job, confirmation, null);
  }
}

/** @param verdicts null: the job cannot be checked, and nobody is named in it */
export function judge(step: Step, job: InferenceJob, { finding }: Confirmation, verdicts: Verdicts | null): void {
  switch (finding.in) {
    case "audit":
      if (verdicts === null) return discard(step, finding.event.assignmentId);
      return judgeAudit(step, job, finding.pending, finding.event, verdicts);
    case "decode":
      return judgeDecode(step, job, finding, verdicts);
    case "settle":
      return judgeSettled(step, job, finding.effectId, finding.event, verdicts);
    case "top-up":
      return judgeTopUp(step, job, finding.effectId, finding.event, verdicts);
    default:
      return unreachable("judge: no such finding", finding);
  }
}
