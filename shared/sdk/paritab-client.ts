/**
 * The coordinator's HTTP API, typed; `fetch` is all it needs. The dashboard, the command line and submitters' own
 * programs use it.
 *
 *   const paritab = createParitabClient({ baseUrl: "http://localhost:8787" });
 *   for await (const answer of paritab.inference({ model, queries })) console.log(answer.index, answer.label, answer.mark);
 *
 *   const stream = await paritab.stream({ model });  // an open job: stream.push(query), for await (const answer of stream), stream.close()
 *
 * Below that, one method a request. Every call throws ParitabApiError where the coordinator refuses, cannot be reached, or
 * answers with something else.
 */

import type { AnswerFilter, AnswersEnd, AnswersPage, AnswerView } from "../kinds/inference/answers.ts";
import type { InferenceEstimate, InferenceEstimateInput } from "../kinds/inference/estimate.ts";
import type { InferenceJobView, RoundView } from "../kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../kinds/inference/receipt.ts";
import type { JobView } from "../kinds/kinds.ts";
import type { MatmulReceipt } from "../kinds/matmul/receipt.ts";
import type { RegressionJobView } from "../kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../kinds/regression/receipt.ts";
import type { WhoAmI } from "../protocol/access-api.ts";
import type { SessionView, StatusView, VolunteerView } from "../protocol/crowd-api.ts";
import { ANSWERS_PER_PAGE_MAX } from "../protocol/limits.ts";
import type { ModelUploaded, TensorUploaded } from "../protocol/uploads-api.ts";
import { type FollowOptions, followAnswers } from "./follow-answers.ts";
import { type GradientCalls, gradientCalls } from "./gradient-calls.ts";
import { type LookCalls, lookCalls } from "./look-calls.ts";
import { type MatmulCalls, matmulCalls } from "./matmul-calls.ts";
import { type OperatorCalls, operatorCalls } from "./operator-calls.ts";
import { openStream, type QueryStream, type StreamRun } from "./query-stream.ts";
import { type ReadOptions, readAnswers } from "./read-answers.ts";
import { askBytes, askJson, keyHeader, type Requester } from "./requests.ts";
import { type GradientRun, runGradient } from "./run-gradient.ts";
import {
  type InferenceRun,
  type InferenceSubmissionInput,
  type ModelFile,
  runInference,
  submitRun,
} from "./run-inference.ts";
import { type StreamCalls, streamCalls } from "./stream-calls.ts";
import { type TokenCalls, tokenCalls } from "./token-calls.ts";
import { watchJob } from "./watch-job.ts";

export type { Acceptance } from "../kinds/inference/acceptance.ts";
export type { FollowOptions } from "./follow-answers.ts";
export type { GradientCalls, RegressionSubmissionInput, WeightFormat } from "./gradient-calls.ts";
export type { MatmulCalls, MatmulSubmissionInput } from "./matmul-calls.ts";
export { QueryRefusedError } from "./query-refused-error.ts";
export type { QueryStream, StreamRun } from "./query-stream.ts";
export type { GradientRun } from "./run-gradient.ts";
export type { InferenceRun, InferenceSubmissionInput, ModelFile } from "./run-inference.ts";

export const ANSWER_FORMATS = ["npy", "csv", "json"] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

export interface ParitabClientOptions {
  /** Origin of the coordinator, e.g. "http://localhost:8787". */
  readonly baseUrl: string;
  /** Of a submitter, where the coordinator wants one. */
  readonly token?: string | undefined;
  /** Another fetch than the global one. */
  readonly fetch?: typeof fetch;
}

