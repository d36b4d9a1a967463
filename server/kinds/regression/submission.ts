/** From the submission of a regression to its record: data that can be trained on, sizes within limits. */

import { REGRESSION_CLASSES_MAX } from "../../../shared/kinds/regression/limits.ts";
import type { RegressionRounding } from "../../../shared/kinds/regression/rounding.ts";
import type {
  RegressionModel,
  RegressionSample,
  RegressionSubmission,
} from "../../../shared/kinds/regression/submission.ts";
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
import { classesOfLabels, modelForLabels } from "./engine/table/classes.ts";
import { heldOutCount } from "./engine/table/hold-out.ts";
import type { TableTraining } from "./engine/table/prepare-table.ts";
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

type Uploads = Extract<RegressionSubmission["source"], { kind: "uploads" }>;

/** The data in numbers. */
interface TrainingSizes {
  readonly model: RegressionModel;
  /** As uploaded. */
  readonly rows: number;
  readonly columns: number;
  /** Rows and columns of the matrix that is coded. */
  readonly trained: number;
  readonly terms: number;
  readonly classes: number;
  readonly labelOfClass: readonly number[];
  readonly facts: FeatureFacts;
  readonly l2: number;
}

/** Nothing of the data is prepared: columns are learned from as they are, at the rate that was asked for. */
export function isPlain({ source, standardise, intercept, learningRate }: RegressionSubmission): boolean {
  const isBare = source.kind === "sample" || (source.categories ?? source.gap ?? source.labelNames) === undefined;
  return isBare && !standardise && !intercept && learningRate !== null;
}

/** What the engine is to do with the table. @param l2 that of the submission, or the default */
export function tableTraining(submission: RegressionSubmission, l2: number): TableTraining {
  const { source, standardise, intercept, learningRate: rate, momentum, tolerance } = submission;
  const {
    categories = [],
    gap = null,
    labelNames = null,
    columnNames = null,
  } = source.kind === "uploads" ? source : {};
  const levels = categories.map((one) => ({ column: one.column, levels: one.levels.length }));
  const settings = { standardise, intercept, rate, momentum, l2, tolerance };
  return { ...settings, categories: levels, gap, labelNames, columnNames };
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
  const sizes = await sizesOf(sources, { featuresSha256, labelsSha256, inputScale }, submission, splitSeed);
  const rounding = roundingOf(submission, sizes);
  costOf(plan, submission, sizes, rounding);
  const { model, rows, columns, classes, labelOfClass, l2 } = sizes;
  const { featureLimbs, forward, backward } = rounding;
  return {
    model,
    ...(!isPlain(submission) && { preparation: { version: 1 as const, l2 } }),
    featuresSha256,
    labelsSha256,
    inputScale,
    rows,
    columns,
    classes,
    labelOfClass: [...labelOfClass],
    splitSeed,
    rounding,
    notes: [...modelNotes(submission, sizes), ...rounding.notes],
    shape: {
      rows: sizes.trained,
      columns: sizes.terms,
      width: classes,
      parts: { matrix: featureLimbs, forward: forward.limbs, backward: backward.limbs },
    },
    settings: { iterations, patience, isForwardOnly: false },
  };
}

/** What was chosen for a submission that did not say. */
function modelNotes({ model: asked }: RegressionSubmission, { model, labelOfClass }: TrainingSizes): string[] {
  if (asked !== null) return [];
  const found = model === "linear" ? "numbers" : `${labelOfClass.length} different values`;
  return [`The labels are ${found}, so the model is ${model}.`];
}

/** @throws SubmissionError where what is said of the columns does not fit them */
function requireColumns({ columnNames, categories = [] }: Uploads, columns: number): void {
  const places = categories.map(({ column }) => column);
  const beyond = places.find((place) => place >= columns);
  const twice = places.find((place, i) => places.indexOf(place) < i);
  const wrong = [
    columnNames !== undefined &&
      columnNames.length !== columns &&
      `columnNames: expected ${columns} names, one for each column of X, got ${columnNames.length}`,
    beyond !== undefined && `categories: expected columns 0 to ${columns - 1}, got ${beyond}`,
    twice !== undefined && `categories: expected each column once, got ${twice} twice`,
  ].filter((one) => one !== false);
  if (wrong.length > 0) throw new SubmissionError(422, "wrong-shape", wrong.join("; "));
}

/** There is no use for more blocks than rows, or than columns. @throws as describeRegression */
export async function blocksOfRegression(
  { store }: RegressionSources,
  submission: RegressionSubmission,
): Promise<number> {
  const { source, validationShare } = submission;
  const { rows, columns } =
    source.kind === "sample"
      ? regressionSampleShape(source.sample, source.rows)
      : featuresOf(parseNpy(await uploadedTensor(store, source.featuresSha256, "X")), source.inputScale);
  return Math.min(rows - heldOutCount(rows, validationShare, 0), termCount(submission, columns));
}

