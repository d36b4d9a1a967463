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

import type { z } from "zod";
import {
  type AnswerFilter,
  type AnswersEnd,
  type AnswersPage,
  type AnswerView,
  answersPageSchema,
} from "../kinds/inference/answers.ts";
import { type InferenceJobView, inferenceJobViewSchema } from "../kinds/inference/job-view.ts";
import type { JobView } from "../kinds/kinds.ts";
import type { RegressionJobView } from "../kinds/regression/job-view.ts";
import { type WhoAmI, whoAmISchema } from "../protocol/access-api.ts";
import {
  type SessionView,
  type StatusView,
  sessionViewSchema,
  statusViewSchema,
  type VolunteerView,
  volunteerViewSchema,
} from "../protocol/crowd-api.ts";
import { type ClassView, classViewSchema } from "../protocol/seats-api.ts";
import { type ServiceView, serviceViewSchema } from "../protocol/service-api.ts";
import {
  type ModelUploaded,
  modelUploadedSchema,
  namesUploadedSchema,
  type TensorUploaded,
  tensorUploadedSchema,
  type UploadRoom,
  uploadRoomSchema,
} from "../protocol/uploads-api.ts";
import { allRows } from "./all-rows.ts";
import { answersOf } from "./answers-of.ts";
import { askAs } from "./ask-as.ts";
import { type CoordinatorNotes, keyKeeper } from "./coordinator-key.ts";
import { type FollowOptions, followAnswers } from "./follow-answers.ts";
import { type JobCalls, jobCalls, ofJob } from "./job-calls.ts";
import { type LookCalls, lookCalls } from "./look-calls.ts";
import { type MatmulCalls, matmulCalls } from "./matmul-calls.ts";
import { type ModelNameCalls, modelNameCalls } from "./model-name-calls.ts";
import { type OperatorCalls, operatorCalls } from "./operator-calls.ts";
import type { Asker, Waiting } from "./patience.ts";
import { openStream, type QueryStream, type StreamRun } from "./query-stream.ts";
import { type ReadOptions, readAnswers } from "./read-answers.ts";
import { type ReceiptCalls, receiptCalls } from "./receipt-calls.ts";
import { type RegressionCalls, regressionCalls } from "./regression-calls.ts";
import { askBytes, askJson, type Requester } from "./requests.ts";
import { requireModelRoom, requireUploadRoom } from "./require-upload-room.ts";
import { type InferenceRun, type ModelFile, runInference, submitRun } from "./run-inference.ts";
import { type RegressionRun, runRegression } from "./run-regression.ts";
import { type StreamCalls, streamCalls } from "./stream-calls.ts";
import { submittingTo } from "./submit-noted.ts";
import { type TakenBackCalls, type TakenBackEvent, takenBackCalls, watchTakenBack } from "./taken-back.ts";
import { type TokenCalls, tokenCalls } from "./token-calls.ts";
import { watchJob } from "./watch-job.ts";

export type { Acceptance } from "../kinds/inference/acceptance.ts";
export { CoordinatorKeyError, type CoordinatorNotes, type NotedJob, type ReceiptLooked } from "./coordinator-key.ts";
export type { FollowOptions } from "./follow-answers.ts";
export type { MatmulCalls, MatmulSubmissionInput } from "./matmul-calls.ts";
export type { Waiting } from "./patience.ts";
export { QueryRefusedError } from "./query-refused-error.ts";
export type { QueryStream, StreamRun } from "./query-stream.ts";
export type { RegressionCalls, RegressionSubmissionInput, WeightFormat } from "./regression-calls.ts";
export type { InferenceRun, InferenceSubmissionInput, ModelFile } from "./run-inference.ts";
export type { RegressionRun } from "./run-regression.ts";
export type { TakenBackCalls, TakenBackEvent, TakenBackHearing } from "./taken-back.ts";

export const ANSWER_FORMATS = ["npy", "csv", "json"] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

export interface ParitabClientOptions {
  /** Origin of the coordinator, e.g. "http://localhost:8787". */
  readonly baseUrl: string;
  /** Of a submitter, where the coordinator wants one. */
  readonly token?: string | undefined;
  /** Another fetch than the global one. */
  readonly fetch?: typeof fetch;
  /** The id of a key of the coordinator, noted by a way that it does not control; without one the first that it shows is believed. */
  readonly coordinatorKey?: string | undefined;
  /** Where its key and what it commits to are noted; in memory unless told otherwise. */
  readonly notes?: CoordinatorNotes | undefined;
  /** Told what could not be noted: jobs go on, and `checkReceipt` then has less to compare with. */
  readonly onNoteLost?: ((error: Error) => void) | undefined;
  /** Told while the coordinator cannot be reached, or has not answered yet: why, for how long, and when it is given up. */
  readonly onWaiting?: ((waiting: Waiting) => void) | undefined;
}

