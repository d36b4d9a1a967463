/** Jobs of every kind: submit, ask the price, look at, cancel. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { aloneAndTogether } from "../../shared/kinds/alone-and-together.ts";
import {
  currentKind,
  type EstimateRequest,
  estimateRequestSchema,
  estimateSchema,
  JOB_KINDS,
  type JobEstimate,
  type JobKind,
  type JobView,
  jobViewSchema,
  kindFactsOf,
  receiptSchema,
  submissionSchema,
  togetherOf,
} from "../../shared/kinds/kinds.ts";
import { jobSubmittedSchema } from "../../shared/protocol/job-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { jobTimelineSchema } from "../../shared/protocol/timeline-api.ts";
import { RULES_SHA256 } from "../../shared/receipts/rules.ts";
import { SERVER_KINDS } from "../kinds/kinds.ts";
import { partyAsking } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { type ApiProblem, type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import { type LaterAnswers, orLater } from "./later-answers.ts";
import type { Ownership } from "./ownership.ts";
import { type App, jobParams, named, route } from "./route.ts";
import { SubmissionKeys, submissionKeyHeader, submissionKeyOf } from "./submission-keys.ts";

const group = "jobs";

/** Beside what the job would take alone, where whoever asks has measured that. */
function withComparison(estimate: JobEstimate, asked: EstimateRequest): JobEstimate {
  const alone = "alone" in asked ? asked.alone : undefined;
  const together = togetherOf(estimate);
  if (alone === undefined || together === null) return estimate;
  return Object.assign({}, estimate, { comparison: aloneAndTogether(alone, together) });
}

const posted = { bodyLimit: SUBMISSION_BYTES_MAX, preValidation: asPosted };

export function addJobRoutes(app: App, port: CoordinatorPort, ownership: Ownership, later: LaterAnswers): void {
  const keys = new SubmissionKeys(async (jobId) => {
    await port.recall(jobId);
    // Of several coordinators on one database another one may have it.
    return port.jobView(jobId) !== null || (await port.submission(jobId)) !== null;
  });

  const submitAbout = "Submits a job. A 201 means that it is on disk: it survives whatever happens to the coordinator.";
  app.post(
    "/api/jobs",
    {
      ...route(
        { name: "submitJob", group, about: submitAbout, scope: "submit" },
        {
          headers: submissionKeyHeader,
          body: named("job", submissionSchema),
          response: {
            201: jobSubmittedSchema.describe("its id; invitations where it runs by invitation, told this once"),
            ...orLater,
          },
        },
      ),
      ...posted,
    },
    async (request, reply) => {
      const key = submissionKeyOf(request);
      // Invitations are secrets that are told once.
      reply.header("cache-control", "no-store");
      return later.give(request, reply, 201, async () => {
        const answer = await keys.once(ownership.submitterOf(request), key, (jobId) =>
          ownership.submit(request, request.body, jobId),
        );
        if (isProblem(answer)) throw new ApiFailure(answer.status, answer.code, answer.message);
        const { jobId, commitment, invitations, notes } = answer;
        const told = commitment === undefined ? {} : { commitment, rules: RULES_SHA256 };
        return { jobId, ...told, ...(invitations && { invitations }), ...(notes && { notes }) };
      });
    },
  );

  const estimateAbout =
    "What a job would cost, and how long it would take. It is checked as the submission would be, and begins nothing. With `alone`, what it " +
    "would take on your own computer, the answer compares the two.";
  app.post(
    "/api/estimates",
    {
      ...route(
        { name: "estimate", group, about: estimateAbout, scope: "submit" },
        {
          body: named("job", estimateRequestSchema),
          response: { 200: estimateSchema.describe("the estimate"), ...orLater },
        },
      ),
      ...posted,
    },
    async (request, reply) => {
      ownership.requireOwnUploads(request, request.body);
      return later.give(request, reply, 200, async () => {
        const estimate = await port.estimate(request.body, partyAsking(request));
        if (isProblem(estimate)) throw new ApiFailure(estimate.status, estimate.code, estimate.message);
        return withComparison(estimate, request.body);
      });
    },
  );

  app.get(
    "/api/jobs",
    route(
      { name: "jobs", group, about: "Your jobs that are at work or ended lately, the latest first.", scope: "read" },
      { response: { 200: z.array(jobViewSchema).describe("one row a job") } },
    ),
    async (request) => ownership.own(request, port.jobViews()),
  );

  const jobAbout = "How far a job is, what it waits for, and how it ended.";
  app.get(
    "/api/jobs/:jobId",
    route(
      { name: "job", group, about: jobAbout, scope: "read" },
      { params: jobParams, response: { 200: jobViewSchema.describe("the job") } },
    ),
    async ({ params: { jobId } }) => port.jobView(jobId) ?? unknownJob(jobId),
  );

  app.delete(
    "/api/jobs/:jobId",
    route(
      { name: "cancelJob", group, about: "Ends a job; the answers that it has by then stay.", scope: "cancel" },
      { params: jobParams, response: { 200: jobViewSchema.describe("the job, cancelled or about to be") } },
    ),
    async ({ params: { jobId } }) => {
      if (port.jobView(jobId) === null) unknownJob(jobId);
      if (!(await port.cancel(jobId))) {
        throw new ApiFailure(409, "job-ended", `job ${jobId}: expected a job that runs, got one that has ended`);
      }
      return port.jobView(jobId) ?? unknownJob(jobId);
    },
  );
}

