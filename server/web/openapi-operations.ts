/**
 * Every request that the coordinator answers, in words. Bodies are described by the schemas that parse them, answers by
 * schemas too, by their names. A test compares this list with the routes.
 */
import type { z } from "zod";
import { ACCEPTANCES } from "../../shared/kinds/inference/acceptance.ts";
import { ANSWER_FILTERS } from "../../shared/kinds/inference/answers.ts";
import { inferenceEstimateRequestSchema } from "../../shared/kinds/inference/estimate.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { matmulSubmissionSchema } from "../../shared/kinds/matmul/submission.ts";
import { regressionSubmissionSchema } from "../../shared/kinds/regression/submission.ts";
import { type Scope, tokenRequestSchema } from "../../shared/protocol/access-api.ts";
import {
  ANSWERS_PER_PAGE_MAX,
  LEADERBOARD_ROWS_MAX,
  QUERIES_PER_LOOK_MAX,
  TEAM_NAME_LENGTH_MAX,
} from "../../shared/protocol/limits.ts";
import { releaseRequestSchema } from "../../shared/protocol/operator-api.ts";

/** Bodies by the name that the document gives them. */
export const BODIES: Readonly<Record<string, z.ZodType>> = {
  InferenceSubmission: inferenceSubmissionSchema,
  InferenceEstimateRequest: inferenceEstimateRequestSchema,
  RegressionSubmission: regressionSubmissionSchema,
  MatmulSubmission: matmulSubmissionSchema,
  TokenRequest: tokenRequestSchema,
  ReleaseRequest: releaseRequestSchema,
};

export type Body =
  | { readonly kind: "json"; readonly schemas: readonly string[] }
  | { readonly kind: "npy"; readonly about: string }
  | { readonly kind: "queries"; readonly about: string }
  | { readonly kind: "frame"; readonly about: string }
  | { readonly kind: "model" };

export interface Answer {
  readonly about: string;
  /** JSON of one of these types; absent: see `media`. */
  readonly types?: readonly string[];
  /** The JSON is a list of them. */
  readonly isList?: boolean;
  /** Another media type than JSON, or beside it. */
  readonly media?: string;
  /** JSON of one of these types is the data of each event, where `media` is a stream of events. */
  readonly events?: readonly string[];
}

export interface Parameter {
  readonly name: string;
  readonly about: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** As the document has it: /api/jobs/{jobId} */
  readonly path: string;
  readonly name: string;
  readonly group:
    | "jobs"
    | "streams"
    | "answers"
    | "gradient jobs"
    | "matrix jobs"
    | "uploads"
    | "crowd"
    | "access"
    | "operators"
    | "tabs";
  readonly about: string;
  readonly query?: readonly Parameter[];
  readonly headers?: readonly Parameter[];
  readonly body?: Body;
  /** By status. What is wrong is told for all operations alike (ApiError), 4xx and 5xx. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** What a token must be good for, where tokens are needed; null: nothing. "assignment": the token of an assignment. */
  readonly scope: Scope | "assignment" | null;
}

const OCTETS = "application/octet-stream";
const CSV = "text/csv";
const TEXT = "text/plain";
const HTML = "text/html";
const whole = (minimum: number, maximum: number, fallback: number) => ({
  type: "integer",
  minimum,
  maximum,
  default: fallback,
});

