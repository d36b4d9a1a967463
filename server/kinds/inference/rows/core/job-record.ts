/** What is written of a job on the ledger itself. */
import type { CoreRecord } from "../../../../coordinator/effects.ts";
import { ownRecord } from "../../../../coordinator/persistence.ts";
import type { InferenceRecord } from "../../core/work.ts";
import type { StoredJob } from "../../records.ts";
import type { RowsJob } from "./rows-job.ts";

export function rowsJobRecord(job: RowsJob, changed: Partial<StoredJob> = {}): CoreRecord {
  return ownRecord<InferenceRecord>(job, { type: "job", job: { ...job.stored, ...changed } });
}
