/** The list of jobs, page by page: of every kind, however long ago they ended. A row costs nothing by the size of its job. */
import { z } from "zod";
import { CODED_ENDS } from "../coded/run-view.ts";
import { JOB_STATES, type JobState } from "../protocol/job-api.ts";
import { JOB_LIST_ROWS_MAX, NAME_LENGTH_MAX } from "../protocol/limits.ts";
import { JOB_KINDS } from "./kinds.ts";

const ENDED_STATES = ["done", "failed", "cancelled"] as const satisfies readonly JobState[];
const isEnded = (state: JobState) => ENDED_STATES.some((ended) => ended === state);

/** What each filter lets through. */
export const JOB_FILTERS = {
  all: JOB_STATES,
  active: JOB_STATES.filter((state) => !isEnded(state)),
  ended: ENDED_STATES,
  done: ["done"],
  failed: ["failed"],
  cancelled: ["cancelled"],
} as const satisfies Record<string, readonly JobState[]>;
export type JobFilter = keyof typeof JOB_FILTERS;

/** The query of GET /api/job-list */
export const jobListQuerySchema = z.object({
  show: z
    .enum(Object.keys(JOB_FILTERS) as [JobFilter, ...JobFilter[]])
    .default("all")
    .describe("`active`: has not ended; `ended`: done, failed or cancelled"),
  search: z
    .string()
    .max(NAME_LENGTH_MAX)
    .default("")
    .describe("in the names of jobs and submitters, and at the beginning of ids; A to Z in either case"),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(JOB_LIST_ROWS_MAX).default(25),
});
export type JobListQuery = z.infer<typeof jobListQuerySchema>;

export const jobRowSchema = z
  .object({
    jobId: z.string(),
    kind: z.enum(JOB_KINDS),
    name: z.string(),
    submitter: z.string(),
    state: z.enum(JOB_STATES),
    submittedMs: z.number(),
    finishedMs: z.number().nullable(),
    progress: z.number().min(0).max(1).nullable().describe("share of its rounds; null: not known"),
    waitingFor: z.string().nullable(),
    endKind: z.enum(CODED_ENDS).nullable().default(null).describe("of regressions and products: how it ended"),
    whyEnded: z.string().nullable().default(null).describe("of a job that did not do all that was asked"),
  })
  .meta({ id: "JobRow", description: "A job in a line." });
export type JobRow = z.infer<typeof jobRowSchema>;

export const jobListSchema = z
  .object({
    matching: z.number().int().describe("jobs that the filter and the search let through"),
    offset: z.number().int(),
    jobs: z.array(jobRowSchema).describe("the latest first"),
  })
  .meta({ id: "JobListPage", description: "GET /api/job-list" });
export type JobListPage = z.infer<typeof jobListSchema>;

/** GET /api/jobs/:jobId/submission */
export const submissionAskedSchema = z
  .looseObject({ kind: z.enum(JOB_KINDS) })
  .meta({ id: "SubmissionAsked", description: "What POST /api/jobs took, with every default filled in." });
export type SubmissionAsked = z.infer<typeof submissionAskedSchema>;

/** DELETE /api/jobs/:jobId/data */
export const jobDeletedSchema = z
  .object({ jobId: z.string() })
  .meta({ id: "JobDeleted", description: "Nothing of the job is kept any more except its volunteers' credit." });
export type JobDeleted = z.infer<typeof jobDeletedSchema>;
