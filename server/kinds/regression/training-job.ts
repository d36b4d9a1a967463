/** Makes the engine's job of a submission and its files, for the coordinator and for whoever repeats rounds from a receipt. */
import type { RegressionModel, RegressionSubmission } from "../../../shared/kinds/regression/submission.ts";
import type { RunPlan } from "../../coded/core/run-plan.ts";
import { must } from "../../coordinator/assert.ts";
import type { RegressionFiles } from "./engine/regression-engine.ts";
import type { Rounding } from "./engine/rounding.ts";
import type { TableJob } from "./engine/table/table-numerics.ts";
import { tableTraining } from "./submission.ts";

export interface JobFiles {
  readonly featuresNpy: Uint8Array;
  readonly labelsNpy: Uint8Array;
  readonly inputScale: number;
  readonly rounding: Rounding | null;
  readonly splitSeed: number;
  readonly plan: RunPlan;
}

/** @param isTable does the record, or the receipt, know of a preparation? */
export function trainingJob(
  submission: RegressionSubmission,
  { kind, l2 }: { readonly kind: RegressionModel; readonly l2: number },
  isTable: boolean,
  files: JobFiles,
): RegressionFiles | TableJob {
  const { validationShare, learningRate, momentum } = submission;
  if (isTable) return { ...files, kind, validationShare, table: tableTraining(submission, l2) };
  const rate = must(learningRate, "JB: a job whose columns are learned from as they are has a rate");
  return { ...files, kind, validationShare, optimizer: { rate, momentum, l2 } };
}
