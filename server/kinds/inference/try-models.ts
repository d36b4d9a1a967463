/** The coordinator runs a job's models itself, before it takes the job: what it cannot run, no volunteer is asked to. */

import { SCHEMES, schemesThat } from "../../../shared/coding/schemes/schemes.ts";
import { inspectModel } from "../../../shared/compute/inspect-model.ts";
import { unpackFormat } from "../../../shared/compute/model-bundle.ts";
import type { ModelInput } from "../../../shared/compute/model-runtime.ts";
import { runtimeOfFormat } from "../../../shared/compute/runtimes/runtimes.ts";
import type { AsItCame } from "../../../shared/kinds/inference/as-it-came.ts";
import {
  SENSITIVITY_MACS_MAX,
  SOURCE_ROWS_MAX,
  TRIAL_BYTES_MAX,
  TRIAL_MACS_MAX,
  TRIAL_MORE_MACS_MAX,
} from "../../../shared/protocol/limits.ts";
import type { OutputPart } from "../../../shared/verify/compare-rows.ts";
import { ROUNDING, type Sensitivity, tolerancesFor } from "../../../shared/verify/sensitivity.ts";
import type { ModelReference } from "../../numerics/numerics-references.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import { rowMacs } from "../../trusted/model-cost.ts";
import { channelGroups } from "./channel-groups.ts";
import { planInference } from "./core/inference-plan.ts";
import { answerRuleOf, scaleFloorOf } from "./engine/answer-rule.ts";
import type { JobData } from "./engine/job-data.ts";
import { gatherEntries, gatherRows } from "./engine/query-rows.ts";
import { rowsWithin } from "./engine/run-rows.ts";
import { errorsOf } from "./errors-allowed.ts";
import { hashOfRows, queryTensor, wholeInputs, withModels } from "./job-loader.ts";
import { packDifferences, packGroups } from "./packed-channels.ts";
import type { StoredJob } from "./records.ts";
import type { ResolvedSource } from "./resolved-source.ts";
import { jumping, unstableModel } from "./sensitivity-words.ts";
import type { SourceComparisons } from "./source-comparisons.ts";
import { ofBoth, sensitivityRows, type TrialTools, type Tried, tryRounding } from "./try-sensitivity.ts";
import { sizeOfInput, takesWhole, wholeRange } from "./whole-numbers.ts";

/** Queries whose outputs say how large a regression's numbers are; fewer of a model that costs much. The first few say most of it. */
const SCALE_QUERIES = { few: 8, most: 64 };

/**
 * @returns the job, with what its models make of rounding; of a regression with the scale of its outputs too, taken from queries spread
 *   over all of them
 * @throws SubmissionError where a model cannot be run, gives nothing finite, or honest answers of it could not be told from lies
 */
export async function tryModels(tools: ModelTrialTools, data: JobData): Promise<JobData> {
  const { job, model, parityModel } = data;
  const isRegression = job.submission.task === "regression";
  const macs = rowMacs(await inspectModel(model.bundle));
  const scaleQueries = isRegression ? Math.min(job.queryCount, scaleQueriesOf(macs)) : 1;
  const wanted = Math.max(scaleQueries, sensitivityRows(job.queryCount, macs));
  const count = Math.min(wanted, rowsWithin(TRIAL_BYTES_MAX, job.inputSize + job.outputSize));
  const queries = Uint32Array.from({ length: count }, (_, i) => Math.floor((i * job.queryCount) / count));
  const tried = await tryModel(tools, data, model, queries, "the model");
  const { outputSize } = job;
  const outputScale = !isRegression
    ? job.outputScale
    : job.outputScale === null || typeof job.outputScale === "number"
      ? rmsOfColumns(tried.outputs, outputSize, 0, outputSize)
      : scalesOf(job.outputScale, tried.outputs, outputSize);
  const scaled = { ...job, outputScale };
  let found = await roundingOf(tools, scaled, model, macs, tried);
  if (parityModel !== null) {
    const ofParity = await tryModel(tools, data, parityModel, queries, "the parity model");
    const macsOfParity = rowMacs(await inspectModel(parityModel.bundle));
    found = ofBoth(found, await roundingOf(tools, scaled, parityModel, macsOfParity, ofParity));
  }
  const asItCame = await comparedWithSource(tools, data, macs, tried.inputs);
  const jumps = await jumpsIn(data);
  const fixedOnly = jumps.length === 0 ? {} : { fixedOnly: jumping(jumps) };
  const ready = { ...scaled, ...comparedHow(scaled, found, tried.outputs, model), asItCame, ...fixedOnly };
  return { ...withModels(data, ready), plan: planInference(ready) };
}

