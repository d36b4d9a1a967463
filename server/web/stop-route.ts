/** POST /api/jobs/:jobId/stop: a job ends before its time with what it has, where its kind can. */
import type { FastifyInstance } from "fastify";
import type { JobView } from "../../shared/kinds/kinds.ts";
import { WEB_KINDS } from "../kinds/web-kinds.ts";
import { ApiFailure } from "./api-failure.ts";
import type { ApiProblem, CoordinatorPort } from "./coordinator-port.ts";
import { jobIdOf, unknownJob } from "./job-address.ts";

export function addStopRoute(app: FastifyInstance, port: CoordinatorPort): void {
  app.post("/api/jobs/:jobId/stop", async (request): Promise<JobView> => {
    const jobId = jobIdOf(request.params);
    const { kind } = port.jobView(jobId) ?? unknownJob(jobId);
    const notStopped = WEB_KINDS[kind].notStopped as ((view: JobView) => ApiProblem) | null;
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