export const OPERATIONS: readonly Operation[] = [
  // --- uploads
  {
    method: "GET",
    path: "/api/samples/mnist/model",
    name: "sampleModel",
    group: "uploads",
    about: "The built-in sample's model, packed as tabs get it.",
    answers: { 200: { about: "the packed model", media: OCTETS } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/samples/mnist/queries.npy",
    name: "sampleQueries",
    group: "uploads",
    about: "Digits of the built-in sample as a `.npy` file, shape (limit, 28, 28).",
    query: [
      { name: "offset", about: "the first digit", schema: { type: "integer", minimum: 0, default: 0 } },
      { name: "limit", about: "so many", schema: whole(1, QUERIES_PER_LOOK_MAX, QUERIES_PER_LOOK_MAX) },
    ],
    answers: { 200: { about: "the digits", media: OCTETS } },
    scope: "read",
  },
  {
    method: "POST",
    path: "/api/models",
    name: "uploadModel",
    group: "uploads",
    about:
      "A model as its files: one .onnx file; or a tfjs model.json, and its weight files under the names that model.json gives " +
      "them. It is looked through before anything of it is stored, and refused in a sentence.",
    body: { kind: "model" },
    answers: { 201: { about: "it is stored, by its hash", types: ["ModelUploaded"] } },
    scope: "submit",
  },
  {
    method: "POST",
    path: "/api/tensors",
    name: "uploadTensor",
    group: "uploads",
    about: "One array: queries, labels, features. Every number has to be finite.",
    body: { kind: "npy", about: "a .npy file, little-endian, in C order" },
    answers: { 201: { about: "it is stored, by its hash", types: ["TensorUploaded"] } },
    scope: "submit",
  },
  // --- jobs
  {
    method: "POST",
    path: "/api/jobs",
    name: "submitJob",
    group: "jobs",
    about: "Submits a job. A 201 means that it is on disk: it survives whatever happens to the coordinator.",
    headers: [
      {
        name: "Idempotency-Key",
        about: "sent again with the same key, it is the same job: for whoever lost the answer",
        schema: { type: "string", pattern: "^[A-Za-z0-9_-]{22,64}$" },
      },
    ],
    body: { kind: "json", schemas: ["InferenceSubmission", "RegressionSubmission", "MatmulSubmission"] },
    answers: {
      201: { about: "its id; invitations where it runs by invitation, told this once", types: ["JobSubmitted"] },
    },
    scope: "submit",
  },
  {
    method: "POST",
    path: "/api/estimates",
    name: "estimate",
    group: "jobs",
    about:
      "What a job would cost, and how long it would take. It is checked as the submission would be, and begins nothing.",
    body: { kind: "json", schemas: ["InferenceEstimateRequest", "RegressionSubmission", "MatmulSubmission"] },
    answers: { 200: { about: "the estimate", types: ["InferenceEstimate", "RegressionEstimate", "MatmulEstimate"] } },
    scope: "submit",
  },
  {
    method: "GET",
    path: "/api/jobs",
    name: "jobs",
    group: "jobs",
    about: "Your jobs, the latest last.",
    answers: { 200: { about: "one row a job", types: ["JobView"], isList: true } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}",
    name: "job",
    group: "jobs",
    about: "How far a job is, what it waits for, and how it ended.",
    answers: { 200: { about: "the job", types: ["JobView"] } },
    scope: "read",
  },
  {
    method: "DELETE",
    path: "/api/jobs/{jobId}",
    name: "cancelJob",
    group: "jobs",
    about: "Ends a job; what it has answered by then stays.",
    answers: { 200: { about: "the job, cancelled or about to be", types: ["JobView"] } },
    scope: "cancel",
  },
  {
    method: "POST",
    path: "/api/jobs/{jobId}/stop",
    name: "stopJob",
    group: "jobs",
    about:
      "Ends a job before its time, with what it has: a training with its best weights; a stream takes no more queries, answers " +
      "those that it has, and is done.",
    answers: { 200: { about: "the job", types: ["JobView"] } },
    scope: "cancel",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/rounds",
    name: "rounds",
    group: "jobs",
    about: "The rounds of an inference job with their times.",
    answers: { 200: { about: "one row a round that runs or is done", types: ["RoundView"], isList: true } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/receipt.json",
    name: "receipt",
    group: "jobs",
    about: "Of a job that has ended: who computed what, how it was checked, and the bound on an undetected error.",
    answers: { 200: { about: "the receipt", types: ["InferenceReceipt", "RegressionReceipt", "MatmulReceipt"] } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/timeline",
    name: "timeline",
    group: "jobs",
    about:
      "What each tab did for a job, the latest first to last, since the coordinator started; and how the first answers of its rounds compare with those that stand now.",
    answers: { 200: { about: "the timeline", types: ["JobTimeline"] } },
    scope: "read",
  },
  // --- streams
  {
    method: "POST",
    path: "/api/jobs/{jobId}/queries",
    name: "postQueries",
    group: "streams",
    about:
      "More queries for a job that was submitted with a source of kind `stream`. A 200 means that what was taken is on disk. A query " +
      "that cannot be one is refused by its place, and the others are taken. 429 `stream-busy`: too many wait for an answer; post " +
      "again after `Retry-After` seconds.",
    query: [
      {
        name: "at",
        about:
          "the index that the first query taken is to have: posted again with the same one, a query is found and not taken twice",
        schema: { type: "integer", minimum: 0 },
      },
    ],
    body: { kind: "queries", about: "one query a row, or one query alone in the shape of the model's input" },
    answers: { 200: { about: "what was taken, and what was refused", types: ["QueriesPosted"] } },
    scope: "submit",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/answers.sse",
    name: "answersSse",
    group: "streams",
    about:
      "The answers of an inference job as server-sent events, in the order of its queries, each as soon as it is ready: `answer`, whose " +
      "id is its index, and at last one `end`. Without that the connection was lost: ask again from where it was.",
    query: [
      { name: "from", about: "the first query", schema: { type: "integer", minimum: 0, default: 0 } },
      {
        name: "accept",
        about:
          "when an answer is ready: whatever there is, estimates too; checked; or not taken back any more. Unless it is said: first for jobs that are `fast`, else verified",
        schema: { type: "string", enum: ACCEPTANCES },
      },
    ],
    headers: [
      {
        name: "Last-Event-ID",
        about: "goes on behind this answer; browsers send it when they connect again",
        schema: { type: "integer", minimum: 0 },
      },
    ],
    answers: {
      200: {
        about: "`answer` events, then `end`",
        media: "text/event-stream",
        events: ["AnswerView", "AnswersEnd"],
      },
    },
    scope: "read",
  },
  // --- answers
  {
    method: "GET",
    path: "/api/jobs/{jobId}/queries.npy",
    name: "queries",
    group: "answers",
    about: "Some of an inference job's queries as they were submitted, while these are kept.",
    query: [
      {
        name: "indices",
        about: `which, with commas between; at most ${QUERIES_PER_LOOK_MAX}`,
        schema: { type: "string", pattern: "^\\d{1,7}(,\\d{1,7})*$" },
      },
    ],
    answers: { 200: { about: "one row a query, in that order", media: OCTETS } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/answers.json",
    name: "answers",
    group: "answers",
    about:
      "A page of answers in the order of the queries, each with its mark, its bound or confidence, and where it came from.",
    query: [
      { name: "offset", about: "the first query", schema: { type: "integer", minimum: 0, default: 0 } },
      { name: "limit", about: "so many at most", schema: whole(1, ANSWERS_PER_PAGE_MAX, 100) },
      {
        name: "only",
        about: "which of them; offset and limit count these",
        schema: { type: "string", enum: ANSWER_FILTERS, default: "all" },
      },
    ],
    answers: { 200: { about: "the page", types: ["AnswersPage"] } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/answers.csv",
    name: "answersCsv",
    group: "answers",
    about:
      "All answers: index,label,mark,final,bound,confidence,output_0,... What is missing or does not apply is empty.",
    answers: { 200: { about: "one row an answer", media: CSV } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/answers.npy",
    name: "answersNpy",
    group: "answers",
    about: "All outputs as one array, n x C float32; a missing answer is NaN.",
    answers: { 200: { about: "a .npy file", media: OCTETS } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/marks.npy",
    name: "marksNpy",
    group: "answers",
    about: "The mark of each answer: n uint8, 0 missing, 1 unchecked, 2 estimated, 3 audited, 4 exact.",
    answers: { 200: { about: "a .npy file", media: OCTETS } },
    scope: "read",
  },
  // --- gradient jobs
  {
    method: "GET",
    path: "/api/jobs/{jobId}/history.json",
    name: "history",
    group: "gradient jobs",
    about: "Loss and accuracy by iteration, changes of the code, volunteers and who of them lied.",
    answers: { 200: { about: "the history so far", types: ["RegressionHistory"] } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/weights.npy",
    name: "weightsNpy",
    group: "gradient jobs",
    about: "The weights, columns x classes float64, as soon as there are any.",
    answers: { 200: { about: "a .npy file", media: OCTETS } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/weights.json",
    name: "weights",
    group: "gradient jobs",
    about: "The same as JSON, with what a prediction of each class is called.",
    answers: { 200: { about: "the weights", types: ["RegressionWeightsFile"] } },
    scope: "read",
  },
  {
    method: "POST",
    path: "/api/jobs/{jobId}/predictions",
    name: "predict",
    group: "gradient jobs",
    about: "What the weights say of new rows; the coordinator computes it. `Accept: application/json` asks for JSON.",
    body: { kind: "npy", about: "n x columns, a .npy file" },
    answers: { 200: { about: "n float64 as .npy, or JSON", types: ["RegressionPredictions"], media: OCTETS } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/product.npy",
    name: "product",
    group: "matrix jobs",
    about: "A times B, rows x columns float64, once it is whole.",
    answers: { 200: { about: "a .npy file", media: OCTETS } },
    scope: "read",
  },
  // --- crowd
  {
    method: "GET",
    path: "/api/status",
    name: "status",
    group: "crowd",
    about: "How the coordinator is: sessions, jobs, what it is busy with, and why nothing is sent out, if so.",
    answers: { 200: { about: "the status", types: ["StatusView"] } },
    scope: null,
  },
  {
    method: "GET",
    path: "/api/sessions",
    name: "sessions",
    group: "crowd",
    about: "The tabs that are connected, with their speed and recent work.",
    answers: { 200: { about: "one row a tab", types: ["SessionView"], isList: true } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/volunteers",
    name: "volunteers",
    group: "crowd",
    about: "Everybody who ever gave compute, with credit, record and quarantine.",
    query: [{ name: "state", about: "only these", schema: { type: "string", enum: ["quarantined"] } }],
    answers: { 200: { about: "one row a volunteer", types: ["VolunteerView"], isList: true } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/leaderboard",
    name: "leaderboard",
    group: "crowd",
    about: "Volunteers with verified work, the most first.",
    query: [
      { name: "limit", about: "so many at most", schema: whole(1, LEADERBOARD_ROWS_MAX, 10) },
      { name: "volunteerId", about: "whose own place is told too", schema: { type: "string", maxLength: 64 } },
    ],
    answers: { 200: { about: "the first places", types: ["LeaderboardView"] } },
    scope: null,
  },
  {
    method: "GET",
    path: "/api/work/{job}",
    name: "work",
    group: "crowd",
    about: "What volunteers may know of a job that they compute for; its id is told to them alone.",
    answers: { 200: { about: "name, submitter, kind and progress", types: ["WorkView"] } },
    scope: null,
  },
  {
    method: "GET",
    path: "/api/teams",
    name: "teams",
    group: "crowd",
    about: "Teams of volunteers, by the verified work of their members, the most first.",
    query: [
      { name: "limit", about: "so many at most", schema: whole(1, LEADERBOARD_ROWS_MAX, 10) },
      {
        name: "team",
        about: "whose own place is told too",
        schema: { type: "string", maxLength: TEAM_NAME_LENGTH_MAX },
      },
    ],
    answers: { 200: { about: "the first places", types: ["TeamsView"] } },
    scope: null,
  },
  // --- access
  {
    method: "GET",
    path: "/api/whoami",
    name: "whoami",
    group: "access",
    about: "Whether tokens are needed here, and what the one that came with the request opens.",
    answers: { 200: { about: "submitter and scopes", types: ["WhoAmI"] } },
    scope: null,
  },
  {
    method: "GET",
    path: "/api/tokens",
    name: "tokens",
    group: "access",
    about: "Tokens that were made, without what opens anything.",
    answers: { 200: { about: "one row a token", types: ["TokenView"], isList: true } },
    scope: "admin",
  },
  {
    method: "POST",
    path: "/api/tokens",
    name: "createToken",
    group: "access",
    about: "Makes a token for a submitter.",
    body: { kind: "json", schemas: ["TokenRequest"] },
    answers: { 201: { about: "the token, told this once", types: ["TokenCreated"] } },
    scope: "admin",
  },
  {
    method: "DELETE",
    path: "/api/tokens/{tokenId}",
    name: "revokeToken",
    group: "access",
    about: "The token opens nothing any more.",
    answers: { 200: { about: "its row", types: ["TokenView"] } },
    scope: "admin",
  },
  // --- operators
  {
    method: "GET",
    path: "/api/quarantines",
    name: "quarantines",
    group: "operators",
    about: "Who is quarantined, or was and has been released: for what, and on what evidence.",
    answers: { 200: { about: "one row a volunteer", types: ["QuarantineView"], isList: true } },
    scope: "admin",
  },
  {
    method: "POST",
    path: "/api/volunteers/{volunteerId}/release",
    name: "releaseVolunteer",
    group: "operators",
    about: "A quarantined volunteer may work again, as a newcomer. What was done again stays done again.",
    body: { kind: "json", schemas: ["ReleaseRequest"] },
    answers: { 200: { about: "its row, once that is durable", types: ["VolunteerView"] } },
    scope: "admin",
  },
  {
    method: "GET",
    path: "/api/jobs/{jobId}/log",
    name: "jobLog",
    group: "operators",
    about: "What happened in a job, in order: what was sent, answered, checked, published and withdrawn.",
    answers: { 200: { about: "its entries", types: ["JobLogView"] } },
    scope: "admin",
  },
  {
    method: "GET",
    path: "/healthz",
    name: "health",
    group: "operators",
    about: "The process is alive.",
    answers: { 200: { about: "it is", types: ["Health"] } },
    scope: null,
  },
  {
    method: "GET",
    path: "/readyz",
    name: "ready",
    group: "operators",
    about: "Whether new work may come here.",
    answers: {
      200: { about: "it may", types: ["Readiness"] },
      503: { about: "it had better go elsewhere, and why", types: ["Readiness"] },
    },
    scope: null,
  },
  {
    method: "GET",
    path: "/metrics",
    name: "metrics",
    group: "operators",
    about: "Figures for Prometheus.",
    answers: { 200: { about: "the text format", media: TEXT } },
    scope: "read",
  },
  {
    method: "GET",
    path: "/api/openapi.json",
    name: "openapi",
    group: "operators",
    about: "This description as an OpenAPI 3.1 document.",
    answers: { 200: { about: "the document", types: ["OpenApiDocument"] } },
    scope: null,
  },
  {
    method: "GET",
    path: "/api/docs",
    name: "docs",
    group: "operators",
    about: "This description as a page.",
    answers: { 200: { about: "the page", media: HTML } },
    scope: null,
  },
  {
    method: "GET",
    path: "/api/docs.css",
    name: "docsStyle",
    group: "operators",
    about: "How the page looks.",
    answers: { 200: { about: "the style sheet", media: "text/css" } },
    scope: null,
  },
  // --- tabs
  {
    method: "GET",
    path: "/blobs/{sha256}",
    name: "blob",
    group: "tabs",
    about: "A model, an input or a shard that a live assignment needs.",
    answers: { 200: { about: "the bytes, whose hash the tab checks", media: OCTETS } },
    scope: "assignment",
  },
  {
    method: "PUT",
    path: "/results",
    name: "uploadResult",
    group: "tabs",
    about: "The frame of a result that is too large for a message.",
    body: { kind: "frame", about: "a tensor frame, see PROTOCOL.md" },
    answers: { 200: { about: "it has arrived", types: ["ResultUploaded"] } },
    scope: "assignment",
  },
];

/** Answers that have no type in shared/protocol. */
export const SMALL_ANSWERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Health: fields({ ok: { type: "boolean" } }),
  Readiness: fields({ ok: { type: "boolean" }, problems: { type: "array", items: { type: "string" } } }),
  ResultUploaded: fields({ verdict: { const: "received" } }),
  OpenApiDocument: { type: "object", required: ["openapi", "info", "paths"] },
};

function fields(properties: Readonly<Record<string, unknown>>) {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
