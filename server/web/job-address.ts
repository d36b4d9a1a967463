/** The job that an address names. */
import type { FastifyInstance } from "fastify";
import { ApiFailure, parseOrFail } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { jobParams } from "./route.ts";

/** @throws ApiFailure 400 where it can be no job's id */
export function jobIdOf(parameters: unknown): string {
  return parseOrFail(jobParams, parameters, "address").jobId;
}

/** The same words for a job that does not exist and for somebody else's. */
export function unknownJob(jobId: string): never {
  throw new ApiFailure(404, "unknown-job", `there is no job ${jobId}`);
}

/** A job that is not at hand any more is, before a route looks for it; and once it is known that the caller may ask about it. */
export function addRecall(app: FastifyInstance, port: Pick<CoordinatorPort, "recall">): void {
  app.addHook("preHandler", async (request) => {
    const { jobId } = (request.params ?? {}) as { jobId?: string };
    if (jobId !== undefined) await port.recall(jobIdOf(request.params));
  });
}
