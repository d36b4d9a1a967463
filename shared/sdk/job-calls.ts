/** Jobs of every kind over HTTP: one method a request. */
import { z } from "zod";
import {
  type JobDeleted,
  type JobListPage,
  type JobListQuery,
  jobDeletedSchema,
  jobListSchema,
  type SubmissionAsked,
  submissionAskedSchema,
} from "../kinds/job-list.ts";
import {
  type EstimateInput,
  estimateSchema,
  type JobEstimate,
  type JobKind,
  type JobView,
  jobViewSchema,
  KINDS,
  type Receipt,
  receiptSchema,
  type SubmissionInput,
} from "../kinds/kinds.ts";
import { type JobSubmitted, jobSubmittedSchema } from "../protocol/job-api.ts";
import { type JobTimeline, jobTimelineSchema } from "../protocol/timeline-api.ts";
import { askAs, posting } from "./ask-as.ts";
import { keyHeader, type Requester } from "./requests.ts";

/** Each call may be given a signal that gives up on it. */
export interface JobCalls {
  /**
   * `invitations` of a T-private job are told here alone. The coordinator's key is asked for first, an inference job without a nonce
   * gets one, and what the coordinator commits to is noted.
   * @throws CoordinatorKeyError where it is not the coordinator that is known: nothing is submitted
   * @param key of 22 to 64 random letters: sent again with the same one, it is the same job
   */
  submit(submission: SubmissionInput, signal?: AbortSignal, key?: string): Promise<JobSubmitted>;
  /** What it would cost and how long it would take; nothing is begun. */
  estimate<Request extends EstimateInput>(
    request: Request,
    signal?: AbortSignal,
  ): Promise<Extract<JobEstimate, { kind: Request["kind"] }>>;
  /** The latest first. */
  jobs(signal?: AbortSignal): Promise<JobView[]>;
  /** A page of them, however long ago they ended; by default the latest 25 of all. */
  jobList(query?: Partial<JobListQuery>, signal?: AbortSignal): Promise<JobListPage>;
  /** What was submitted, with every default filled in. */
  submission(jobId: string, signal?: AbortSignal): Promise<SubmissionAsked>;
  /** Everything that is kept of a job that has ended. */
  deleteJob(jobId: string, signal?: AbortSignal): Promise<JobDeleted>;
  job(jobId: string, signal?: AbortSignal): Promise<JobView>;
  cancel(jobId: string, signal?: AbortSignal): Promise<JobView>;
  /** A regression ends with the best weights it has; a stream takes no more queries, and ends when it has answered the queries that it has. */
  stop(jobId: string, signal?: AbortSignal): Promise<JobView>;
  /** A suspended inference job goes on: its answers are taken as they come, marked unchecked. */
  goOnUnchecked(jobId: string, signal?: AbortSignal): Promise<JobView>;
  /** Of a job that has ended. */
  receipt(jobId: string, signal?: AbortSignal): Promise<Receipt>;
  /** The same of a job whose kind is known. */
  receiptOf<Kind extends JobKind>(
    kind: Kind,
    jobId: string,
    signal?: AbortSignal,
  ): Promise<Extract<Receipt, { kind: Kind }>>;
  /** What each tab did for a job, and how the first answers of its rounds compare with those that stand. */
  timeline(jobId: string, signal?: AbortSignal): Promise<JobTimeline>;
}

export const ofJob = (jobId: string) => `/api/jobs/${encodeURIComponent(jobId)}`;

export function jobCalls(requester: Requester): JobCalls {
  return {
    submit: (submission, signal, key) =>
      askAs(requester, "/api/jobs", jobSubmittedSchema, {
        ...posting(submission, signal, keyHeader(key)),
        mayTakeLong: true,
      }),
    estimate: async (request, signal) =>
      (await askAs(requester, "/api/estimates", estimateSchema, {
        ...posting(request, signal),
        mayTakeLong: true,
      })) as never,
    jobs: (signal) => askAs(requester, "/api/jobs", z.array(jobViewSchema), { signal }),
    jobList: (query = {}, signal) => {
      const asked = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
      return askAs(requester, asked.size === 0 ? "/api/job-list" : `/api/job-list?${asked}`, jobListSchema, { signal });
    },
    submission: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/submission`, submissionAskedSchema, { signal }),
    deleteJob: (jobId, signal) =>
      askAs(requester, `${ofJob(jobId)}/data`, jobDeletedSchema, { method: "DELETE", signal }),
    job: (jobId, signal) => askAs(requester, ofJob(jobId), jobViewSchema, { signal }),
    cancel: (jobId, signal) => askAs(requester, ofJob(jobId), jobViewSchema, { method: "DELETE", signal }),
    stop: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/stop`, jobViewSchema, { method: "POST", signal }),
    goOnUnchecked: (jobId, signal) =>
      askAs(requester, `${ofJob(jobId)}/unchecked`, jobViewSchema, { method: "POST", signal }),
    receipt: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/receipt.json`, receiptSchema, { signal }),
    receiptOf: async (kind, jobId, signal) =>
      (await askAs(requester, `${ofJob(jobId)}/receipt.json`, KINDS[kind].receipt, { signal })) as never,
    timeline: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/timeline`, jobTimelineSchema, { signal }),
  };
}
