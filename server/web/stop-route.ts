/** POST /api/jobs/:jobId/stop: a job ends before its time with what it has: a training with its best weights, a stream answered. */
import type { FastifyInstance } from "fastify";
import type { JobView } from "../../shared/kinds/kinds.ts";
import { ApiFailure } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { jobIdOf, unknownJob } from "./job-address.ts";

export function addStopRoute(app: FastifyInstance, port: CoordinatorPort): void {
  app.post("/api/jobs/:jobId/stop", async (request): Promise<JobView> => {
    const jobId = jobIdOf(request.params);
    const before = port.jobView(jobId) ?? unknownJob(jobId);
    if (before.kind === "matmul") {
      throw new ApiFailure(
        409,
        "wrong-kind",
        `job ${jobId}: expected a gradient job or a stream, got one of kind matmul`,
      );
    }
    const hasStopped = await port.stop(jobId);
    const view = port.jobView(jobId) ?? unknownJob(jobId);
    if (!hasStopped) throw notStopped(view);
    return view;
  });
}

function notStopped(view: JobView): ApiFailure {
  const { jobId, state, finishedMs } = view;
  if (finishedMs !== null || state === "finishing") {
    return new ApiFailure(409, "job-ended", `job ${jobId}: expected a job that runs, got one that has ended`);
  }
  if (view.kind === "inference") {
    const got =
      view.stream === undefined ? "a job that ends by itself; cancel it instead" : "one that is closed already";
    return new ApiFailure(409, "not-open", `job ${jobId}: expected a stream that is open, got ${got}`);
  }
  return new ApiFailure(
    409,
    "no-weights",
    `job ${jobId}: expected a job with weights to end with, got one before its first iteration; cancel it instead`,
  );
}
