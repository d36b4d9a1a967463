/** Jobs of every kind: submit, ask the price, look at, cancel. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import {
  currentKind,
  estimateRequestSchema,
  estimateSchema,
  JOB_KINDS,
  type JobKind,
  jobViewSchema,
  kindFactsOf,
  submissionSchema,
} from "../../shared/kinds/kinds.ts";
import { jobSubmittedSchema } from "../../shared/protocol/job-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";
import { type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import type { Ownership } from "./ownership.ts";
import { type App, jobParams, named, route } from "./route.ts";
import { SubmissionKeys, submissionKeyHeader, submissionKeyOf } from "./submission-keys.ts";

const group = "jobs";
const posted = { bodyLimit: SUBMISSION_BYTES_MAX, preValidation: asPosted };

export function addJobRoutes(app: App, port: CoordinatorPort, ownership: Ownership): void {
  const keys = new SubmissionKeys(async (jobId) => {
    await port.recall(jobId);
    return port.jobView(jobId) !== null;
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
          },
        },
      ),
      ...posted,
    },
    async (request, reply) => {
      const answer = await keys.once(ownership.submitterOf(request), submissionKeyOf(request), (jobId) =>
        ownership.submit(request, request.body, jobId),
      );
      if (isProblem(answer)) throw new ApiFailure(answer.status, answer.code, answer.message);
      const { jobId, invitations } = answer;
      // Invitations are secrets that are told once.
      reply.header("cache-control", "no-store");
      return reply.code(201).send(invitations === undefined ? { jobId } : { jobId, invitations });
    },
  );

  const estimateAbout =
    "What a job would cost, and how long it would take. It is checked as the submission would be, and begins nothing.";
  app.post(
    "/api/estimates",
    {
      ...route(
        { name: "estimate", group, about: estimateAbout, scope: "submit" },
        { body: named("job", estimateRequestSchema), response: { 200: estimateSchema.describe("the estimate") } },
      ),
      ...posted,
    },
    async (request) => {
      ownership.requireOwnUploads(request, request.body);
      const estimate = await port.estimate(request.body);
      if (isProblem(estimate)) throw new ApiFailure(estimate.status, estimate.code, estimate.message);
      return estimate;
    },
  );

  app.get(
    "/api/jobs",
    route(
      { name: "jobs", group, about: "Your jobs, the latest first.", scope: "read" },
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
      { name: "cancelJob", group, about: "Ends a job; what it has answered by then stays.", scope: "cancel" },
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
