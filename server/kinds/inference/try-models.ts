/** The coordinator runs a job's models itself, once: what it cannot run, no volunteer is asked to. */

import { inspectModel } from "../../../shared/compute/inspect-model.ts";
import { TRIAL_MACS_MAX } from "../../../shared/protocol/limits.ts";
import type { OutputPart } from "../../../shared/verify/compare-rows.ts";
import type { ModelReference } from "../../numerics/numerics-references.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import { planInference } from "./core/inference-plan.ts";
import type { JobData } from "./engine/job-data.ts";
import { gatherRows } from "./engine/query-rows.ts";
import type { InferenceExecutor } from "./engine/task-types.ts";
import { queryTensor } from "./job-loader.ts";

/** Queries whose outputs say how large a regression's numbers are; fewer of a model that costs much. */
const SCALE_QUERIES = 64;

/**
 * @returns the job; of a regression with the scale of its outputs, where it asks for several of each, taken from queries spread over all of them
 * @throws SubmissionError where a model cannot be run, or its outputs are not finite
 */
export async function tryModels(executor: InferenceExecutor, data: JobData): Promise<JobData> {
  const { job, model, parityModel } = data;
  const isRegression = job.submission.task === "regression";
  const affordable = Math.max(1, Math.floor(TRIAL_MACS_MAX / job.macsPerQuery));
  const count = isRegression ? Math.min(SCALE_QUERIES, job.queryCount, affordable) : 1;
  const queries = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * job.queryCount) / count));
  const outputs = await tryModel(executor, data, model, queries, "the model");
  if (parityModel !== null) await tryModel(executor, data, parityModel, Uint32Array.of(0), "the parity model");
  if (!isRegression) return data;
  const { outputSize } = job;
  const tried = {
    ...job,
    outputScale:
      job.outputScale === null || typeof job.outputScale === "number"
        ? rmsOfColumns(outputs, outputSize, 0, outputSize)
        : scalesOf(job.outputScale, outputs, outputSize),
  };
  return { ...data, job: tried, plan: planInference(tried) };
}

/**
 * The job of a stream as if it had queries already: those that its submitter gave as examples, or one that is made up.
 * @throws SubmissionError where examples do not fit the model
 */
export async function withExamples(store: Store, data: JobData, examplesSha256: string | null): Promise<JobData> {
  const { inputSize, inputScale } = data.job;
  if (examplesSha256 === null) {
    const values = Float32Array.from({ length: inputSize }, (_, i) => ((i * 37) % 101) / (101 * inputScale));
    return { ...data, job: { ...data.job, queryCount: 1 }, source: { values, inputSize, scale: inputScale } };
  }
  const { count, values } = await queryTensor(store, examplesSha256, await inspectModel(data.model.bundle));
  return { ...data, job: { ...data.job, queryCount: count }, source: { values, inputSize, scale: inputScale } };
}

/** @param parts in the order of a row */
function scalesOf(parts: readonly OutputPart[], outputs: Float32Array, outputSize: number): OutputPart[] {
  let start = 0;
  return parts.map(({ size }) => {
    const scaleFloor = rmsOfColumns(outputs, outputSize, start, start + size);
    start += size;
    return { size, scaleFloor };
  });
}

/** @param rows n x width */
function rmsOfColumns(rows: Float32Array, width: number, start: number, end: number): number {
  let squares = 0;
  rows.forEach((value, at) => {
    const column = at % width;
    if (column >= start && column < end) squares += value * value;
  });
  return Math.sqrt(squares / ((rows.length / width) * (end - start)));
}

async function tryModel(
  executor: InferenceExecutor,
  { source, job }: JobData,
  model: ModelReference,
  queries: Uint32Array,
  what: string,
): Promise<Float32Array> {
  let outputs: Float32Array;
  try {
    outputs = await executor.run("run", { model, inputs: gatherRows(source, queries), rowCount: queries.length });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SubmissionError(422, "bad-model", `${what} cannot be run: ${why}`);
  }
  if (outputs.length !== queries.length * job.outputSize || !outputs.every(Number.isFinite)) {
    const first = queries.length === 1 ? "the first query" : `${queries.length} of the queries`;
    throw new SubmissionError(422, "bad-model", `${what}: expected finite outputs for ${first}, got something else`);
  }
  return outputs;
}
