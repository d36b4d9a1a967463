/** From the submission of a matrix job to its record: shapes that fit, sizes within limits. */

import { factorsProblem } from "../../../shared/kinds/matmul/factors.ts";
import { MATMUL_PRODUCT_BYTES_MAX } from "../../../shared/kinds/matmul/limits.ts";
import type { MatmulSubmission } from "../../../shared/kinds/matmul/submission.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { forwardCost, type RunCost } from "../../coded/core/run-cost.ts";
import type { RunPlan } from "../../coded/core/run-plan.ts";
import { numberTableOf } from "../../coded/engine/number-table.ts";
import { requireMatrix, requireShards, uploadedTensor } from "../../coded/run-limits.ts";
import type { NumericsExecutor } from "../../numerics/numerics-executor.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import type { MatmulTasks } from "./engine/tasks.ts";

export interface MatmulSources {
  readonly store: Store;
  readonly executor: NumericsExecutor<MatmulTasks>;
}

interface MatmulSizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Parts that sums are cut into to stay exact. */
  readonly chunks: number;
}

/** Rows of A: there is no use for more blocks. @throws as describeMatmul */
export async function blocksOfMatmul({ store }: MatmulSources, { source }: MatmulSubmission): Promise<number> {
  return numberTableOf("A", parseNpy(await uploadedTensor(store, source.leftSha256, "A"))).rows;
}

/** @throws SubmissionError, DataError or NpyError, with words for the submitter */
export async function describeMatmul(sources: MatmulSources, submission: MatmulSubmission, plan: RunPlan) {
  const { leftSha256, rightSha256 } = submission.source;
  const sizes = await sizesOf(sources, submission);
  const { shape, settings } = runOf(submission, sizes);
  costOf(plan, submission, sizes);
  const { rows, inner, columns } = sizes;
  return { leftSha256, rightSha256, rows, inner, columns, shape, settings, notes: [] };
}

/** @throws as describeMatmul */
export async function costOfMatmul(sources: MatmulSources, submission: MatmulSubmission, plan: RunPlan) {
  return { cost: costOf(plan, submission, await sizesOf(sources, submission)), facts: {} };
}

/** Each slice of B's columns is an iteration: one forward product. */
function runOf({ sliceColumns }: MatmulSubmission, { rows, inner, columns }: MatmulSizes) {
  return {
    shape: { rows, columns: inner, width: Math.min(sliceColumns, columns) },
    settings: { iterations: Math.ceil(columns / sliceColumns), patience: null, isForwardOnly: true },
  };
}

async function sizesOf(
  { store, executor }: MatmulSources,
  { source, leftFractionBits, rightFractionBits }: MatmulSubmission,
): Promise<MatmulSizes> {
  const left = numberTableOf("A", parseNpy(await uploadedTensor(store, source.leftSha256, "A")));
  const right = numberTableOf("B", parseNpy(await uploadedTensor(store, source.rightSha256, "B")));
  const wrong = factorsProblem(left, right);
  if (wrong !== null) throw new SubmissionError(422, "wrong-shape", wrong);
  const checked = await executor.run("checkFactors", { left, right, leftFractionBits, rightFractionBits });
  if ("problem" in checked) throw new SubmissionError(422, "bad-data", checked.problem);
  return { rows: left.rows, inner: left.columns, columns: right.columns, chunks: checked.chunkCount };
}

function costOf(plan: RunPlan, submission: MatmulSubmission, sizes: MatmulSizes): RunCost {
  const { rows, inner, columns, chunks: forwardChunks } = sizes;
  const productBytes = 8 * rows * columns;
  if (productBytes > MATMUL_PRODUCT_BYTES_MAX) {
    const expected = `expected a product of at most ${MATMUL_PRODUCT_BYTES_MAX} bytes`;
    throw new SubmissionError(422, "too-much-data", `${expected}, got ${rows} x ${columns}: ${productBytes}`);
  }
  requireMatrix(plan, "A", rows, inner);
  const { shape, settings } = runOf(submission, sizes);
  const { width: classes } = shape;
  const cost = forwardCost(plan, { rows, columns: inner, classes, iterations: settings.iterations, forwardChunks });
  requireShards(plan, cost);
  return cost;
}