/** Within what its answers are compared, with whom, or why with nobody. */
function comparedHow(
  job: StoredJob,
  { sensitivity, apart, fixed }: Tried,
  outputs: Float32Array,
  { bundle }: ModelReference,
): Pick<StoredJob, "sensitivity" | "unchecked" | "fixed" | "isFixedOnly" | "sizes" | "errors"> {
  const tolerances = tolerancesFor(sensitivity);
  const isFixedOnly = tolerances === null && fixed?.isRepeatable === true && isAudited(job);
  const unchecked = isFixedOnly ? null : uncheckedBecause(job, sensitivity);
  const isChecked = isAudited(job) && unchecked === null;
  if (fixed === null || !isChecked) return { sensitivity, unchecked };
  const { library } = runtimeOfFormat(unpackFormat(bundle));
  // Checked with that very code, nothing of it differs.
  const isExact = isFixedOnly || fixed.differences.every((difference) => difference === 0);
  const differences = isExact ? {} : { differences: packDifferences(withFloor(fixed.differences, outputs)) };
  const sizes = isFixedOnly || tolerances === null ? null : sizesOf(job, outputs, apart, tolerances.float32);
  const ready = {
    ...{ sensitivity, unchecked, fixed: { library, ...differences } },
    ...(isFixedOnly ? { isFixedOnly } : {}),
    ...(sizes === null ? {} : { sizes }),
  };
  return { ...ready, errors: errorsOf({ ...job, ...ready }, outputs) };
}

/** Rows that were not tried differ where these did not, if by a last bit. */
function withFloor(differences: Float32Array, outputs: Float32Array): Float32Array {
  const floored = differences.slice();
  outputs.forEach((value, i) => {
    const c = i % floored.length;
    floored[c] = Math.max(floored[c]!, 2 * ROUNDING.float32 * Math.abs(value));
  });
  return floored;
}

function sizesOf(job: StoredJob, outputs: Float32Array, apart: Float32Array, tolerance: number) {
  const { outputScale, outputSize } = job;
  if (outputScale === null) return null;
  const parts = typeof outputScale === "number" ? [{ size: outputSize, scaleFloor: outputScale }] : outputScale;
  const groups = channelGroups({ outputs, outputSize, parts, apart, tolerance });
  return groups && { groupOf: packGroups(groups.groupOf), floors: groups.floors };
}

export interface ModelTrialTools extends TrialTools {
  readonly sources: SourceComparisons;
}

/** [PR111] @param inputs rows of the job @throws SubmissionError where packing has made another model of the files */
async function comparedWithSource(
  { executor, sources }: ModelTrialTools,
  { job, model, sourceOutputs = [] }: JobData,
  macs: number,
  inputs: Float32Array,
): Promise<AsItCame> {
  const { inputSize } = job;
  const tried = inputs.length / inputSize;
  const rowCount = Math.max(1, Math.min(tried, SOURCE_ROWS_MAX, Math.floor(SENSITIVITY_MACS_MAX / macs)));
  const places = Uint32Array.from({ length: rowCount }, (_, i) => Math.floor((i * tried) / rowCount));
  const rows = { inputs: gatherEntries(inputs, inputSize, places), rowCount, places };
  return sources.compare(model, sourceOutputs, rows, (by, given, some, count) =>
    executor.run("run", {
      model: { ...model, ...given },
      inputs: some,
      rowCount: count,
      manner: { implementation: by },
    }),
  );
}

/** @param macs of a row */
function scaleQueriesOf(macs: number): number {
  const few = Math.min(SCALE_QUERIES.few, Math.floor(TRIAL_MACS_MAX / macs));
  const more = Math.min(SCALE_QUERIES.most, Math.floor(TRIAL_MORE_MACS_MAX / macs));
  return Math.max(1, few, more);
}

/** Operators of the job's models whose answers jump where cards round otherwise. */
async function jumpsIn({ model, parityModel }: JobData): Promise<string[]> {
  const models = [model, ...(parityModel === null ? [] : [parityModel])];
  const facts = await Promise.all(models.map(({ bundle }) => inspectModel(bundle)));
  return [...new Set(facts.flatMap(({ jumps = [] }) => jumps))].sort();
}

