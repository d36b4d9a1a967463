/** GET /api/jobs/:jobId/receipt.json: who computed what, how it was checked, and the chance that a wrong result passed. */
import type { FastifyInstance } from "fastify";
import { ApiFailure } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { jobIdOf, unknownJob } from "./job-address.ts";

export function addReceiptRoute(app: FastifyInstance, port: CoordinatorPort): void {
  app.get("/api/jobs/:jobId/receipt.json", async (request, reply) => {
    const jobId = jobIdOf(request.params);
    const receipt = (await port.receipt(jobId)) ?? unknownJob(jobId);
    if (receipt === "not-ended") {
      throw new ApiFailure(409, "job-runs", `job ${jobId}: expected a job that has ended, got one that still runs`);
    }
    return reply.header("content-disposition", `attachment; filename="${jobId}-receipt.json"`).send(receipt);
  });
}
