/** From the submission of a regression to its record: data that can be trained on, sizes within limits. */

import { REGRESSION_CLASSES_MAX } from "../../../shared/kinds/regression/limits.ts";
import type { RegressionRounding } from "../../../shared/kinds/regression/rounding.ts";
import type { RegressionSample, RegressionSubmission } from "../../../shared/kinds/regression/submission.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { predictCost, type RunCost } from "../../coded/core/run-cost.ts";
import type { RunPlan } from "../../coded/core/run-plan.ts";
import { requireMatrix, requireShards, uploadedTensor } from "../../coded/run-limits.ts";
import type { NumericsExecutor } from "../../numerics/numerics-executor.ts";
import { regressionSampleShape } from "../../samples/regression-sample.ts";
import { TABLE_SCALES } from "../../samples/regression-tables.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import { planRounding, roundingNotes } from "./engine/rounding.ts";
import { type FeatureFacts, factsOfWholeNumbers } from "./engine/survey.ts";
import { targetsOf } from "./engine/targets.ts";
import type { RegressionTasks } from "./engine/tasks.ts";
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
  readonly executor: NumericsExecutor<RegressionTasks>;
}

/** The data in numbers, as uploaded. */
interface TrainingSizes {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly labelOfClass: readonly number[];
  readonly facts: FeatureFacts;
}

/** @throws SubmissionError, DataError or NpyError, with words for the submitter */
export async function describeRegression(
  sources: RegressionSources,
  submission: RegressionSubmission,
  plan: RunPlan,
  splitSeed: number,
) {
  const { source, iterations, patience } = submission;
  const { featuresSha256, labelsSha256, inputScale } =
    source.kind === "sample" ? await sources.regressionSample(source.sample, source.rows) : source;
  const sizes = await sizesOf(sources, { featuresSha256, labelsSha256, inputScale }, submission.model);
  const rounding = roundingOf(submission, sizes);
  costOf(plan, submission, sizes, rounding);
  const { rows, columns, classes, labelOfClass } = sizes;
  if (source.kind === "uploads") requireNames(source.columnNames, columns);
  const { featureLimbs, forward, backward } = rounding;
  return {
    featuresSha256,
    labelsSha256,
    inputScale,
    rows,
    columns,
    classes,
    labelOfClass: [...labelOfClass],
    splitSeed,
    rounding,
    notes: rounding.notes,
    shape: {
      rows: trainedRows(submission, rows),
      columns,
      width: classes,
      parts: { matrix: featureLimbs, forward: forward.limbs, backward: backward.limbs },
    },
    settings: { iterations, patience, isForwardOnly: false },
  };
}

/** @throws SubmissionError where there are names, and not one for each column */
function requireNames(names: readonly string[] | undefined, columns: number): void {
  if (names === undefined || names.length === columns) return;
  const message = `columnNames: expected ${columns} names, one for each column of X, got ${names.length}`;
  throw new SubmissionError(422, "wrong-shape", message);
}

/** There is no use for more blocks than rows, or than columns. @throws as describeRegression */
export async function blocksOfRegression(
  { store }: RegressionSources,
  submission: RegressionSubmission,
): Promise<number> {
  const { source } = submission;
  const { rows, columns } =
    source.kind === "sample"
      ? regressionSampleShape(source.sample, source.rows)
      : featuresOf(parseNpy(await uploadedTensor(store, source.featuresSha256, "X")), source.inputScale);
  return Math.min(trainedRows(submission, rows), columns);
}

/** The data is looked at only where it was uploaded. @throws as describeRegression */
export async function costOfRegression(sources: RegressionSources, submission: RegressionSubmission, plan: RunPlan) {
  const { source, model } = submission;
  const sizes =
    source.kind === "sample" ? sampleSizes(source.sample, source.rows, model) : await sizesOf(sources, source, model);
  if (source.kind === "uploads") requireNames(source.columnNames, sizes.columns);
  const rounding = roundingOf(submission, sizes);
  return { cost: costOf(plan, submission, sizes, rounding), facts: { rounding } };
}

function roundingOf({ featureBits }: RegressionSubmission, { facts }: TrainingSizes): RegressionRounding {
  const rounding = planRounding(facts, featureBits);
  return { ...rounding, notes: roundingNotes(rounding, facts) };
}

function sampleSizes(
  sample: RegressionSample,
  sampleRows: number | undefined,
  model: RegressionSubmission["model"],
): TrainingSizes {
  const { rows, columns, labels } = regressionSampleShape(sample, sampleRows);
  const { classes, labelOfClass } = targetsOf(model, labels, REGRESSION_CLASSES_MAX);
  const facts = factsOfWholeNumbers(rows, columns, 1 / TABLE_SCALES[sample]);
  return { rows, columns, classes, labelOfClass, facts };
}

async function sizesOf(
  { store, executor }: RegressionSources,
  { featuresSha256, labelsSha256, inputScale }: ResolvedTraining,
  model: RegressionSubmission["model"],
): Promise<TrainingSizes> {
  const features = featuresOf(parseNpy(await uploadedTensor(store, featuresSha256, "X")), inputScale);
  const { rows, columns } = features;
  const labels = labelsOf(parseNpy(await uploadedTensor(store, labelsSha256, "y")), rows);
  const { classes, labelOfClass } = targetsOf(model, labels, REGRESSION_CLASSES_MAX);
  const facts = await executor.run("surveyFeatures", { features });
  return { rows, columns, classes, labelOfClass, facts };
}

/** Rows that are not held out. */
function trainedRows({ validationShare }: RegressionSubmission, rows: number): number {
  return rows - Math.floor(rows * validationShare);
}

/** @throws SubmissionError where it is too much for the coordinator or a tab */
function costOf(
  plan: RunPlan,
  submission: RegressionSubmission,
  sizes: TrainingSizes,
  { featureLimbs: matrixLimbs, forward, backward }: RegressionRounding,
): RunCost {
  const { columns, classes } = sizes;
  const rows = trainedRows(submission, sizes.rows);
  requireMatrix(plan, "X", rows, columns, matrixLimbs);
  if (columns < plan.blockCount) {
    const expected = `expected at least ${plan.blockCount} columns, one a block`;
    throw new SubmissionError(422, "too-little-data", `X: ${expected}, got ${columns}`);
  }
  const chunks = {
    forwardChunks: forward.limbs * forward.chunks,
    backwardChunks: backward.limbs * backward.chunks,
  };
  const { iterations } = submission;
  const cost = predictCost(plan, { rows, columns, classes, iterations, matrixLimbs, ...chunks });
  requireShards(plan, cost);
  return cost;
}
