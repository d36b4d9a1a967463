/** Rows that the coordinator computed of its own accord: to top a record up, and at the end of a job that is cross-checked. */
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { Verdicts } from "../confirmations.ts";
import { countAnchors, countTrusted } from "../cross-checks/closing.ts";
import { ledgerSampled } from "../cross-checks/stream-ledgers.ts";
import type { InferenceJob } from "../job.ts";
import type { OutcomeOf } from "../work.ts";
import { judged, recordAudit } from "./record-audit.ts";

export function judgeTopUp(
  step: Step,
  job: InferenceJob,
  effectId: number,
  event: OutcomeOf<"toppedUp">,
  verdicts: Verdicts | null,
): void {
  const { volunteerId, checked } = event;
  if (job.topUps.get(volunteerId) !== effectId) return;
  job.topUps.delete(volunteerId);
  if (verdicts === null) return;
  if (checked === 0) job.topUpExhausted.add(volunteerId);
  job.toppedUp.add(volunteerId);
  if (event.failed === 0) countTrusted(job, volunteerId, checked);
  recordAudit(step, job, -1, volunteerId, judged({ ...event, randomlyChecked: checked }, volunteerId, verdicts));
}

export function judgeSettled(
  step: Step,
  job: InferenceJob,
  effectId: number,
  { found }: OutcomeOf<"settled">,
  verdicts: Verdicts | null,
): void {
  const { checks } = job;
  const closing = checks?.closing;
  if (checks === null || closing?.effectId !== effectId) return;
  checks.closing = null;
  if (checks.stream !== null) checks.stream.mustLook = true;
  if (verdicts === null) return;
  // Their coins are answered; a sample has none to answer, and says something of all rows.
  for (const row of closing.rows) checks.pool.delete(row.place);
  const isSample = closing.rows.length === 0;
  const { sampleOf } = closing;
  const computed = found.reduce((sum, { checked }) => sum + checked, 0);
  if (sampleOf !== undefined) ledgerSampled(job, sampleOf.ledger, sampleOf.asked, computed);
  for (const { volunteerId, checked, failed } of found) {
    job.toppedUp.add(volunteerId);
    if (failed === 0) countTrusted(job, volunteerId, checked);
    if (isSample) countAnchors(job, checked - failed);
    recordAudit(
      step,
      job,
      -1,
      volunteerId,
      judged({ checked, randomlyChecked: checked, failed }, volunteerId, verdicts),
    );
  }
}
