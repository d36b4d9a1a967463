/** POST /api/jobs/:jobId/stop: a job ends before its time with what it has, where its kind can. */
import { type JobView, jobViewSchema } from "../../shared/kinds/kinds.ts";
import { WEB_KINDS } from "../kinds/web-kinds.ts";
import { ApiFailure } from "./api-failure.ts";
import type { ApiProblem, CoordinatorPort } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import { type App, jobParams, route } from "./route.ts";

const about =
  "Ends a job before its time, with what it has: a training with its best weights; a stream takes no more queries, answers " +
  "those that it has, and is done.";

export function addStopRoute(app: App, port: CoordinatorPort): void {
  const options = route(
    { name: "stopJob", group: "jobs", about, scope: "cancel" },
    { params: jobParams, response: { 200: jobViewSchema.describe("the job") } },
  );
  app.post("/api/jobs/:jobId/stop", options, async ({ params: { jobId } }) => {
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
