/** Coins that nobody is there to answer are answered by the coordinator. SPEC.md CC8. */
import type { Step } from "../../../../coordinator/core-kind.ts";
import { emitNumerics } from "../../../../coordinator/step-context.ts";
import { auditRowsLeft } from "../batches.ts";
import type { InferenceJob } from "../job.ts";
import type { InferenceWork } from "../work.ts";
import type { JobChecks, PooledRow } from "./job-checks.ts";

/** Rows that one effect asks for. */
const ROWS_AT_ONCE_MAX = 256;

/** @returns whether any of these rows are being computed */
export function askToSettle(step: Step, job: InferenceJob, checks: JobChecks, waiting: Iterable<PooledRow>): boolean {
  const left = auditRowsLeft(step.state, job);
  const rows = [...waiting].slice(0, Math.min(left, ROWS_AT_ONCE_MAX));
  if (rows.length === 0) return false;
  job.auditRowsAsked += rows.length;
  const places = rows.map(({ roundIndex, workerIndex, row }) => ({ roundIndex, workerIndex, row }));
  const effectId = emitNumerics<InferenceWork>(step, job, { type: "settle", rows: places });
  checks.closing = { effectId, rows };
  return true;
}
