/** Jobs of every kind: submit, look at, cancel. */
import type { FastifyInstance } from "fastify";
import { type JobView, submissionSchema } from "../../shared/kinds/kinds.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure, parseOrFail } from "./api-failure.ts";
import { type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import { requireAimAlone } from "./estimate-routes.ts";
import { jobIdOf, unknownJob } from "./job-address.ts";
import type { Ownership } from "./ownership.ts";
import { SubmissionKeys, submissionKeyOf } from "./submission-keys.ts";

export function addJobRoutes(app: FastifyInstance, port: CoordinatorPort, ownership: Ownership): void {
  const keys = new SubmissionKeys(async (jobId) => {
    await port.recall(jobId);
    return port.jobView(jobId) !== null;
  });

  app.post("/api/jobs", { bodyLimit: SUBMISSION_BYTES_MAX }, async (request, reply) => {
    const submission = parseOrFail(submissionSchema, request.body, "job");
    requireAimAlone(request.body);
    const answer = await keys.once(ownership.submitterOf(request), submissionKeyOf(request), (jobId) =>
      ownership.submit(request, submission, jobId),
    );
    if (isProblem(answer)) throw new ApiFailure(answer.status, answer.code, answer.message);
    const { jobId, invitations } = answer;
    // Invitations are secrets that are told once.
    reply.header("cache-control", "no-store");
    return reply.code(201).send(invitations === undefined ? { jobId } : { jobId, invitations });
  });

  app.get("/api/jobs", async (request) => ownership.own(request, port.jobViews()));

  app.get("/api/jobs/:jobId", async (request): Promise<JobView> => {
    const jobId = jobIdOf(request.params);
    return port.jobView(jobId) ?? unknownJob(jobId);
  });

  app.delete("/api/jobs/:jobId", async (request): Promise<JobView> => {
    const jobId = jobIdOf(request.params);
    if (port.jobView(jobId) === null) unknownJob(jobId);
    if (!(await port.cancel(jobId))) {
      throw new ApiFailure(409, "job-ended", `job ${jobId}: expected a job that runs, got one that has ended`);
    }
    return port.jobView(jobId) ?? unknownJob(jobId);
  });
}
