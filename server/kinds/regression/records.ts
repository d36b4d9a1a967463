/** What outlives the process of a regression. */

import type { RegressionRounding } from "../../../shared/kinds/regression/rounding.ts";
import type { RegressionModel, RegressionSubmission } from "../../../shared/kinds/regression/submission.ts";
import type { RunRecord } from "../../coded/records.ts";
import { must } from "../../coordinator/assert.ts";
import { type JobCodec, jobCodec } from "../../store/job-record.ts";

export interface RegressionRecord extends RunRecord<RegressionSubmission> {
  /** The model that is trained; absent in older records, whose submission names it. */
  model?: RegressionModel;
  /** Absent: the columns are learned from as they were uploaded, as those of all jobs of before. */
  preparation?: { version: 1; l2: number };
  /** What the submission's source came to. */
  featuresSha256: string;
  labelsSha256: string;
  inputScale: number;
  /** As uploaded: rows that are held out are among them. What is coded has its own sizes (shape). */
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

export function trainedModelOf({ model, submission }: Pick<RegressionRecord, "model" | "submission">): RegressionModel {
  return must(model ?? submission.model, "JB: a regression that was taken has a model");
}

/** What a submission says of the columns and labels of uploads; null: its source is a sample. */
export function uploadsOf({ submission: { source } }: Pick<RegressionRecord, "submission">) {
  return source.kind === "uploads" ? source : null;
}

export const regressionCodec: JobCodec<RegressionRecord> = jobCodec<RegressionRecord>([
  "featuresSha256",
  "labelsSha256",
  "invitations",
]);
