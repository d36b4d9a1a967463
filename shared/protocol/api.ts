/**
 * The HTTP API: what submitters send and get, as JSON. Everything here is parsed by these schemas at the edge.
 * Uploads and downloads of arrays are `.npy` (npy.ts); models are tfjs files in one multipart request.
 */
import { z } from "zod";
import { type Aim, aimSchema } from "./aim.ts";
import { jobName, jobPurpose, sha256 } from "./api-fields.ts";
import { type RegressionJobView, regressionSubmissionSchema } from "./gradient-api.ts";
import {
  ANSWER_BOUND_DEFAULT,
  CONFIDENCE_FLOOR_DEFAULT,
  GROUPS_PER_ROUND_MAX,
  QUERIES_PER_GROUP_MAX,
  ROUNDS_IN_FLIGHT_MAX,
  STREAM_CLOSE_AFTER_MS_DEFAULT,
  STREAM_CLOSE_AFTER_MS_MAX,
  STREAM_IDLE_MS_DEFAULT,
  STREAM_IDLE_MS_MAX,
  STREAM_IDLE_MS_MIN,
  WORKERS_PER_ROUND_MAX,
} from "./limits.ts";
import { type MatmulJobView, matmulSubmissionSchema } from "./matmul-api.ts";
import type { NpyDtype } from "./npy.ts";

/** POST /api/models answers with this. */
export interface ModelUploaded {
  modelSha256: string;
  inputShape: number[];
  /** Of the first output, as macsPerQuery. */
  outputSize: number;
  /** Those that jobs can ask for, in the order of the model. A job on a model with several says which one it wants. */
  outputs: { name: string; size: number; macsPerQuery: number }[];
  macsPerQuery: number;
  weightBytes: number;
}

/** POST /api/tensors (body: `.npy`) answers with this. */
export interface TensorUploaded {
  tensorSha256: string;
  dtype: NpyDtype;
  shape: number[];
}

export const COMPLETIONS = ["fast", "exact"] as const;
export const SPARES = ["auto", "parities", "backups"] as const;
export const TASKS = ["classification", "regression"] as const;

/** POST /api/jobs */
export const inferenceSubmissionSchema = z.strictObject({
  kind: z.literal("inference"),
  name: jobName.default("untitled"),
  submitter: jobName.default("anonymous"),
  /** Told to volunteers: what it is for. */
  purpose: jobPurpose.optional(),
  /** The built-in sample (model, queries and labels), or your own uploads. */
  source: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("sample"),
      sample: z.literal("mnist"),
      queryStart: z.number().int().min(0).default(0),
      queryCount: z.number().int().positive().default(400),
    }),
    z.strictObject({
      kind: z.literal("uploads"),
      modelSha256: sha256,
      queriesSha256: sha256,
      labelsSha256: sha256.optional(),
      /** For `parm` with S = 1: the model that was trained on sums of K queries. Its input and output are the model's. */
      parityModelSha256: sha256.optional(),
      /** Queries are multiplied by this before they are encoded: 1/255 for 8-bit images. */
      inputScale: z.number().positive().max(1e6).default(1),
    }),
    /** The job stays open: queries are posted to it while it runs, POST /api/jobs/:jobId/queries. */
    z.strictObject({
      kind: z.literal("stream"),
      modelSha256: sha256,
      parityModelSha256: sha256.optional(),
      inputScale: z.number().positive().max(1e6).default(1),
      /** uint8: queries are kept and travel as bytes. */
      dtype: z.enum(["float32", "uint8"]).default("float32"),
      /** Queries like those that will come: the model is tried on them. A regression needs them, to know how large its numbers are. */
      examplesSha256: sha256.optional(),
      /** A group whose oldest query has waited so long is closed, full or not. */
      closeAfterMs: z.number().int().min(0).max(STREAM_CLOSE_AFTER_MS_MAX).default(STREAM_CLOSE_AFTER_MS_DEFAULT),
      /** The job is closed when nothing was posted for so long and everything is answered. */
      idleMs: z.number().int().min(STREAM_IDLE_MS_MIN).max(STREAM_IDLE_MS_MAX).default(STREAM_IDLE_MS_DEFAULT),
    }),
  ]),
  scheme: z.enum(["uncoded", "replication", "parm", "approxifer", "spline", "systematic"]).default("systematic"),
  /** K */
  queriesPerGroup: z.number().int().min(1).max(QUERIES_PER_GROUP_MAX).default(4),
  /** S */
  stragglers: z.number().int().min(0).max(WORKERS_PER_ROUND_MAX).default(2),
  /** E */
  liars: z.number().int().min(0).max(WORKERS_PER_ROUND_MAX).default(1),
  /** `approxifer` with E > 0: how wrong results are found. null-vector: the same idea without a point that it is half blind to. */
  locator: z.enum(["published", "null-vector"]).optional(),
  /** Which output of a model that has several: its name, its place in the order of the model, or "all": a regression on a row of all. */
  output: z.union([z.string().min(1).max(256), z.number().int().min(0)]).optional(),
  /** classification: the answer is the largest output's place. regression: the answer is the numbers. */
  task: z.enum(TASKS).default("classification"),
  /**
   * regression: an estimate agrees with the model where no number differs by more than absolute + relative * rms, rms being that
   * of the model's output, or of all its outputs where that is more.
   */
  tolerance: z
    .strictObject({
      relative: z.number().min(0).max(1).default(0.05),
      absolute: z.number().min(0).default(0),
    })
    .optional(),
  /** Rows of a batch. 0: by the size of the job and the speed of the crowd, 10 to 40 (server/jobs/round-size.ts). */
  groupsPerRound: z.number().int().min(0).max(GROUPS_PER_ROUND_MAX).default(0),
  roundsInFlight: z.number().int().min(1).max(ROUNDS_IN_FLIGHT_MAX).default(4),
  /** exact: estimates first, replaced as lost queries are redone. fast: estimates stay. */
  completion: z.enum(COMPLETIONS).default("exact"),
  /** An answer is final once the chance that it is wrong is below this. */
  answerBound: z.number().min(1e-9).max(0.5).default(ANSWER_BOUND_DEFAULT),
  /**
   * `systematic`: what the tabs beyond K do. parities: they hold mixtures, lost answers are estimated from them. backups: lost
   * batches are computed again as soon as a round can do without them. auto: what the measurement favours in this job.
   */
  spares: z.enum(SPARES).default("auto"),
  /** An estimate that is less sure than this stays missing until its query is redone; 0 tells all of them. */
  confidenceFloor: z.number().min(0).max(1).default(CONFIDENCE_FLOOR_DEFAULT),
  /** A time or a budget in place of scheme, K, S, E and the sizes of rounds: the coordinator picks them, and anew while the job runs. */
  aim: aimSchema.optional(),
});
export type InferenceSubmission = z.infer<typeof inferenceSubmissionSchema>;

