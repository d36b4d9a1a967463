/** POST /api/jobs/:jobId/unchecked: a job whose answers nothing can check goes on all the same. SPEC.md VF14. */
import { jobViewSchema } from "../../../../shared/kinds/kinds.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { unknownJob } from "../../../web/job-address.ts";
import { jobParams, route } from "../../../web/route.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";
import { requireInference } from "./stream-routes.ts";

const about =
  "Lets a suspended job go on: its answers are taken as they come, marked unchecked, and none is final. To give it up, cancel it.";

export function addUncheckedRoute({ app, port }: Pick<Web, "app" | "port">, desk: InferencePort): void {
  const options = route(
    { name: "goOnUnchecked", group: "jobs", about, scope: "submit" },
    { params: jobParams, response: { 200: jobViewSchema.describe("the job") } },
  );
  app.post("/api/jobs/:jobId/unchecked", options, async ({ params: { jobId } }) => {
    requireInference(port, desk, jobId);
    if (!desk.goOnUnchecked(jobId)) {
      throw new ApiFailure(409, "not-suspended", `job ${jobId}: expected one that is suspended, got one that is not`);
    }
    return port.jobView(jobId) ?? unknownJob(jobId);
  });
}
