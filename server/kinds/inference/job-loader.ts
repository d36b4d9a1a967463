/** From a submission to arrays that fit each other: everything that can be wrong with a job is said here, at once. */

import { CodingError } from "../../../shared/coding/coding-error.ts";
import type { QueryNumbers } from "../../../shared/coding/query-numbers.ts";
import { SCHEMES, schemesThat } from "../../../shared/coding/schemes/schemes.ts";
import { inspectModel } from "../../../shared/compute/inspect-model.ts";
import { BUNDLE_BYTES_MAX } from "../../../shared/compute/model-bundle.ts";
import type { ModelFacts, ModelInput } from "../../../shared/compute/model-runtime.ts";
import { type PartRange, partIdOf } from "../../../shared/kinds/inference/parts.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import {
  MODEL_IN_PIECES_BYTES_MIN,
  QUERIES_HELD_BYTES_MAX,
  QUERIES_PER_JOB_MAX,
  TAB_MEMORY_BYTES_MAX,
} from "../../../shared/protocol/limits.ts";
import { parseNpy } from "../../../shared/protocol/npy.ts";
import { SubmissionError, storedBlob } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import { type PlannedJob, planInference } from "./core/inference-plan.ts";
import { rowsInTab, tabBytes } from "./core/tab-bytes.ts";
import type { JobData } from "./engine/job-data.ts";
import { isQueryFile, type QueryFile, rowsAlone } from "./engine/query-file.ts";
import { heldBytesOf, storedWindow } from "./engine/query-rows.ts";
import type { QuerySource } from "./engine/query-source.ts";
import { StreamQueries } from "./engine/stream-queries.ts";
import { withFittingGroup } from "./fitting-group.ts";
import { inPieces } from "./in-pieces.ts";
import { requireLimits } from "./job-limits.ts";
import { type JobModel, parityModel, submittedModel } from "./job-models.ts";
import { joinedQueries } from "./named-queries.ts";
import { queryValues } from "./query-values.ts";
import { inferenceCodec, JUST_SUBMITTED, type StoredJob } from "./records.ts";
import type { ResolvedSource } from "./resolved-source.ts";
import { rowsOfClaimMax } from "./rows/core/claim-rows.ts";
import { storedQueryFile } from "./stored-query-file.ts";
import { canBeMixed, takesWhole, wholeProblem, withoutMixtures } from "./whole-numbers.ts";

export { SubmissionError };

/** @param asked as it was submitted: of few queries the job has a smaller group @throws SubmissionError that says what was expected and what came */
export async function describeJob(
  store: Store,
  jobId: string,
  asked: InferenceSubmission,
  source: ResolvedSource,
  submittedMs: number,
): Promise<JobData> {
  // Is there such a code?
  planOf({ submission: asked, outputScale: null, codes: [] });
  requireMeaning(asked, source);
  const model = await submittedModel(store, asked, source);
  const parity = await parityModel(store, asked, source, model);
  const { facts } = model;
  const { inputs } = facts;
  const stream = asked.source.kind === "stream" ? asked.source : null;
  const queriesSha256 = source.queries === null ? null : await hashOfRows(store, source.queries, facts);
  const queries = queriesSha256 === null ? null : await queryTensor(store, queriesSha256, facts, source.inputScale);
  const submission = withFittingGroup(asked, queries?.count ?? 0);
  const taken = withoutMixtures(submission, inputs);
  if (queries !== null && submission.queriesPerGroup > queries.count) {
    throw new SubmissionError(
      422,
      "too-few-queries",
      `K = ${submission.queriesPerGroup} queries are encoded together, but only ${queries.count} were submitted`,
    );
  }
  const job: StoredJob = {
    jobId,
    submission: taken,
    codes: [],
    modelSha256: model.sha256,
    queriesSha256,
    labelsSha256: source.labelsSha256,
    ...(await namesOf(store, submission)),
    queryCount: queries?.count ?? 0,
    isOpen: stream !== null,
    inputSize: facts.inputSize,
    ...(inputs.length > 1 || takesWhole(inputs) ? { inputs } : {}),
    outputSize: facts.outputSize,
    macsPerQuery: facts.macsPerQuery,
    ...longToFetch(model),
    parity:
      parity === null
        ? null
        : { modelSha256: parity.sha256, macsPerQuery: parity.facts.macsPerQuery, ...longToFetch(parity) },
    outputScale: model.outputSizes?.map((size) => ({ size, scaleFloor: 0 })) ?? null,
    inputScale: source.inputScale,
    ...JUST_SUBMITTED,
    submittedMs: Math.round(submittedMs),
  };
  const assembled = await assemble(store, job, model.bundle, parity?.bundle ?? null, queries?.values ?? null);
  requireLimits(assembled, model, parity);
  const models = [facts, ...(parity === null ? [] : [parity.facts])];
  return { ...assembled, job: { ...job, ...tabRoomOf(job, models) }, sourceOutputs: model.sourceOutputs };
}

