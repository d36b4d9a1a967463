/** From a submission to arrays that fit each other: everything that can be wrong with a job is said here, at once. */
import { CodingError } from "../../shared/coding/coding-error.ts";
import { inspectModel } from "../../shared/compute/inspect-model.ts";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import type { InferenceSubmission } from "../../shared/protocol/api.ts";
import {
  ANSWER_BYTES_PER_JOB_MAX,
  BATCH_BYTES_MAX,
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  QUERIES_PER_JOB_MAX,
} from "../../shared/protocol/limits.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { groupsInRound, planInference, roundBytes } from "../jobs/inference.ts";
import type { JobData } from "../numerics/job-workspace.ts";
import type { Store, StoredJob } from "../store/store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";

/** Where the uploads of a submission are, whatever its source was. */
export interface ResolvedSource {
  readonly modelSha256: string;
  readonly queriesSha256: string;
  readonly labelsSha256: string | null;
  readonly inputScale: number;
}

/** A submission that cannot become a job. */
export class SubmissionError extends Error {
  override readonly name = "SubmissionError";
  readonly problem: ApiProblem;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.problem = { status, code, message };
  }
}

/** @throws SubmissionError that says what was expected and what came */
export async function describeJob(
  store: Store,
  jobId: string,
  submission: InferenceSubmission,
  source: ResolvedSource,
  submittedMs: number,
): Promise<JobData> {
  const bundle = await blob(store, source.modelSha256, "model");
  const facts = inspectModel(bundle);
  const queries = await queryTensor(store, source.queriesSha256, facts);
  if (submission.queriesPerGroup > queries.count) {
    throw new SubmissionError(
      422,
      "too-few-queries",
      `K = ${submission.queriesPerGroup} queries are encoded together, but only ${queries.count} were submitted`,
    );
  }
  const job: StoredJob = {
    jobId,
    submission,
    modelSha256: source.modelSha256,
    queriesSha256: source.queriesSha256,
    labelsSha256: source.labelsSha256,
    queryCount: queries.count,
    inputSize: facts.inputSize,
    outputSize: facts.outputSize,
    macsPerQuery: facts.macsPerQuery,
    inputScale: source.inputScale,
    state: "accepting",
    error: null,
    submittedMs: Math.round(submittedMs),
    finishedMs: null,
    orderSha256: null,
    auditedRows: 0,
    failedAudits: 0,
    heldOutAgreed: 0,
    heldOutTotal: 0,
    liarShare: null,
  };
  const data = await assemble(store, job, bundle, queries.values);
  checkSizes(data);
  return data;
}

/** The arrays of a job that was accepted in an earlier run. */
export async function loadJob(store: Store, job: StoredJob): Promise<JobData> {
  const bundle = await blob(store, job.modelSha256, "model");
  const queries = await queryTensor(store, job.queriesSha256, inspectModel(bundle));
  return assemble(store, job, bundle, queries.values);
}

async function assemble(
  store: Store,
  job: StoredJob,
  bundle: Uint8Array,
  values: Float32Array | Uint8Array,
): Promise<JobData> {
  return {
    job,
    plan: planOf(job),
    model: { sha256: job.modelSha256, bundle: shared(bundle) },
    source: { values: shared(values), inputSize: job.inputSize, scale: job.inputScale },
    labels: job.labelsSha256 === null ? null : await loadLabels(store, job.labelsSha256, job.queryCount),
  };
}

function planOf(job: StoredJob) {
  try {
    return planInference(job);
  } catch (error) {
    if (error instanceof CodingError) throw new SubmissionError(422, "impossible-code", error.message);
    throw error;
  }
}

/** What a job at work holds in memory. */
export function jobDataBytes({ job, source, model }: JobData): number {
  return source.values.byteLength + model.bundle.byteLength + job.queryCount * job.outputSize * 4;
}