/** POST /api/jobs/:jobId/queries answers with this: what was taken, and the queries that were refused. */
export interface QueriesPosted {
  /** Index of the first query of the body that was taken, or would have been. */
  firstIndex: number;
  /** Queries that were taken: they have the indices from firstIndex on, in their order. */
  taken: number;
  /** Queries of the job now. */
  queryCount: number;
  /** place: among the queries of the body, from 0 on. At most STREAM_REFUSED_NAMED_MAX of them. */
  refused: { place: number; message: string }[];
  refusedCount: number;
}

export const ANSWER_MARKS = ["missing", "unchecked", "estimated", "audited", "exact"] as const;
/** As stored: the index in ANSWER_MARKS. */
export type AnswerMark = (typeof ANSWER_MARKS)[number];

export const JOB_STATES = [
  "accepting",
  "preparing",
  "running",
  "auditing",
  "finishing",
  "done",
  "failed",
  "cancelled",
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A code of a job with an aim. */
export interface CodeView {
  /** In force for rounds from this one on, until the next code's first. */
  fromRound: number;
  queriesPerGroup: number;
  stragglers: number;
  liars: number;
  groupsPerRound: number;
  spares: (typeof SPARES)[number];
  chosenMs: number;
  /** What it was expected to come to when it was chosen, in words. */
  reason: string;
}

/** GET /api/jobs/:jobId of an inference job. */
export interface InferenceJobView {
  jobId: string;
  name: string;
  submitter: string;
  /** Absent: the submitter has not said. */
  purpose?: string;
  kind: "inference";
  scheme: string;
  queriesPerGroup: number;
  stragglers: number;
  liars: number;
  workerCount: number;
  completion: "fast" | "exact";
  state: JobState;
  /** What the submitter named in place of a code, and the codes that were in force; absent: a code was named. */
  aim?: Aim;
  codes?: CodeView[];
  /** Why nothing moves, in one sentence; null while it moves or has ended. */
  waitingFor: string | null;
  error: string | null;
  queryCount: number;
  roundCount: number;
  roundsDone: number;
  answersByMark: Record<AnswerMark, number>;
  finalCount: number;
  submittedMs: number;
  /** null until its end is durable. */
  finishedMs: number | null;
  /** By how fast rounds were finished lately, ms; null while that is not known, or where nothing moves. */
  remainingMs: number | null;
  /** Share of labels that the current answers hit; null without labels. */
  accuracy: number | null;
  auditedRows: number;
  failedAudits: number;
  /** Absent: its queries were all there when it began. */
  stream?: {
    /** Does it take queries still? */
    isOpen: boolean;
    closeAfterMs: number;
    idleMs: number;
  };
}

/** GET /api/jobs/:jobId, and the rows of GET /api/jobs */
export type JobView = InferenceJobView | RegressionJobView | MatmulJobView;

/** POST /api/jobs */
export const submissionSchema = z.discriminatedUnion("kind", [
  inferenceSubmissionSchema,
  regressionSubmissionSchema,
  matmulSubmissionSchema,
]);
export type Submission = z.infer<typeof submissionSchema>;

/** GET /api/jobs/:jobId/rounds: one row a finished or running round. Times in ms since the round was opened. */
export interface RoundView {
  roundIndex: number;
  generation: number;
  phase: string;
  firstMs: number | null;
  /** When every answer was the model's own and verified; null where the scheme never gets there. */
  exactMs: number | null;
  estimatedAtFirst: number;
  redispatched: number;
}

/**
 * Which answers a page shows. estimated: those that are estimates now; estimated-first: those that were, when they first
 * came. not-final: those that may still be wrong by more than the job's bound. touched: those of rounds in which the answer
 * of a quarantined volunteer was thrown out, and those that such a volunteer gave.
 */
export const ANSWER_FILTERS = ["all", "estimated", "estimated-first", "not-final", "touched"] as const;
export type AnswerFilter = (typeof ANSWER_FILTERS)[number];

/** GET /api/jobs/:jobId/answers.json?offset=&limit=&only= */
export interface AnswersPage {
  queryCount: number;
  /** How many there are of those that were asked for; offset counts these. */
  matching: number;
  offset: number;
  answers: AnswerView[];
}
export interface AnswerView {
  index: number;
  /** argmax of outputs; null while the answer is missing, and for regression */
  label: number | null;
  /** Empty while the answer is missing. */
  outputs: number[];
  mark: AnswerMark;
  final: boolean;
  /** Chance that it is wrong, for `audited` (and 0 for `exact`); null for the other marks. */
  bound: number | null;
  /** Lower confidence bound of the measured agreement with the model, for `estimated`; else null. */
  confidence: number | null;
  volunteerId: string | null;
  /** What the first delivery said; its label is null for regression. */
  first: { label: number | null; mark: AnswerMark } | null;
}

/** The last event of answers.sse. */
export interface AnswersEnd {
  jobId: string;
  state: JobState;
  error: string | null;
  queryCount: number;
}

/** GET /api/sessions */
export interface SessionView {
  sessionId: string;
  volunteerId: string;
  nickname: string;
  backend: string;
  state: string;
  precision: "float32" | "float16" | null;
  /** Median of recent response times, ms. */
  responseMsMedian: number | null;
  verifiedAssignments: number;
  lateAssignments: number;
  recent: { jobId: string; roundIndex: number; workerIndex: number; outcome: string; ms: number }[];
}

/** A wrong answer was found: when, in which job (empty: somebody else's) and round, and by what. */
export interface QuarantineCause {
  atMs: number;
  jobId: string;
  roundIndex: number;
  reason: string;
}

/** GET /api/volunteers?state=quarantined */
export interface VolunteerView {
  volunteerId: string;
  nickname: string;
  /** Empty: none. */
  team: string;
  creditMacs: number;
  auditsPassed: number;
  auditsFailed: number;
  quarantine: QuarantineCause | null;
  /** The last time that an operator let it work again, and what it had been quarantined for. null: never. */
  released: { atMs: number; reason: string; from: QuarantineCause } | null;
}

/** GET /api/status */
export interface StatusView {
  protocolVersion: number;
  buildHash: string;
  sessions: number;
  sessionsReady: number;
  jobsActive: number;
  numericsPending: number;
  bytesInFlight: number;
  /** Why no further work is sent out, or null. */
  pausedBecause: string | null;
  faultsAllowed: boolean;
  /** Who runs this coordinator and how to reach them, in their words; null: not said. */
  operatedBy: string | null;
}

/** Every error: HTTP status >= 400 and this body. */
export interface ApiError {
  error: { code: string; message: string };
}