/** What a claim may have because of the memory of tabs, and takes of it; absent, both of them: as of any job. */
function tabRoomOf(job: StoredJob, models: readonly ModelFacts[]): Pick<StoredJob, "tabBytes" | "tabRows"> {
  const tabRows = Math.min(...models.map(rowsInTab));
  const most = Math.max(...models.map((each) => tabBytes(each, tabRows)));
  return {
    ...(most > TAB_MEMORY_BYTES_MAX ? { tabBytes: most } : {}),
    ...(tabRows < rowsOfClaimMax(job) ? { tabRows } : {}),
  };
}

/** @throws SubmissionError where they were never uploaded, or are not kept any more */
async function namesOf(
  store: Pick<Store, "hasBlob">,
  { source }: InferenceSubmission,
): Promise<Pick<StoredJob, "namesSha256">> {
  const namesSha256 = source.kind === "uploads" ? source.namesSha256 : undefined;
  if (namesSha256 === undefined) return {};
  if (await store.hasBlob(namesSha256)) return { namesSha256 };
  throw new SubmissionError(404, "unknown-upload", `no names with the hash ${namesSha256} were uploaded`);
}

/** [AS6] */
function longToFetch({ bundle }: JobModel): Pick<StoredJob, "modelBytes"> {
  return bundle.length < MODEL_IN_PIECES_BYTES_MIN ? {} : { modelBytes: bundle.length };
}

/** [CE10] The jobs of the parts of a job that was looked at and tried: each has a range of the queries. */
export function partsOf({ job, plan }: JobData, ranges: readonly PartRange[]): Pick<JobData, "job" | "plan">[] {
  const { parts: _parts, coordinatorRowsMax: capOfAll, ...alike } = job.submission;
  // [VF10] The same in each, for parts are as large, and one job's receipt has parts that were asked for alike.
  const cap = capOfAll === undefined ? {} : { coordinatorRowsMax: Math.floor(capOfAll / ranges.length) };
  const submission = { ...alike, ...cap };
  return ranges.map(({ firstQuery, queryCount }, index) => {
    const part: StoredJob = {
      ...{ ...job, queryCount, submission },
      jobId: partIdOf(job.jobId, index),
      part: { firstQuery },
    };
    return { job: part, plan };
  });
}

/** @throws SubmissionError where a setting has no meaning beside another: to ignore it would be to answer another question */
function requireMeaning(submission: InferenceSubmission, { labelsSha256 }: ResolvedSource): void {
  const { task, tolerance, locator, scheme, liars, source, aim } = submission;
  const problem =
    source.kind === "stream" && aim !== undefined
      ? "aim: expected a job that has all its queries when it begins, got a stream; the stream's source.closeAfterMs says how long a query may wait for others"
      : source.kind === "stream" && task === "regression" && source.examplesSha256 === undefined
        ? 'source.examplesSha256: expected some queries like those that will come, because "task": "regression" has to know how large its numbers are; got none'
        : submission.parts !== undefined && submission.parts > 1 && (source.kind === "stream" || aim !== undefined)
          ? `parts: expected a job that has all its queries when it begins, and a code, got ${aim === undefined ? "a stream" : "one with an aim"}`
          : task === "regression" && labelsSha256 !== null
            ? 'labels: expected them with "task": "classification", because they are compared with the largest output; got a regression'
            : task !== "regression" && tolerance !== undefined
              ? 'tolerance: expected it with "task": "regression", got a classification'
              : locator !== undefined && (!SCHEMES[scheme].takes.locator || liars === 0)
                ? `locator: expected it with scheme ${schemesThat(({ takes }) => takes.locator)} and liars above 0, got scheme ${scheme} and liars ${liars}`
                : null;
  if (problem !== null) throw new SubmissionError(422, "no-meaning", problem);
}

/** As the store has it. null: there is no such inference job. */
export async function loadStoredJob(store: Pick<Store, "job">, jobId: string): Promise<StoredJob | null> {
  const record = await store.job(jobId);
  return record?.kind === "inference" ? inferenceCodec.fromRecord(record) : null;
}

