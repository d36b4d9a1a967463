/** What people are shown of a regression beside what all coded runs have. */
import type { RegressionJobView, RegressionPoint } from "../../../shared/kinds/regression/job-view.ts";
import type { CodedRunJob } from "../../coded/core/run-job.ts";
import type { RunView } from "../../coded/views.ts";
import { type RegressionRecord, trainedModelOf, uploadsOf } from "./records.ts";

export function regressionView(
  { stored, run }: CodedRunJob & { readonly stored: RegressionRecord },
  common: RunView,
): RegressionJobView {
  const { submission, rows, columns, classes, weightsOf } = stored;
  const { iteration, history } = run ?? stored.progress;
  const latest = history.at(-1) ?? null;
  return {
    ...common,
    kind: "regression",
    model: trainedModelOf(stored),
    rows,
    columns,
    classes,
    iterations: submission.iterations,
    iteration,
    loss: latest?.loss ?? null,
    accuracy: latest?.accuracy ?? null,
    validationLoss: lastOf(history, "validationLoss"),
    validationAccuracy: lastOf(history, "validationAccuracy"),
    distance: distanceOf(history),
    labelNames: uploadsOf(stored)?.labelNames ?? null,
    weightsOf,
  };
}

/** Of the weights after the last update: the entry of an iteration has it once its update is there. */
export function distanceOf(history: readonly RegressionPoint[]): number | null {
  return history.at(-1)?.distance ?? history.at(-2)?.distance ?? null;
}

/** The last iteration's are known once the next one has begun. */
function lastOf(history: readonly RegressionPoint[], what: "validationLoss" | "validationAccuracy"): number | null {
  return history.at(-1)?.[what] ?? history.at(-2)?.[what] ?? null;
}