/** Each call may be given a signal that gives up on it. */
export interface ParitabClient
  extends Asker,
    JobCalls,
    RegressionCalls,
    MatmulCalls,
    ModelNameCalls,
    StreamCalls,
    TakenBackCalls,
    LookCalls,
    ReceiptCalls,
    TokenCalls,
    OperatorCalls {
  /** Uploads, submits, and gives the answers in order as they come; see runInference. */
  inference(run: InferenceRun): AsyncGenerator<AnswerView, InferenceJobView, undefined>;
  /** The same without waiting for answers. @returns the job's id */
  submitRun(run: InferenceRun): Promise<string>;
  /** Opens a job to which queries are pushed while its answers are read; see QueryStream. */
  stream(run: StreamRun): Promise<QueryStream>;
  /** The answers of a job in order, each as soon as it is ready, over as many connections as it takes; see readAnswers. */
  readAnswers(jobId: string, options?: ReadOptions): AsyncGenerator<AnswerView, AnswersEnd, undefined>;
  /** Uploads, submits, and gives the job at each change until it has ended; see runRegression. */
  regression(run: RegressionRun): AsyncGenerator<RegressionJobView, void, undefined>;
  /** The answers of a job that runs or has ended, in order, from any index; see followAnswers. */
  follow(jobId: string, options?: FollowOptions): AsyncGenerator<AnswerView, InferenceJobView, undefined>;
  /** The job at each change, until it has ended; see watchJob. */
  watch(jobId: string, signal?: AbortSignal): AsyncGenerator<JobView, void, undefined>;
  /** Answers of a job that were final and are not any more, as it turns out: while it runs, and for as long as it is kept; see watchTakenBack. */
  watchTakenBack(jobId: string, signal?: AbortSignal): AsyncGenerator<TakenBackEvent, void, undefined>;
  uploadModel(files: readonly ModelFile[], signal?: AbortSignal): Promise<ModelUploaded>;
  /** What may be uploaded, and how much room there is. */
  uploadRoom(signal?: AbortSignal): Promise<UploadRoom>;
  /** @param npy the bytes of a `.npy` file; of a large one it is asked first whether it would be taken */
  uploadTensor(npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<TensorUploaded>;
  /** @param names as POST /api/names takes them, or their bytes */
  uploadNames(names: object | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<{ namesSha256: string }>;
  /** What POST /api/names took for an inference job whose view says `keepsNames`. */
  names(jobId: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** All answers in their order, as they are now; see answersOf. */
  allAnswers(jobId: string, signal?: AbortSignal): AsyncGenerator<AnswerView, void, undefined>;
  /** Of a job that is known to be one of inference. */
  inferenceJob(jobId: string, signal?: AbortSignal): Promise<InferenceJobView>;
  /** @param page `only`: offset and limit count the answers that it lets through */
  answers(
    jobId: string,
    page?: { offset?: number; limit?: number; only?: AnswerFilter },
    signal?: AbortSignal,
  ): Promise<AnswersPage>;
  /** Every answer as one file: npy holds the outputs alone; csv and json the marks too, json as one AnswersPage. */
  answersFile(jobId: string, format: AnswerFormat, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** The same with the answers of jobs that did rows of it again in their place. Its receipt is of those without. */
  redoneFile(jobId: string, format: "npy" | "csv" | "marks", signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Which mark each answer carries: `.npy`, n uint8, places in ANSWER_MARKS. */
  marksFile(jobId: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Where a browser finds it. */
  receiptUrl(jobId: string): string;
  /** Where a browser finds that file. JSON comes in pages, so it has no single address. */
  answersUrl(jobId: string, format: Exclude<AnswerFormat, "json">): string;
  /** Page by page. @param rowsMax of them at most; absent: all */
  sessions(signal?: AbortSignal, rowsMax?: number): Promise<SessionView[]>;
  volunteers(state?: "quarantined", signal?: AbortSignal, rowsMax?: number): Promise<VolunteerView[]>;
  status(signal?: AbortSignal): Promise<StatusView>;
  /** All coordinators of the service, a line each. */
  service(signal?: AbortSignal): Promise<ServiceView>;
  /** What a class's page shows; no token is needed. @param watchKey of its sheet of seats */
  classView(watchKey: string, signal?: AbortSignal): Promise<ClassView>;
  /** What the token opens; whether one is needed at all. */
  whoAmI(signal?: AbortSignal): Promise<WhoAmI>;
  /** Does the coordinator answer at all? Never throws. */
  health(signal?: AbortSignal): Promise<boolean>;
}

export function createParitabClient(options: ParitabClientOptions): ParitabClient {
  const { baseUrl, token, onWaiting } = options;
  const requester: Requester = { baseUrl, fetch: options.fetch ?? fetch, token, onWaiting };
  const get = <Schema extends z.ZodType>(path: string, schema: Schema, signal?: AbortSignal) =>
    askAs(requester, path, schema, { signal });

  const answers: ParitabClient["answers"] = (jobId, { offset = 0, limit = 100, only } = {}, signal) =>
    get(
      `${ofJob(jobId)}/answers.json?offset=${offset}&limit=${limit}${only === undefined ? "" : `&only=${only}`}`,
      answersPageSchema,
      signal,
    );

  async function allAnswers(jobId: string, signal?: AbortSignal): Promise<AnswersPage> {
    const all: AnswersPage = { queryCount: 0, matching: 0, offset: 0, answers: [] };
    for await (const answer of answersOf(client, jobId, signal)) all.answers.push(answer);
    all.queryCount = all.matching = all.answers.length;
    return all;
  }

  const jobs = jobCalls(requester);
  const keeper = keyKeeper(requester, options.coordinatorKey, options.notes, options.onNoteLost);
  const client: ParitabClient = {
    onWaiting,
    ...jobs,
    submit: submittingTo(keeper, jobs.submit),
    ...regressionCalls(requester),
    ...matmulCalls(requester),
    ...modelNameCalls(requester),
    ...streamCalls(requester),
    ...takenBackCalls(requester),
    ...lookCalls(requester),
    ...receiptCalls(requester, keeper),
    ...tokenCalls(requester),
    ...operatorCalls(requester),
    inference: (run) => runInference(client, run),
    submitRun: (run) => submitRun(client, run),
    stream: (run) => openStream(client, run),
    readAnswers: (jobId, reading) => readAnswers(client, jobId, reading),
    regression: (run) => runRegression(client, run),
    follow: (jobId, following) => followAnswers(client, jobId, following),
    watchTakenBack: (jobId, signal) => watchTakenBack(client, jobId, signal),
    watch: (jobId, signal) => watchJob(client, (giveUp) => client.job(jobId, giveUp), signal),
    async uploadModel(files, signal) {
      await requireModelRoom(files, () => client.uploadRoom(signal));
      const body = new FormData();
      for (const { name, data } of files) body.append("files", data instanceof Blob ? data : new Blob([data]), name);
      return askAs(requester, "/api/models", modelUploadedSchema, { method: "POST", body, signal, mayTakeLong: true });
    },
    async uploadTensor(npy, signal) {
      await requireUploadRoom(npy instanceof Blob ? npy.size : npy.byteLength, () => client.uploadRoom(signal));
      return askAs(requester, "/api/tensors", tensorUploadedSchema, {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: npy,
        signal,
      });
    },
    uploadNames: (names, signal) =>
      askAs(requester, "/api/names", namesUploadedSchema, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: names instanceof Uint8Array ? names : JSON.stringify(names),
        signal,
      }),
    names: (jobId, signal) => askBytes(requester, `${ofJob(jobId)}/names.json`, { signal }),
    allAnswers: (jobId, signal) => answersOf(client, jobId, signal),
    uploadRoom: (signal) => get("/api/uploads/room", uploadRoomSchema, signal),
    inferenceJob: (jobId, signal) => get(ofJob(jobId), inferenceJobViewSchema, signal),
    answers,
    answersFile: async (jobId, format, signal) =>
      format === "json"
        ? new TextEncoder().encode(JSON.stringify(await allAnswers(jobId, signal)))
        : askBytes(requester, `${ofJob(jobId)}/answers.${format}`, { signal }),
    redoneFile: (jobId, format, signal) =>
      askBytes(requester, `${ofJob(jobId)}/${format === "marks" ? "marks.npy" : `answers.${format}`}?redone=yes`, {
        signal,
      }),
    marksFile: (jobId, signal) => askBytes(requester, `${ofJob(jobId)}/marks.npy`, { signal }),
    receiptUrl: (jobId) => new URL(`${ofJob(jobId)}/receipt.json`, options.baseUrl).href,
    answersUrl: (jobId, format) => new URL(`${ofJob(jobId)}/answers.${format}`, options.baseUrl).href,
    sessions: (signal, rowsMax) => allRows(get, "/api/sessions?", sessionViewSchema, "sessionId", { signal, rowsMax }),
    volunteers(state, signal, rowsMax) {
      const path = `/api/volunteers?${state === undefined ? "" : `state=${state}&`}`;
      return allRows(get, path, volunteerViewSchema, "volunteerId", { signal, rowsMax });
    },
    status: (signal) => get("/api/status", statusViewSchema, signal),
    service: (signal) => get("/api/service", serviceViewSchema, signal),
    classView: (watchKey, signal) => get(`/api/classes/${encodeURIComponent(watchKey)}`, classViewSchema, signal),
    whoAmI: (signal) => get("/api/whoami", whoAmISchema, signal),
    health: (signal) =>
      askJson(requester, "/healthz", { signal }).then(
        () => true,
        () => false,
      ),
  };
  return client;
}