/** The arrays of a job that was accepted in an earlier run. */
export async function loadJob(store: Store, job: StoredJob): Promise<JobData> {
  const bundle = await storedBlob(store, job.modelSha256, "model", BUNDLE_BYTES_MAX);
  const parity =
    job.parity === null ? null : await storedBlob(store, job.parity.modelSha256, "parity model", BUNDLE_BYTES_MAX);
  if (job.queriesSha256 === null) {
    const data = await assemble(store, job, bundle, parity, null);
    for (const { values } of await store.pieces(job.jobId)) (data.source as StreamQueries).append(values);
    return data;
  }
  const queries = await queryTensor(store, job.queriesSha256, await inspectModel(bundle), job.inputScale);
  const values =
    job.part === undefined ? queries.values : rowsAlone(queries.values, job.inputSize, { ...job.part, ...job });
  return assemble(store, job, bundle, parity, values);
}

async function assemble(
  store: Store,
  job: StoredJob,
  bundle: Uint8Array,
  parityBundle: Uint8Array | null,
  values: QueryNumbers | QueryFile | null,
): Promise<JobData> {
  return {
    ...modelsOf(job, shared(bundle), parityBundle && shared(parityBundle)),
    plan: planOf(job),
    source:
      values === null
        ? streamOf(job)
        : {
            values: isQueryFile(values) ? values : shared(values),
            inputSize: job.inputSize,
            scale: job.inputScale,
            inputs: wholeInputs(job),
          },
    labels: job.labelsSha256 === null ? null : await loadLabels(store, job.labelsSha256, job),
  };
}

/** [PC13] What tabs of fixed arithmetic alone compute is checked with that very code. */
function modelsOf(
  job: StoredJob,
  bundle: Uint8Array,
  parityBundle: Uint8Array | null,
): Pick<JobData, "job" | "model" | "parityModel"> {
  const { jobId, modelSha256, parity, isFixedOnly } = job;
  const as = { jobId, ...(isFixedOnly === true ? { implementation: "tab" as const } : {}) };
  const parityModel = parity && parityBundle && { sha256: parity.modelSha256, bundle: parityBundle, ...as };
  return { job, model: { sha256: modelSha256, bundle, ...as }, parityModel };
}

/** The same models with what is known of the job by now. */
export function withModels(data: JobData, job: StoredJob): JobData {
  return { ...data, ...modelsOf(job, data.model.bundle, data.parityModel?.bundle ?? null) };
}

function planOf(job: PlannedJob) {
  try {
    return planInference(job);
  } catch (error) {
    if (error instanceof CodingError) throw new SubmissionError(422, "impossible-code", error.message);
    throw error;
  }
}

function streamOf(job: StoredJob): StreamQueries {
  const { submission, inputSize, inputScale } = job;
  const { source } = submission;
  const dtype = source.kind === "stream" ? source.dtype : "float32";
  return new StreamQueries(inputSize, inputScale, dtype, wholeInputs(job));
}

/** Where some of them are whole numbers; else a row is a row. */
export function wholeInputs({ inputs }: Pick<StoredJob, "inputs">): StoredJob["inputs"] {
  return inputs === undefined || canBeMixed(inputs) ? undefined : inputs;
}

/** The hash of the rows as one file: as submitted, or put together. */
export async function hashOfRows(
  store: Store,
  queries: NonNullable<ResolvedSource["queries"]>,
  { inputs }: ModelFacts,
): Promise<string> {
  return typeof queries === "string" ? queries : joinedQueries(store, queries, inputs);
}

/** Marks, sources, bounds: what is kept of a query beside its outputs. */
const BYTES_BESIDE_ANSWER = 60;

/** What a job at work holds in memory. @param queryCount of a stream, those that have come */
export function jobDataBytes({ job, source, model, parityModel }: JobData, queryCount = job.queryCount): number {
  const modelBytes = model.bundle.byteLength + (parityModel?.bundle.byteLength ?? 0);
  return heldBytesOf(source) + modelBytes + queryCount * (job.outputSize * 4 + BYTES_BESIDE_ANSWER);
}

/** @param scale of each of their numbers @throws SubmissionError where they do not fit the model */
export async function queryTensor(store: Store, sha256: string, facts: ModelFacts, scale: number) {
  return (await queriesInFile(store, sha256, facts, scale)) ?? queriesInMemory(store, sha256, facts, scale);
}

