/** The key of a job's coins derives from the job's secret where it has one: then it is not stored. SPEC.md RC7, CC2. */
import { hexOf } from "../../../shared/receipts/bytes.ts";
import type { StoredJob } from "./records.ts";

type SecretOf = (jobId: string) => Uint8Array;

/** @returns null: nothing was committed to, its key was drawn and lies with its record */
export function coinKeyOf(
  { jobId, commitment }: Pick<StoredJob, "jobId" | "commitment">,
  jobSecret: SecretOf | undefined,
): string | null {
  return commitment === undefined || jobSecret === undefined ? null : hexOf(jobSecret(jobId));
}

/** As it is stored. */
export function withoutCoinKey(job: StoredJob): StoredJob {
  const { crossChecks, commitment } = job;
  if (crossChecks === null || commitment === undefined) return job;
  return { ...job, crossChecks: { ...crossChecks, secretHex: null } };
}

/** As it goes on. Jobs of before have their key with them. */
export function withCoinKey(job: StoredJob, jobSecret: SecretOf | undefined): StoredJob {
  const { crossChecks } = job;
  if (crossChecks === null || crossChecks.secretHex !== null) return job;
  return { ...job, crossChecks: { ...crossChecks, secretHex: coinKeyOf(job, jobSecret) } };
}
