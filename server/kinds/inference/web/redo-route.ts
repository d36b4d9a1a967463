/** POST /api/jobs/:jobId/redo: answers of a job that are not final are done again. SPEC.md TB4. */
import { redoRequestSchema, redoStartedSchema } from "../../../../shared/kinds/inference/redo.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { type ApiProblem, isProblem } from "../../../web/coordinator-port.ts";
import { orLater } from "../../../web/later-answers.ts";
import { jobParams, named, route } from "../../../web/route.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";
import { requireInference } from "./stream-routes.ts";

const about =
  "Answers of a job that has ended and that are not final are done again, by a job of their own, which is checked as any other. The first job, its " +
  "answers and its receipt stay as they are; `redone=yes` puts what both have together. Asked again while it is at work it is the same job.";

export function addRedoRoute(
  { app, port, ownership, later }: Pick<Web, "app" | "port" | "ownership" | "later">,
  desk: InferencePort,
): void {
  const options = route(
    { name: "redoJob", group: "jobs", about, scope: "submit" },
    {
      params: jobParams,
      body: named("redo", redoRequestSchema),
      response: { 201: redoStartedSchema.describe("the job that does them again"), ...orLater },
    },
  );
  app.post("/api/jobs/:jobId/redo", options, async (request, reply) => {
    const { jobId } = request.params;
    requireInference(port, desk, jobId);
    return later.give(request, reply, 201, async () => {
      const begun = await desk.redo(jobId, request.body.only, {
        put: (bytes) => ownership.put(request, bytes),
        submit: (submission, submit) => ownership.submitOwn(request, submission, submit),
      });
      return isProblem(begun) ? refuse(begun) : begun;
    });
  });
}

function refuse({ status, code, message }: ApiProblem): never {
  throw new ApiFailure(status, code, message);
}