/**
 * Before a submission is parsed: the former name of its kind is taken, and what its kind refuses that no schema can say.
 * @throws ApiFailure 400
 */
async function asPosted({ body }: FastifyRequest): Promise<void> {
  if (typeof body !== "object" || body === null || !("kind" in body)) return;
  body.kind = currentKind(body.kind);
  const kind = JOB_KINDS.find((name) => name === body.kind) as JobKind | undefined;
  const problem = kind === undefined ? null : (kindFactsOf(kind).problemOf?.(body) ?? null);
  if (problem !== null) throw new ApiFailure(400, "bad-request", problem);
}

/** What each tab did for a job. */
const timelineAbout =
  "What each tab did for a job, the latest first to last, since the coordinator started; and how the first answers of its rounds compare with those that stand now.";

export function addLookRoutes(app: App, port: CoordinatorPort): void {
  const options = route(
    { name: "timeline", group: "jobs", about: timelineAbout, scope: "read" },
    { params: jobParams, response: { 200: jobTimelineSchema.describe("the timeline") } },
  );
  app.get(
    "/api/jobs/:jobId/timeline",
    options,
    async ({ params: { jobId } }) => (await port.timeline(jobId)) ?? unknownJob(jobId),
  );
}

/** GET /api/jobs/:jobId/receipt.json: who computed what, how it was checked, and the chance that a wrong result passed. */
const receiptAbout =
  "Of a job that has ended: who computed what, how it was checked, and the bound on an undetected error.";

export function addReceiptRoute(app: App, port: CoordinatorPort): void {
  const options = route(
    { name: "receipt", group: "jobs", about: receiptAbout, scope: "read" },
    { params: jobParams, response: { 200: receiptSchema.describe("the receipt") } },
  );
  app.get("/api/jobs/:jobId/receipt.json", options, async ({ params: { jobId } }, reply) => {
    const receipt = (await port.receipt(jobId)) ?? unknownJob(jobId);
    if (receipt === "not-ended") {
      throw new ApiFailure(409, "job-runs", `job ${jobId}: expected a job that has ended, got one that still runs`);
    }
    return reply.header("content-disposition", `attachment; filename="${jobId}-receipt.json"`).send(receipt);
  });
}

/** POST /api/jobs/:jobId/stop: a job ends before its time with what it has, where its kind can. */
const stopAbout =
  "Ends a job early, with its results so far: a regression with its best weights; a stream takes no more queries, answers " +
  "the queries that it has, and is done.";

export function addStopRoute(app: App, port: CoordinatorPort): void {
  const options = route(
    { name: "stopJob", group: "jobs", about: stopAbout, scope: "cancel" },
    { params: jobParams, response: { 200: jobViewSchema.describe("the job") } },
  );
  app.post("/api/jobs/:jobId/stop", options, async ({ params: { jobId } }) => {
    const { kind } = port.jobView(jobId) ?? unknownJob(jobId);
    const notStopped = SERVER_KINDS[kind].web.notStopped as ((view: JobView) => ApiProblem) | null;
    if (notStopped === null) {
      const message = `job ${jobId}: expected a regression or a stream, got one of kind ${kind}`;
      throw new ApiFailure(409, "wrong-kind", message);
    }
    const hasStopped = await port.stop(jobId);
    const view = port.jobView(jobId) ?? unknownJob(jobId);
    if (hasStopped) return view;
    if (view.finishedMs !== null || view.state === "finishing") {
      throw new ApiFailure(409, "job-ended", `job ${jobId}: expected a job that runs, got one that has ended`);
    }
    const problem = notStopped(view);
    throw new ApiFailure(problem.status, problem.code, problem.message);
  });
}
