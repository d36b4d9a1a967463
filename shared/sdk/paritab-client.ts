/**
 * The coordinator's HTTP API, typed; `fetch` is all it needs. The dashboard, the command line and submitters' own
 * programs use it.
 *
 *   const paritab = createParitabClient({ baseUrl: "http://localhost:8787" });
 *   const { jobId } = await paritab.submitInference({ kind: "inference", source: { kind: "sample", sample: "mnist" } });
 *   const { answers } = await paritab.answers(jobId);
 *
 * Every call throws ParitabApiError where the coordinator refuses, cannot be reached, or answers with something else.
 */
import type { z } from "zod";
import type {
  AnswersPage,
  inferenceSubmissionSchema,
  JobView,
  ModelUploaded,
  RoundView,
  SessionView,
  StatusView,
  TensorUploaded,
  VolunteerView,
} from "../protocol/api.ts";
import { ANSWERS_PER_PAGE_MAX } from "../protocol/limits.ts";
import { askBytes, askJson, type Requester } from "./requests.ts";

/** What POST /api/jobs takes; whatever has a default may be left out. */
export type InferenceSubmissionInput = z.input<typeof inferenceSubmissionSchema>;

/** One file of a tfjs model: model.json by that name, the weight files by the names that its manifest gives. */
export interface ModelFile {
  readonly name: string;
  readonly data: Blob | Uint8Array<ArrayBuffer>;
}

export const ANSWER_FORMATS = ["npy", "csv", "json"] as const;
export type AnswerFormat = (typeof ANSWER_FORMATS)[number];

export interface ParitabClientOptions {
  /** Origin of the coordinator, e.g. "http://localhost:8787". */
  readonly baseUrl: string;
  /** Another fetch than the global one. */
  readonly fetch?: typeof fetch;
}

/** Each call may be given a signal that gives up on it. */
export interface ParitabClient {
  uploadModel(files: readonly ModelFile[], signal?: AbortSignal): Promise<ModelUploaded>;
  /** @param npy the bytes of a `.npy` file */
  uploadTensor(npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<TensorUploaded>;
  submitInference(submission: InferenceSubmissionInput, signal?: AbortSignal): Promise<{ jobId: string }>;
  /** The latest last. */
  jobs(signal?: AbortSignal): Promise<JobView[]>;
  job(jobId: string, signal?: AbortSignal): Promise<JobView>;
  cancel(jobId: string, signal?: AbortSignal): Promise<JobView>;
  rounds(jobId: string, signal?: AbortSignal): Promise<RoundView[]>;
  answers(jobId: string, page?: { offset?: number; limit?: number }, signal?: AbortSignal): Promise<AnswersPage>;
  /** Every answer as one file: npy holds the outputs alone; csv and json the marks too, json as one AnswersPage. */
  answersFile(jobId: string, format: AnswerFormat, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  /** Where a browser finds that file. JSON comes in pages, so it has no single address. */
  answersUrl(jobId: string, format: Exclude<AnswerFormat, "json">): string;
  sessions(signal?: AbortSignal): Promise<SessionView[]>;
  volunteers(state?: "quarantined", signal?: AbortSignal): Promise<VolunteerView[]>;
  status(signal?: AbortSignal): Promise<StatusView>;
  /** Does the coordinator answer at all? Never throws. */
  health(signal?: AbortSignal): Promise<boolean>;
}

export function createParitabClient(options: ParitabClientOptions): ParitabClient {
  const requester: Requester = { baseUrl: options.baseUrl, fetch: options.fetch ?? fetch };
  const get = <T>(path: string, signal?: AbortSignal) => askJson<T>(requester, path, { signal });
  const ofJob = (jobId: string) => `/api/jobs/${encodeURIComponent(jobId)}`;

  const answers: ParitabClient["answers"] = (jobId, { offset = 0, limit = 100 } = {}, signal) =>
    get(`${ofJob(jobId)}/answers.json?offset=${offset}&limit=${limit}`, signal);

  async function allAnswers(jobId: string, signal?: AbortSignal): Promise<AnswersPage> {
    const all: AnswersPage = { queryCount: 0, offset: 0, answers: [] };
    do {
      const page = await answers(jobId, { offset: all.answers.length, limit: ANSWERS_PER_PAGE_MAX }, signal);
      if (page.answers.length === 0) break;
      all.queryCount = page.queryCount;
      all.answers.push(...page.answers);
    } while (all.answers.length < all.queryCount);
    return all;
  }

  return {
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
    submitInference: (submission, signal) =>
      askJson(requester, "/api/jobs", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(submission),
        signal,
      }),
    jobs: (signal) => get("/api/jobs", signal),
    job: (jobId, signal) => get(ofJob(jobId), signal),
    cancel: (jobId, signal) => askJson(requester, ofJob(jobId), { method: "DELETE", signal }),
    rounds: (jobId, signal) => get(`${ofJob(jobId)}/rounds`, signal),
    answers,
    answersFile: async (jobId, format, signal) =>
      format === "json"
        ? new TextEncoder().encode(JSON.stringify(await allAnswers(jobId, signal)))
        : askBytes(requester, `${ofJob(jobId)}/answers.${format}`, { signal }),
    answersUrl: (jobId, format) => new URL(`${ofJob(jobId)}/answers.${format}`, options.baseUrl).href,
    sessions: (signal) => get("/api/sessions", signal),
    volunteers: (state, signal) => get(`/api/volunteers${state === undefined ? "" : `?state=${state}`}`, signal),
    status: (signal) => get("/api/status", signal),
    health: (signal) =>
      get("/healthz", signal).then(
        () => true,
        () => false,
      ),
  };
}