/** Too many to be held, in a type that rows are read in as they lie there; null: they are to be read whole. */
async function queriesInFile(store: Store, sha256: string, facts: ModelFacts, scale: number) {
  if (((await store.blobBytes(sha256)) ?? 0) <= QUERIES_HELD_BYTES_MAX) return null;
  const stored = await storedQueryFile(store, sha256);
  const isUnmixed = !canBeMixed(facts.inputs);
  if (stored === null || (stored.values.dtype === "U16" && !isUnmixed)) return null;
  const { shape, values } = stored;
  const count = countOf(shape, facts);
  // Floats were looked at as they came; what whole numbers mean is known from here on.
  await requireWholeNumbers({ values, inputSize: facts.inputSize, scale }, count, facts.inputs);
  return { count, values };
}

async function queriesInMemory(store: Store, sha256: string, facts: ModelFacts, scale: number) {
  const array = parseNpy(await storedBlob(store, sha256, "tensor"));
  const { inputSize } = facts;
  const count = countOf(array.shape, facts);
  const isUnmixed = !canBeMixed(facts.inputs);
  const values = isUnmixed && array.dtype === "U16" ? array.data : queryValues(array);
  if (typeof values === "string") throw new SubmissionError(422, "wrong-dtype", values);
  if (values instanceof Float32Array) {
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new SubmissionError(
        422,
        "not-finite",
        `expected finite queries, got ${values[bad]} in query ${Math.floor(bad / inputSize)}`,
      );
    }
  }
  await requireWholeNumbers({ values, inputSize, scale }, count, facts.inputs);
  return { count, values };
}

/** @throws SubmissionError where a row is no query of the model, or there are too many */
function countOf(shape: readonly number[], { inputSize, inputShape }: ModelFacts): number {
  const [count = 0, ...rest] = shape;
  const size = rest.reduce((product, n) => product * n, 1);
  if (rest.length === 0 || size !== inputSize) {
    const flat = inputShape.length > 1 ? ` or (n, ${inputSize})` : "";
    const expected = `(n, ${inputShape.join(", ")})${flat}`;
    throw new SubmissionError(422, "wrong-shape", `expected queries of shape ${expected}, got (${shape.join(", ")})`);
  }
  if (count > QUERIES_PER_JOB_MAX) {
    throw new SubmissionError(422, "too-many-queries", `expected at most ${QUERIES_PER_JOB_MAX} queries, got ${count}`);
  }
  return count;
}

/** @throws SubmissionError where an input does not take a number of it */
async function requireWholeNumbers(source: QuerySource, count: number, inputs: readonly ModelInput[]): Promise<void> {
  if (!takesWhole(inputs)) return;
  // What no code mixes is sent as it is.
  const scale = canBeMixed(inputs) ? source.scale : 1;
  const size = source.inputSize;
  await inPieces(count, size, (start, end) => {
    const values = storedWindow(source, start, end);
    for (let query = start; query < end; query++) {
      const row = values.subarray((query - start) * size, (query - start + 1) * size);
      const problem = wholeProblem(scale === 1 ? row : Float32Array.from(row, (value) => value * scale), inputs);
      if (problem !== null) throw new SubmissionError(422, "wrong-numbers", `query ${query}: ${problem}`);
    }
  });
}

/** @throws SubmissionError unless there is one whole number for each query; [CE10] a part has those of its range */
export async function loadLabels(
  store: Store,
  sha256: string,
  { queryCount, part }: Pick<StoredJob, "queryCount" | "part">,
): Promise<Int32Array> {
  const { dtype, shape, data } = parseNpy(await storedBlob(store, sha256, "tensor"));
  if (dtype === "F32" || dtype === "F64") {
    throw new SubmissionError(422, "wrong-dtype", `expected labels of a whole-number dtype, got ${dtype}`);
  }
  const first = part?.firstQuery ?? 0;
  const isEnough = part === undefined ? shape[0] === queryCount : shape[0]! >= first + queryCount;
  if (shape.length !== 1 || !isEnough) {
    throw new SubmissionError(
      422,
      "wrong-shape",
      `expected labels of shape (${queryCount},), got (${shape.join(", ")})`,
    );
  }
  return Int32Array.from((data as Int32Array).subarray(first, first + queryCount), Number);
}

/** In shared memory, where it may be already: worker threads read it without copying it again. */
function shared<A extends QueryNumbers>(array: A): A {
  if (array.buffer instanceof SharedArrayBuffer) return array;
  const copy = new Uint8Array(new SharedArrayBuffer(array.byteLength));
  copy.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  if (array instanceof Uint16Array) return new Uint16Array(copy.buffer) as A;
  return (array instanceof Float32Array ? new Float32Array(copy.buffer) : copy) as A;
}
