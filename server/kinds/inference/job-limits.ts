/**
 * What a job may cost those who compute it, as far as its sizes tell: all reasons why it is too much, at once. Each names the limit, what came,
 * and what would fit. docs/limits.md lists them.
 */
import type { ModelFacts } from "../../../shared/compute/model-runtime.ts";
import {
  ANSWER_BYTES_PER_JOB_MAX,
  BATCH_BYTES_MAX,
  BYTES_IN_FLIGHT_PER_JOB_MAX,
} from "../../../shared/protocol/limits.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import { modelTooLarge, processRoomOf } from "../../trusted/model-cost.ts";
import { roundBytes } from "./core/inference-plan.ts";
import { tabBytes, tabBytesMax, WEIGHT_COPIES } from "./core/tab-bytes.ts";
import type { JobData } from "./engine/job-data.ts";
import type { JobModel } from "./job-models.ts";

const NUMBER_BYTES = 4;

interface TooMuch {
  readonly code: string;
  readonly message: string;
}

/**
 * @param groups of its largest round: the rows of a batch
 * @throws SubmissionError with all that is too much, under the code of the first
 */
export function requireLimits(data: JobData, groups: number, model: JobModel, parity: JobModel | null): void {
  const models = [["model", model] as const, ...(parity === null ? [] : [["parity model", parity] as const])];
  const reasons = [
    answersTooLarge(data),
    batchTooLarge(data, groups),
    roundTooLarge(data, groups),
    ...models.flatMap(([what, one]) => [tooLargeForTabs(one.facts, groups, what), tooLargeHere(one, what)]),
  ].filter((reason) => reason !== null);
  if (reasons.length === 0) return;
  throw new SubmissionError(422, reasons[0]!.code, reasons.map(({ message }) => message).join(". "));
}

function answersTooLarge({ job }: JobData): TooMuch | null {
  const bytesOfEach = job.outputSize * NUMBER_BYTES;
  const bytes = job.queryCount * bytesOfEach;
  if (bytes <= ANSWER_BYTES_PER_JOB_MAX) return null;
  const fits = Math.floor(ANSWER_BYTES_PER_JOB_MAX / bytesOfEach);
  const message = `expected answers of at most ${ANSWER_BYTES_PER_JOB_MAX} bytes, but ${job.queryCount} queries with ${job.outputSize} outputs make ${bytes}; at ${fits} queries a job this fits: split the job`;
  return { code: "answers-too-large", message };
}

function batchTooLarge({ job }: JobData, groups: number): TooMuch | null {
  const bytesOfRow = Math.max(job.inputSize, job.outputSize) * NUMBER_BYTES;
  const bytes = groups * bytesOfRow;
  if (bytes <= BATCH_BYTES_MAX) return null;
  const message = `expected a batch of at most ${BATCH_BYTES_MAX} bytes, but ${groups} groups make ${bytes}${lowerTo(BATCH_BYTES_MAX / bytesOfRow, "queries of this size")}`;
  return { code: "batch-too-large", message };
}

function roundTooLarge({ job, plan }: JobData, groups: number): TooMuch | null {
  const bytes = roundBytes(plan, job, groups);
  if (bytes <= BYTES_IN_FLIGHT_PER_JOB_MAX) return null;
  const fits = BYTES_IN_FLIGHT_PER_JOB_MAX / roundBytes(plan, job, 1);
  const message = `expected a round of at most ${BYTES_IN_FLIGHT_PER_JOB_MAX} bytes, but ${plan.scheme.workerCount} workers with ${groups} groups make ${bytes}${lowerTo(fits, "so many workers")}`;
  return { code: "round-too-large", message };
}

function tooLargeForTabs(facts: ModelFacts, rowCount: number, what: string): TooMuch | null {
  const [ofWeights, bytes] = [tabBytes(facts, 0), tabBytes(facts, rowCount)];
  const most = tabBytesMax(facts);
  if (bytes <= most) return null;
  const ofRun = facts.numbersPerRun === 0 ? "" : ` ${NUMBER_BYTES * facts.numbersPerRun} bytes that each run takes,`;
  const fits = (most - ofWeights) / (tabBytes(facts, 1) - ofWeights);
  const message =
    `${what}: expected a batch to take at most ${most} bytes of a tab, but ${facts.weightBytes} bytes of weights, ` +
    `${WEIGHT_COPIES} times while they load,${ofRun} and ${bytes - ofWeights} bytes between its layers for ${rowCount} rows make ${bytes}` +
    lowerTo(fits, "this model");
  return { code: "model-too-large", message };
}

function tooLargeHere(model: JobModel, what: string): TooMuch | null {
  const problem = modelTooLarge({ ...model, ...processRoomOf(model.bundle) });
  return problem === null ? null : { code: "model-too-large", message: `${what}: ${problem}` };
}

function lowerTo(fits: number, what: string): string {
  const groups = Math.floor(fits);
  if (groups < 1) return `; not one row fits: with ${what} no groupsPerRound does`;
  return `; at ${groups} rows a batch this fits: lower groupsPerRound to ${groups}`;
}
