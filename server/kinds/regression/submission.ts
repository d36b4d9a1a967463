/** From the submission of a regression to its record: data that can be trained on, sizes within limits. */

import { REGRESSION_CLASSES_MAX } from "../../../shared/kinds/regression/limits.ts";
import type { RegressionSample, RegressionSubmission } from "../../../shared/kinds/regression/submission.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { predictCost, type RunCost } from "../../coded/core/run-cost.ts";
import type { RunPlan } from "../../coded/core/run-plan.ts";
import { requireMatrix, requireShards, uploadedTensor } from "../../coded/run-limits.ts";
import { regressionSampleShape } from "../../samples/regression-sample.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import { targetsOf } from "./engine/targets.ts";
import { featuresOf, labelsOf } from "./engine/training-data.ts";

export interface ResolvedTraining {
  readonly featuresSha256: string;
  readonly labelsSha256: string;
  readonly inputScale: number;
}

export interface RegressionSources {
  readonly store: Store;
  /** Where the built-in samples come from; puts what they need into the store. */
  readonly regressionSample: (sample: RegressionSample, rows?: number) => Promise<ResolvedTraining>;
}

/** The data in numbers, as uploaded. */
interface TrainingSizes {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly labelOfClass: readonly number[];
}

/** @throws SubmissionError, DataError or NpyError, with words for the submitter */
export async function describeRegression(
  { store, regressionSample }: RegressionSources,
  submission: RegressionSubmission,
  plan: RunPlan,
  splitSeed: number,
) {
  const { source, iterations, patience } = submission;
  const { featuresSha256, labelsSha256, inputScale } =
    source.kind === "sample" ? await regressionSample(source.sample, source.rows) : source;
  const sizes = await sizesOf(store, { featuresSha256, labelsSha256, inputScale }, submission.model);
  costOf(plan, submission, sizes);
  const { rows, columns, classes, labelOfClass } = sizes;
  return {
    featuresSha256,
    labelsSha256,
    inputScale,
    rows,
    columns,
    classes,
    labelOfClass: [...labelOfClass],
    splitSeed,
    shape: { rows: trainedRows(submission, rows), columns, width: classes },
    settings: { iterations, patience, isForwardOnly: false },
  };
}

/** The data is looked at only where it was uploaded. @throws as describeRegression */
export async function costOfRegression(
  store: Store,
  submission: RegressionSubmission,
  plan: RunPlan,
): Promise<RunCost> {
  const { source, model } = submission;
  const sizes =
    source.kind === "sample" ? sampleSizes(source.sample, source.rows, model) : await sizesOf(store, source, model);
  return costOf(plan, submission, sizes);
}

function sampleSizes(
  sample: RegressionSample,
  sampleRows: number | undefined,
  model: RegressionSubmission["model"],
): TrainingSizes {
  const { rows, columns, labels } = regressionSampleShape(sample, sampleRows);
  const { classes, labelOfClass } = targetsOf(model, labels, REGRESSION_CLASSES_MAX);
  return { rows, columns, classes, labelOfClass };
}

async function sizesOf(
  store: Store,
  { featuresSha256, labelsSha256, inputScale }: ResolvedTraining,
  model: RegressionSubmission["model"],
): Promise<TrainingSizes> {
  const { rows, columns } = featuresOf(parseNpy(await uploadedTensor(store, featuresSha256, "X")), inputScale);
  const labels = labelsOf(parseNpy(await uploadedTensor(store, labelsSha256, "y")), rows);
  const { classes, labelOfClass } = targetsOf(model, labels, REGRESSION_CLASSES_MAX);
  return { rows, columns, classes, labelOfClass };
}

/** Rows that are not held out. */
function trainedRows({ validationShare }: RegressionSubmission, rows: number): number {
  return rows - Math.floor(rows * validationShare);
}

/** @throws SubmissionError where it is too much for the coordinator or a tab */
function costOf(plan: RunPlan, submission: RegressionSubmission, sizes: TrainingSizes): RunCost {
  const { columns, classes } = sizes;
  const rows = trainedRows(submission, sizes.rows);
  requireMatrix(plan, "X", rows, columns);
  if (columns < plan.blockCount) {
    const expected = `expected at least ${plan.blockCount} columns, one a block`;
    throw new SubmissionError(422, "too-little-data", `X: ${expected}, got ${columns}`);
  }
  const cost = predictCost(plan, { rows, columns, classes, iterations: submission.iterations });
  requireShards(plan, cost);
  return cost;
}
