/** From a gradient submission to a job that can begin: everything that can be wrong with it is said here, at once. */

import type { MatmulSubmission } from "../../shared/kinds/matmul/submission.ts";
import type { RegressionSample, RegressionSubmission } from "../../shared/kinds/regression/submission.ts";
import {
  GRADIENT_CLASSES_MAX,
  GRADIENT_DATA_BYTES_MAX,
  GRADIENT_SHARD_BYTES_MAX,
  INVITATIONS_SPARE_COUNT,
  MATMUL_PRODUCT_BYTES_MAX,
} from "../../shared/protocol/limits.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { SubmissionError } from "../kinds/inference/job-loader.ts";
import { targetsOf } from "../kinds/regression/engine/targets.ts";
import { featuresOf, labelsOf } from "../kinds/regression/engine/training-data.ts";
import { gradientSampleShape } from "../samples/gradient-sample.ts";
import { sha256Hex } from "../sha256-hex.ts";
import type { Store } from "../store/store.ts";
import { forwardCost, predictCost, type RunCost } from "./core/run-cost.ts";
import { planOf } from "./core/run-lifecycle.ts";
import type { RunPlan } from "./core/run-plan.ts";
import { tableOf } from "./engine/number-table.ts";
import { noProgress, type StoredGradientJob } from "./records.ts";

export interface ResolvedTraining {
  readonly featuresSha256: string;
  readonly labelsSha256: string;
  readonly inputScale: number;
}

/** The data in numbers; what a plan and its cost follow from. */
export interface TrainingShape {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly labelOfClass: readonly number[];
}

export interface GradientSources {
  readonly store: Store;
  readonly gradientSample: (sample: RegressionSample, rows?: number) => Promise<ResolvedTraining>;
  readonly makeToken: () => string;
}

/** @throws SubmissionError, DataError, CodingError or NpyError, with words for the submitter */
export async function describeGradientJob(
  { store, gradientSample, makeToken }: GradientSources,
  jobId: string,
  submission: RegressionSubmission,
  submittedMs: number,
  splitSeed: number,
): Promise<{ job: StoredGradientJob; invitations: string[] }> {
  const { source } = submission;
  const plan = planOf({ submission });
  const resolved = source.kind === "sample" ? await gradientSample(source.sample, source.rows) : source;
  const shape = await trainingShape(store, resolved, submission.model);
  costOf(plan, submission, shape);
  const { featuresSha256, labelsSha256, inputScale } = resolved;
  const invitations = drawInvitations(plan, makeToken);
  const job: StoredGradientJob = {
    jobId,
    submission,
    featuresSha256,
    labelsSha256,
    inputScale,
    rows: shape.rows,
    columns: shape.columns,
    classes: shape.classes,
    labelOfClass: [...shape.labelOfClass],
    splitSeed,
    ...beginning(submittedMs, invitations),
  };
  return { job, invitations };
}

/** One for each volunteer, and some to spare; none where anybody may work. */
function drawInvitations({ maskCount, volunteerCount }: RunPlan, makeToken: () => string): string[] {
  if (maskCount === 0) return [];
  return Array.from({ length: volunteerCount + INVITATIONS_SPARE_COUNT }, () => makeToken());
}

function beginning(submittedMs: number, invitations: readonly string[]) {
  return {
    state: "accepting" as const,
    error: null,
    endKind: null,
    endReason: null,
    submittedMs: Math.round(submittedMs),
    finishedMs: null,
    weightsOf: null,
    notes: [],
    progress: noProgress(),
    invitations: invitations.map((token) => ({ sha256: invitationHash(token), volunteerId: null })),
  };
}

/** @throws as describeGradientJob */
export async function describeMatmulJob(
  { store, makeToken }: GradientSources,
  jobId: string,
  submission: MatmulSubmission,
  submittedMs: number,
): Promise<{ job: StoredGradientJob; invitations: string[] }> {
  const { leftSha256, rightSha256 } = submission.source;
  const plan = planOf({ submission });
  const shape = await matmulShape(store, submission);
  matmulCostOf(plan, submission, shape);
  const invitations = drawInvitations(plan, makeToken);
  const job: StoredGradientJob = {
    jobId,
    submission,
    featuresSha256: leftSha256,
    labelsSha256: rightSha256,
    inputScale: 1,
    rows: shape.rows,
    columns: shape.inner,
    classes: shape.columns,
    labelOfClass: [],
    splitSeed: 0,
    ...beginning(submittedMs, invitations),
  };
  return { job, invitations };
}

interface MatmulShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

async function matmulShape(store: Store, { source }: MatmulSubmission): Promise<MatmulShape> {
  const left = tableOf("A", parseNpy(await tensor(store, source.leftSha256, "A")));
  const right = tableOf("B", parseNpy(await tensor(store, source.rightSha256, "B")));
  if (left.columns === right.rows) return { rows: left.rows, inner: left.columns, columns: right.columns };
  const got = `${left.rows} x ${left.columns} and ${right.rows} x ${right.columns}`;
  const message = `A, B: expected A's columns to be as many as B's rows, got ${got}`;
  throw new SubmissionError(422, "wrong-shape", message);
}