/** The data is looked at only where it was uploaded. @throws as describeRegression */
export async function costOfRegression(sources: RegressionSources, submission: RegressionSubmission, plan: RunPlan) {
  const { source } = submission;
  const sizes =
    source.kind === "sample"
      ? sampleSizes(source.sample, source.rows, submission)
      : await sizesOf(sources, source, submission, SPLIT_SEED_OF_ESTIMATES);
  const rounding = roundingOf(submission, sizes);
  return { cost: costOf(plan, submission, sizes, rounding), facts: { rounding } };
}

function roundingOf({ featureBits, source }: RegressionSubmission, { facts }: TrainingSizes): RegressionRounding {
  const rounding = planRounding(facts, featureBits);
  const names = source.kind === "uploads" ? (source.columnNames ?? null) : null;
  return { ...rounding, notes: roundingNotes(rounding, facts, names) };
}

/** What is held out is drawn when a job is submitted; any draw costs the same. */
const SPLIT_SEED_OF_ESTIMATES = 1;

function sampleSizes(
  sample: RegressionSample,
  sampleRows: number | undefined,
  submission: RegressionSubmission,
): TrainingSizes {
  const { rows, columns, labels } = regressionSampleShape(sample, sampleRows);
  const model = submission.model ?? modelForLabels(labels, false);
  const facts = factsOfWholeNumbers(rows, columns, 1 / TABLE_SCALES[sample]);
  return { ...labelSizes(submission, model, labels, rows), rows, columns, terms: columns, facts };
}

async function sizesOf(
  { store, executor }: RegressionSources,
  { featuresSha256, labelsSha256, inputScale }: ResolvedTraining,
  submission: RegressionSubmission,
  splitSeed: number,
): Promise<TrainingSizes> {
  const featuresNpy = await uploadedTensor(store, featuresSha256, "X");
  const labelsNpy = await uploadedTensor(store, labelsSha256, "y");
  const features = featuresOf(parseNpy(featuresNpy), inputScale);
  const { rows, columns } = features;
  const labels = labelsOf(parseNpy(labelsNpy), rows);
  const { source, validationShare } = submission;
  if (source.kind === "uploads") requireColumns(source, columns);
  const areWords = source.kind === "uploads" && source.labelNames !== undefined;
  const kind = submission.model ?? modelForLabels(labels, areWords);
  const own = labelSizes(submission, kind, labels, rows);
  const sizes = { ...own, rows, columns, terms: termCount(submission, columns) };
  if (isPlain(submission)) return { ...sizes, facts: await executor.run("surveyFeatures", { features }) };
  const table = tableTraining(submission, own.l2);
  const files = { kind, featuresNpy, labelsNpy, inputScale, rounding: null, splitSeed, validationShare, table };
  return { ...sizes, facts: await executor.run("surveyTable", { files }) };
}

/** What follows from the labels. @throws DataError where the model does not learn them */
function labelSizes(submission: RegressionSubmission, model: RegressionModel, labels: ArrayLike<number>, rows: number) {
  const { source, validationShare } = submission;
  const names = source.kind === "uploads" ? (source.labelNames ?? null) : null;
  if (isPlain(submission)) {
    const { classes, labelOfClass } = targetsOf(model, labels, REGRESSION_CLASSES_MAX);
    const trained = rows - heldOutCount(rows, validationShare, 0);
    return { model, classes, labelOfClass, trained, l2: submission.l2 ?? 1 / trained };
  }
  const labelOfClass = classesOfLabels(model, labels, names)?.labels ?? [];
  const trained = rows - heldOutCount(rows, validationShare, labelOfClass.length);
  const classes = model === "softmax" ? labelOfClass.length : 1;
  return { model, classes, labelOfClass, trained, l2: submission.l2 ?? 1 / trained };
}

/** Columns of what is coded: one a column, or one a level of it. */
function termCount({ source }: RegressionSubmission, columns: number): number {
  const categories = source.kind === "uploads" ? (source.categories ?? []) : [];
  return categories.reduce((sum, { levels }) => sum + levels.length - 1, columns);
}

/** @throws SubmissionError where it is too much for the coordinator or a tab */
function costOf(
  plan: RunPlan,
  submission: RegressionSubmission,
  sizes: TrainingSizes,
  { featureLimbs: matrixLimbs, forward, backward }: RegressionRounding,
): RunCost {
  const { terms: columns, classes, trained: rows } = sizes;
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
