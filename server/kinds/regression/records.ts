/** What outlives the process of a regression. */

import type { RegressionRounding } from "../../../shared/kinds/regression/rounding.ts";
import type { RegressionSubmission } from "../../../shared/kinds/regression/submission.ts";
import type { RunRecord } from "../../coded/records.ts";
import { type JobCodec, jobCodec } from "../../store/job-record.ts";

export interface RegressionRecord extends RunRecord<RegressionSubmission> {
  /** What the submission's source came to. */
  featuresSha256: string;
  labelsSha256: string;
  inputScale: number;
  /** As uploaded: rows that are held out are among them. */
  rows: number;
  columns: number;
  classes: number;
  /** What a prediction of class c is called; empty for linear. */
  labelOfClass: number[];
  /** Which rows are held out follows from it. */
  splitSeed: number;
  /** Absent: a job of before, whose features have 1023 steps. */
  rounding?: RegressionRounding;
}

export const regressionCodec: JobCodec<RegressionRecord> = jobCodec<RegressionRecord>([
  "featuresSha256",
  "labelsSha256",
  "invitations",
]);