/** Each call may be given a signal that gives up on it. */
export interface ParitabClient extends GradientCalls, MatmulCalls, StreamCalls, LookCalls, TokenCalls, OperatorCalls {
  /** Uploads, submits, and gives the answers in order as they come; see runInference. */
  inference(run: InferenceRun): AsyncGenerator<AnswerView, InferenceJobView, undefined>;
  /** The same without waiting for answers. @returns the job's id */
  submitRun(run: InferenceRun): Promise<string>;
  /** Opens a job to which queries are pushed while its answers are read; see QueryStream. */
  stream(run: StreamRun): Promise<QueryStream>;
  /** The answers of a job in order, each as soon as it is ready, over as many connections as it takes; see readAnswers. */
  readAnswers(jobId: string, options?: ReadOptions): AsyncGenerator<AnswerView, AnswersEnd, undefined>;
  /** Uploads, submits, and gives the job at each change until it has ended; see runGradient. */
  gradient(run: GradientRun): AsyncGenerator<RegressionJobView, void, undefined>;
  /** The answers of a job that runs or has ended, in order, from any index; see followAnswers. */
  follow(jobId: string, options?: FollowOptions): AsyncGenerator<AnswerView, InferenceJobView, undefined>;
  /** The job at each change, until it has ended; see watchJob. */
  watch(jobId: string, signal?: AbortSignal): AsyncGenerator<JobView, void, undefined>;
  uploadModel(files: readonly ModelFile[], signal?: AbortSignal): Promise<ModelUploaded>;
  /** @param npy the bytes of a `.npy` file */
  uploadTensor(npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<TensorUploaded>;
  /** @param key of 22 to 64 random letters: sent again with the same one, it is the same job */
  submitInference(submission: InferenceSubmissionInput, signal?: AbortSignal, key?: string): Promise<{ jobId: string }>;
  /** What it would cost and how long it would take, with the code that an aim comes to; nothing is begun. */
  estimateInference(request: InferenceEstimateInput, signal?: AbortSignal): Promise<InferenceEstimate>;
  /** The latest last. */
  jobs(signal?: AbortSignal): Promise<JobView[]>;
  /** Of whatever kind. */
  job(jobId: string, signal?: AbortSignal): Promise<JobView>;
  /** Of a job that is known to be one of inference. */
  inferenceJob(jobId: string, signal?: AbortSignal): Promise<InferenceJobView>;
  cancel(jobId: string, signal?: AbortSignal): Promise<JobView>;
  /** A training ends with the best weights it has; a stream takes no more queries, and is done when it has answered those that it has. */
  stop(jobId: string, signal?: AbortSignal): Promise<JobView>;
  rounds(jobId: string, signal?: AbortSignal): Promise<RoundView[]>;
  /** @param page `only`: offset and limit count the answers that it lets through */
  answers(
    jobId: string,
    page?: { offset?: number; limit?: number; only?: AnswerFilter },
    signal?: AbortSignal,
  ): Promise<AnswersPage>;
  /** Every answer as one file: npy holds the outputs alone; csv and json the marks too, json as one AnswersPage. */
  answersFile(jobId: string, format: AnswerFormat, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Which mark each answer carries: `.npy`, n uint8, places in ANSWER_MARKS. */
  marksFile(jobId: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Of a job that has ended, of whatever kind: as the coordinator gives it. */
  receipt(jobId: string, signal?: AbortSignal): Promise<InferenceReceipt | RegressionReceipt | MatmulReceipt>;
  /** Where a browser finds it. */
  receiptUrl(jobId: string): string;
  /** Where a browser finds that file. JSON comes in pages, so it has no single address. */
  answersUrl(jobId: string, format: Exclude<AnswerFormat, "json">): string;
  sessions(signal?: AbortSignal): Promise<SessionView[]>;
  volunteers(state?: "quarantined", signal?: AbortSignal): Promise<VolunteerView[]>;
  status(signal?: AbortSignal): Promise<StatusView>;
  /** What the token opens; whether one is needed at all. */
  whoAmI(signal?: AbortSignal): Promise<WhoAmI>;
  /** Does the coordinator answer at all? Never throws. */
  health(signal?: AbortSignal): Promise<boolean>;
}

export function createParitabClient(options: ParitabClientOptions): ParitabClient {
  const requester: Requester = { baseUrl: options.baseUrl, fetch: options.fetch ?? fetch, token: options.token };
  const get = <T>(path: string, signal?: AbortSignal) => askJson<T>(requester, path, { signal });
  const ofJob = (jobId: string) => `/api/jobs/${encodeURIComponent(jobId)}`;

  const answers: ParitabClient["answers"] = (jobId, { offset = 0, limit = 100, only } = {}, signal) =>
    get(
      `${ofJob(jobId)}/answers.json?offset=${offset}&limit=${limit}${only === undefined ? "" : `&only=${only}`}`,
      signal,
    );

  async function allAnswers(jobId: string, signal?: AbortSignal): Promise<AnswersPage> {
    const all: AnswersPage = { queryCount: 0, matching: 0, offset: 0, answers: [] };
    do {
      const page = await answers(jobId, { offset: all.answers.length, limit: ANSWERS_PER_PAGE_MAX }, signal);
      if (page.answers.length === 0) break;
      all.queryCount = page.queryCount;
      all.matching = page.matching;
      all.answers.push(...page.answers);
    } while (all.answers.length < all.queryCount);
    return all;
  }

  const client: ParitabClient = {
    ...gradientCalls(requester),
    ...matmulCalls(requester),
    ...streamCalls(requester),
    ...lookCalls(requester),
    ...tokenCalls(requester),
    ...operatorCalls(requester),
    inference: (run) => runInference(client, run),
    submitRun: (run) => submitRun(client, run),
    stream: (run) => openStream(client, run),
    readAnswers: (jobId, reading) => readAnswers(client, jobId, reading),
    gradient: (run) => runGradient(client, run),
    follow: (jobId, following) => followAnswers(client, jobId, following),
    watch: (jobId, signal) => watchJob((giveUp) => client.job(jobId, giveUp), signal),
    uploadModel(files, signal) {
      const body = new FormData();
      for (const { name, data } of files) body.append("files", data instanceof Blob ? data : new Blob([data]), name);
      return askJson(requester, "/api/models", { method: "POST", body, signal });
    },
    uploadTensor: (npy, signal) =>
      askJson(requester, "/api/tensors", {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: npy,
        signal,
      }),
    submitInference: (submission, signal, key) =>
      askJson(requester, "/api/jobs", {
        method: "POST",
        headers: { "content-type": "application/json", ...keyHeader(key) },
        body: JSON.stringify(submission),
        signal,
      }),
    estimateInference: (request, signal) =>
      askJson(requester, "/api/estimates", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request),
        signal,
      }),
    jobs: (signal) => get("/api/jobs", signal),
    job: (jobId, signal) => get(ofJob(jobId), signal),
    inferenceJob: (jobId, signal) => get(ofJob(jobId), signal),
    cancel: (jobId, signal) => askJson(requester, ofJob(jobId), { method: "DELETE", signal }),
    stop: (jobId, signal) => askJson(requester, `${ofJob(jobId)}/stop`, { method: "POST", signal }),
    rounds: (jobId, signal) => get(`${ofJob(jobId)}/rounds`, signal),
    answers,
    answersFile: async (jobId, format, signal) =>
      format === "json"
        ? new TextEncoder().encode(JSON.stringify(await allAnswers(jobId, signal)))
        : askBytes(requester, `${ofJob(jobId)}/answers.${format}`, { signal }),
    marksFile: (jobId, signal) => askBytes(requester, `${ofJob(jobId)}/marks.npy`, { signal }),
    receipt: (jobId, signal) => get(`${ofJob(jobId)}/receipt.json`, signal),
    receiptUrl: (jobId) => new URL(`${ofJob(jobId)}/receipt.json`, options.baseUrl).href,
    answersUrl: (jobId, format) => new URL(`${ofJob(jobId)}/answers.${format}`, options.baseUrl).href,
    sessions: (signal) => get("/api/sessions", signal),
    volunteers: (state, signal) => get(`/api/volunteers${state === undefined ? "" : `?state=${state}`}`, signal),
    status: (signal) => get("/api/status", signal),
    whoAmI: (signal) => get("/api/whoami", signal),
    health: (signal) =>
      get("/healthz", signal).then(
        () => true,
        () => false,
      ),
  };
  return client;
}