function checkSizes({ job, plan }: JobData): void {
  const answerBytes = job.queryCount * job.outputSize * 4;
  if (answerBytes > ANSWER_BYTES_PER_JOB_MAX) {
    throw new SubmissionError(
      422,
      "answers-too-large",
      `expected answers of at most ${ANSWER_BYTES_PER_JOB_MAX} bytes, but ${job.queryCount} queries with ${job.outputSize} outputs make ${answerBytes}; split the job`,
    );
  }
  const groups = groupsInRound(plan, job.queryCount, 0);
  const batchBytes = groups * Math.max(job.inputSize, job.outputSize) * 4;
  if (batchBytes > BATCH_BYTES_MAX) {
    throw new SubmissionError(
      422,
      "batch-too-large",
      `expected a batch of at most ${BATCH_BYTES_MAX} bytes, but ${groups} groups make ${batchBytes}; lower groupsPerRound`,
    );
  }
  const bytes = roundBytes(plan, job, groups);
  if (bytes > BYTES_IN_FLIGHT_PER_JOB_MAX) {
    throw new SubmissionError(
      422,
      "round-too-large",
      `expected a round of at most ${BYTES_IN_FLIGHT_PER_JOB_MAX} bytes, but ${plan.scheme.workerCount} workers with ${groups} groups make ${bytes}; lower groupsPerRound`,
    );
  }
}

async function blob(store: Store, sha256: string, what: string): Promise<Uint8Array> {
  const bytes = await store.getBlob(sha256);
  if (bytes === null)
    throw new SubmissionError(404, "unknown-upload", `no ${what} with the hash ${sha256} was uploaded`);
  return bytes;
}

async function queryTensor(store: Store, sha256: string, facts: ModelFacts) {
  const { dtype, shape, data } = parseNpy(await blob(store, sha256, "tensor"));
  if (dtype !== "F32" && dtype !== "F64" && dtype !== "U8") {
    throw new SubmissionError(422, "wrong-dtype", `expected queries of dtype float32, float64 or uint8, got ${dtype}`);
  }
  const [count = 0, ...rest] = shape;
  const size = rest.reduce((product, n) => product * n, 1);
  if (rest.length === 0 || size !== facts.inputSize) {
    const expected = `(n, ${facts.inputShape.join(", ")}) or (n, ${facts.inputSize})`;
    throw new SubmissionError(422, "wrong-shape", `expected queries of shape ${expected}, got (${shape.join(", ")})`);
  }
  if (count > QUERIES_PER_JOB_MAX) {
    throw new SubmissionError(422, "too-many-queries", `expected at most ${QUERIES_PER_JOB_MAX} queries, got ${count}`);
  }
  const values = dtype === "U8" ? (data as Uint8Array) : Float32Array.from(data as Float32Array | Float64Array);
  if (values instanceof Float32Array) {
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new SubmissionError(
        422,
        "not-finite",
        `expected finite queries, got ${values[bad]} in query ${Math.floor(bad / size)}`,
      );
    }
  }
  return { count, values };
}

/** @throws SubmissionError unless there is one whole number for each query */
export async function loadLabels(store: Store, sha256: string, queryCount: number): Promise<Int32Array> {
  const { dtype, shape, data } = parseNpy(await blob(store, sha256, "tensor"));
  if (dtype === "F32" || dtype === "F64") {
    throw new SubmissionError(422, "wrong-dtype", `expected labels of a whole-number dtype, got ${dtype}`);
  }
  if (shape.length !== 1 || shape[0] !== queryCount) {
    throw new SubmissionError(
      422,
      "wrong-shape",
      `expected labels of shape (${queryCount},), got (${shape.join(", ")})`,
    );
  }
  return Int32Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A copy in shared memory: worker threads read it without copying it again. */
function shared<A extends Uint8Array | Float32Array>(array: A): A {
  const copy = new Uint8Array(new SharedArrayBuffer(array.byteLength));
  copy.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return (array instanceof Float32Array ? new Float32Array(copy.buffer) : copy) as A;
}
