/** What outlives the process of a matrix job. */
import type { MatmulSubmission } from "../../../shared/kinds/matmul/submission.ts";
import type { RunRecord } from "../../coded/records.ts";
import { type JobCodec, jobCodec } from "../../store/job-record.ts";

/** A: rows x inner, B: inner x columns. */
export interface MatmulRecord extends RunRecord<MatmulSubmission> {
  leftSha256: string;
  rightSha256: string;
  rows: number;
  inner: number;
  columns: number;
}

export const matmulCodec: JobCodec<MatmulRecord> = jobCodec<MatmulRecord>(["leftSha256", "rightSha256", "invitations"]);