/** As the forward products of a gradient job whose classes are the columns of a slice, once for each slice. */
function matmulCostOf(plan: RunPlan, { sliceColumns }: MatmulSubmission, shape: MatmulShape): RunCost {
  const { rows, inner, columns } = shape;
  const productBytes = 8 * rows * columns;
  if (productBytes > MATMUL_PRODUCT_BYTES_MAX) {
    const expected = `expected a product of at most ${MATMUL_PRODUCT_BYTES_MAX} bytes`;
    throw new SubmissionError(422, "too-much-data", `${expected}, got ${rows} x ${columns}: ${productBytes}`);
  }
  requireMatrix(plan, "A", rows, inner);
  const slices = Math.ceil(columns / sliceColumns);
  const classes = Math.min(sliceColumns, columns);
  const cost = forwardCost(plan, { rows, columns: inner, classes, iterations: slices });
  requireShards(plan, cost);
  return cost;
}

/** What it would cost. @throws as describeMatmulJob */
export async function estimateMatmul(store: Store, submission: MatmulSubmission) {
  const plan = planOf({ submission });
  return { plan, cost: matmulCostOf(plan, submission, await matmulShape(store, submission)) };
}

export function invitationHash(token: string): string {
  return sha256Hex(Buffer.from(token));
}

/** What it would cost; the data is looked at only where it was uploaded. @throws as describeGradientJob */
export async function estimateGradient(store: Store, submission: RegressionSubmission) {
  const { source, model } = submission;
  const plan = planOf({ submission });
  const shape =
    source.kind === "sample"
      ? sampleShape(source.sample, source.rows, model)
      : await trainingShape(store, source, model);
  return { plan, shape, cost: costOf(plan, submission, shape) };
}

function sampleShape(
  sample: RegressionSample,
  sampleRows: number | undefined,
  model: RegressionSubmission["model"],
): TrainingShape {
  const { rows, columns, labels } = gradientSampleShape(sample, sampleRows);
  const { classes, labelOfClass } = targetsOf(model, labels, GRADIENT_CLASSES_MAX);
  return { rows, columns, classes, labelOfClass };
}

async function trainingShape(
  store: Store,
  { featuresSha256, labelsSha256, inputScale }: ResolvedTraining,
  model: RegressionSubmission["model"],
): Promise<TrainingShape> {
  const { rows, columns } = featuresOf(parseNpy(await tensor(store, featuresSha256, "X")), inputScale);
  const labels = labelsOf(parseNpy(await tensor(store, labelsSha256, "y")), rows);
  const { classes, labelOfClass } = targetsOf(model, labels, GRADIENT_CLASSES_MAX);
  return { rows, columns, classes, labelOfClass };
}

async function tensor(store: Store, sha256: string, name: string): Promise<Uint8Array> {
  const bytes = await store.getBlob(sha256);
  if (bytes !== null) return bytes;
  throw new SubmissionError(422, "unknown-tensor", `${name}: there is no upload with sha-256 ${sha256}`);
}

/** @throws SubmissionError where it is too much for the coordinator or a tab */
function costOf(plan: RunPlan, submission: RegressionSubmission, shape: TrainingShape): RunCost {
  const { rows, columns, classes } = shape;
  const heldOut = Math.floor(rows * submission.validationShare);
  const trained = rows - heldOut;
  requireMatrix(plan, "X", trained, columns);
  if (columns < plan.blockCount) {
    const expected = `expected at least ${plan.blockCount} columns, one a block`;
    throw new SubmissionError(422, "too-little-data", `X: ${expected}, got ${columns}`);
  }
  const cost = predictCost(plan, { rows: trained, columns, classes, iterations: submission.iterations });
  requireShards(plan, cost);
  return cost;
}

/** @param rows that are coded: those that are trained on, or all of A */
function requireMatrix({ blockCount }: RunPlan, name: string, rows: number, columns: number): void {
  const bytes = 4 * rows * columns;
  if (bytes > GRADIENT_DATA_BYTES_MAX) {
    const expected = `expected ${name} of at most ${GRADIENT_DATA_BYTES_MAX} bytes at 4 an entry`;
    throw new SubmissionError(422, "too-much-data", `${expected}, got ${rows} x ${columns}: ${bytes}`);
  }
  if (rows < blockCount) {
    const expected = `expected at least ${blockCount} rows, one a block`;
    throw new SubmissionError(422, "too-little-data", `${name}: ${expected}, got ${rows}`);
  }
}

function requireShards({ shardsPerVolunteer }: RunPlan, { shardBytesPerVolunteer }: RunCost): void {
  const shardBytes = shardBytesPerVolunteer / shardsPerVolunteer;
  if (shardBytes <= GRADIENT_SHARD_BYTES_MAX) return;
  const expected = `expected shards of at most ${GRADIENT_SHARD_BYTES_MAX} bytes`;
  throw new SubmissionError(422, "shards-too-large", `${expected}, got ${shardBytes}: raise K`);
}
