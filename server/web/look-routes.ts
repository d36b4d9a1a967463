/** What each tab did for a job. */
import type { FastifyInstance } from "fastify";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { jobIdOf, unknownJob } from "./job-address.ts";

export function addLookRoutes(app: FastifyInstance, port: CoordinatorPort): void {
  app.get("/api/jobs/:jobId/timeline", async (request) => {
    const jobId = jobIdOf(request.params);
    return (await port.timeline(jobId)) ?? unknownJob(jobId);
  });
}
