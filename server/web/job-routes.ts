/** Jobs: submit, look at, cancel; and their rounds. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { inferenceSubmissionSchema, type JobView } from "../../shared/protocol/api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure, parseOrFail } from "./api-failure.ts";
import { type CoordinatorPort, isProblem } from "./coordinator-port.ts";

const jobParameters = z.object({ jobId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a job id") });

export function addJobRoutes(app: FastifyInstance, port: CoordinatorPort): void {
  app.post("/api/jobs", { bodyLimit: SUBMISSION_BYTES_MAX }, async (request, reply) => {
    const submission = parseOrFail(inferenceSubmissionSchema, request.body, "job");
    const answer = await port.submit(submission);
    if (isProblem(answer)) throw new ApiFailure(answer.status, answer.code, answer.message);
    return reply.code(201).send({ jobId: answer.jobId });
  });

  app.get("/api/jobs", async () => port.jobViews());

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

  app.get("/api/jobs/:jobId/rounds", async (request) => {
    const jobId = jobIdOf(request.params);
    return port.rounds(jobId) ?? unknownJob(jobId);
  });
}

export function jobIdOf(parameters: unknown): string {
  return parseOrFail(jobParameters, parameters, "address").jobId;
}

export function unknownJob(jobId: string): never {
  throw new ApiFailure(404, "unknown-job", `there is no job ${jobId}`);
}