interface TriedQueries {
  /** n x D and n x C */
  readonly inputs: Float32Array;
  readonly outputs: Float32Array;
}

function roundingOf(
  tools: TrialTools,
  job: StoredJob,
  model: ModelReference,
  macs: number,
  tried: TriedQueries,
): Promise<Tried> {
  const { inputSize, outputSize } = job;
  const scaleFloor = scaleFloorOf(answerRuleOf(job));
  const asked = { ...tried, model, inputSize, outputSize, rowMacs: macs, scaleFloor, wholeInputs: wholeInputs(job) };
  return tryRounding(tools, asked);
}

/**
 * @returns why nothing will check the job's answers, where its submitter wants them nevertheless; null: they are checked as its scheme says
 * @throws SubmissionError where nothing could check them, and its submitter has not said so
 */
function uncheckedBecause(job: StoredJob, sensitivity: Sensitivity): string | null {
  const { ifUnstable } = job.submission;
  if (tolerancesFor(sensitivity) !== null || !isAudited(job)) return null;
  const why = unstableModel(sensitivity);
  if (ifUnstable === "unchecked") return why;
  const others = schemesThat(({ verificationOf }) => verificationOf(0) === "none");
  const message = `the model: ${why}. Rescale it, or submit it with --if-unstable unchecked (over HTTP "ifUnstable": "unchecked"), or with scheme ${others}: then answers are taken as they come`;
  throw new SubmissionError(422, "unstable-model", message);
}

function isAudited({ submission: { scheme, liars } }: StoredJob): boolean {
  return SCHEMES[scheme].verificationOf(liars) === "audits";
}

/**
 * The job of a stream as if it had queries already: those that its submitter gave as examples, or one that is made up.
 * @throws SubmissionError where examples do not fit the model
 */
export async function withExamples(store: Store, data: JobData, examples: ResolvedSource["queries"]): Promise<JobData> {
  const { inputSize, inputScale } = data.job;
  const { inputs } = data.source;
  const facts = await inspectModel(data.model.bundle);
  if (examples === null) {
    const values = someRow(facts.inputs, inputScale);
    return { ...data, job: { ...data.job, queryCount: 1 }, source: { values, inputSize, scale: inputScale, inputs } };
  }
  const { count, values } = await queryTensor(store, await hashOfRows(store, examples, facts), facts, inputScale);
  return { ...data, job: { ...data.job, queryCount: count }, source: { values, inputSize, scale: inputScale, inputs } };
}

/** Something of everything; of whole numbers 1, so that masks let it through, or what there is. */
function someRow(inputs: readonly ModelInput[], inputScale: number): Float32Array {
  const parts = inputs.map((input) =>
    Array.from({ length: sizeOfInput(input) }, (_, i) =>
      takesWhole([input]) ? Math.min(1, wholeRange(input)[1]) : ((i * 37) % 101) / (101 * inputScale),
    ),
  );
  return Float32Array.from(parts.flat());
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

/** @returns those of the queries for which the model gives finite outputs; what overflows is the query's fault, not the model's */
async function tryModel(
  { executor }: TrialTools,
  { source, job }: JobData,
  model: ModelReference,
  queries: Uint32Array,
  what: string,
): Promise<TriedQueries> {
  const { inputSize, outputSize } = job;
  const inputs = gatherRows(source, queries);
  let outputs: Float32Array;
  try {
    outputs = await executor.run("run", { model, inputs, rowCount: queries.length });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SubmissionError(422, "bad-model", `${what} cannot be run: ${why}`);
  }
  const hasFiniteOutput = (row: number) =>
    outputs.subarray(row * outputSize, (row + 1) * outputSize).every(Number.isFinite);
  const finite = queries.map((_, row) => row).filter(hasFiniteOutput);
  if (outputs.length !== queries.length * outputSize || finite.length === 0) {
    const first = queries.length === 1 ? "the first query" : `any of ${queries.length} of the queries`;
    throw new SubmissionError(422, "bad-model", `${what}: expected finite outputs for ${first}, got something else`);
  }
  return { inputs: gatherEntries(inputs, inputSize, finite), outputs: gatherEntries(outputs, outputSize, finite) };
}
