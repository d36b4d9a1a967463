/**
 * What a job may cost those who compute it, as far as its sizes tell: all reasons why it is too much, at once. Each names the limit, what came,
 * and what would fit. docs/limits.md lists them. One row of any model fits in a message, so that no row is too wide for a claim.
 */
import type { ModelFacts } from "../../../shared/compute/model-runtime.ts";
import { ANSWER_BYTES_PER_JOB_MAX } from "../../../shared/protocol/limits.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import { modelTooLarge, processRoomOf } from "../../trusted/model-cost.ts";
import { tabBytes, tabBytesMax, WEIGHT_COPIES, weightsInTab } from "./core/tab-bytes.ts";
import type { JobData } from "./engine/job-data.ts";
import type { JobModel } from "./job-models.ts";
import type { StoredJob } from "./records.ts";

const NUMBER_BYTES = 4;

interface TooMuch {
  readonly code: string;
  readonly message: string;
}

/** @throws SubmissionError with all that is too much, under the code of the first */
export function requireLimits({ job }: Pick<JobData, "job">, model: JobModel, parity: JobModel | null): void {
  const models = [["model", model] as const, ...(parity === null ? [] : [["parity model", parity] as const])];
  const reasons = [
    answersTooLarge(job),
    ...models.flatMap(([what, one]) => [tooLargeForTabs(one.facts, what), tooLargeHere(one, what)]),
  ].filter((reason) => reason !== null);
  if (reasons.length === 0) return;
  throw new SubmissionError(422, reasons[0]!.code, reasons.map(({ message }) => message).join(". "));
}

function answersTooLarge(job: StoredJob): TooMuch | null {
  const bytesOfEach = job.outputSize * NUMBER_BYTES;
  const bytes = job.queryCount * bytesOfEach;
  if (bytes <= ANSWER_BYTES_PER_JOB_MAX) return null;
  const fits = Math.floor(ANSWER_BYTES_PER_JOB_MAX / bytesOfEach);
  const message = `expected answers of at most ${ANSWER_BYTES_PER_JOB_MAX} bytes, but ${job.queryCount} queries with ${job.outputSize} outputs make ${bytes}; at ${fits} queries a job this fits: split the job`;
  return { code: "answers-too-large", message };
}

/** A claim has one row at least. */
function tooLargeForTabs(facts: ModelFacts, what: string): TooMuch | null {
  const [most, bytes] = [tabBytesMax(facts), tabBytes(facts, 1)];
  if (bytes <= most) return null;
  const ofRun = facts.numbersPerRun === 0 ? "" : ` ${NUMBER_BYTES * facts.numbersPerRun} bytes that each run takes,`;
  const message =
    `${what}: expected one row to take at most ${most} bytes of a tab, but ${facts.weightBytes} bytes of weights, ` +
    `${WEIGHT_COPIES} times while they load,${ofRun} and ${bytes - tabBytes(facts, 0)} bytes between its layers for one row make ${bytes}; ${whatFits(facts)}`;
  return { code: "model-too-large", message };
}

function whatFits(facts: ModelFacts): string {
  const fits = weightsInTab(facts);
  return fits < 0 ? "no weights fit beside that" : `with at most ${fits} bytes of weights it fits`;
}

function tooLargeHere(model: JobModel, what: string): TooMuch | null {
  const problem = modelTooLarge({ ...model, ...processRoomOf(model.bundle) });
  return problem === null ? null : { code: "model-too-large", message: `${what}: ${problem}` };
}
