/** Jobs as a list, how one was asked for, and deleting one with its data. */
import {
  jobDeletedSchema,
  jobListQuerySchema,
  jobListSchema,
  submissionAskedSchema,
} from "../../shared/kinds/job-list.ts";
import { ApiFailure } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import type { OperatorPort } from "./operator-routes.ts";
import type { Ownership } from "./ownership.ts";
import { type App, jobParams, route } from "./route.ts";

const group = "jobs";

export function addJobListRoutes(
  app: App,
  port: Pick<CoordinatorPort, "jobList" | "submission" | "deleteJob">,
  ownership: Pick<Ownership, "jobsOf" | "disown">,
  operator: Pick<OperatorPort, "forgetJob">,
): void {
  const listAbout =
    "Your jobs page by page, the latest first, however long ago they ended: what each is called, its state and how far it is.";
  app.get(
    "/api/job-list",
    route(
      { name: "jobList", group, about: listAbout, scope: "read" },
      { querystring: jobListQuerySchema, response: { 200: jobListSchema.describe("a page of them") } },
    ),
    async (request) => port.jobList(request.query, ownership.jobsOf(request)),
  );

  const submissionAbout = "What was submitted: posted again it is the same job, as long as its uploads are kept.";
  app.get(
    "/api/jobs/:jobId/submission",
    route(
      { name: "submission", group, about: submissionAbout, scope: "read" },
      { params: jobParams, response: { 200: submissionAskedSchema.describe("the submission") } },
    ),
    async ({ params: { jobId } }) => (await port.submission(jobId)) ?? unknownJob(jobId),
  );

  const deleteAbout =
    "Deletes a job that has ended: its record, answers, queries, receipt and log. Uploads go when no other job needs them. " +
    "What its volunteers earned stays.";
  app.delete(
    "/api/jobs/:jobId/data",
    route(
      { name: "deleteJob", group, about: deleteAbout, scope: "cancel" },
      { params: jobParams, response: { 200: jobDeletedSchema.describe("its id, which means nothing any more") } },
    ),
    async ({ params: { jobId } }) => {
      const outcome = await port.deleteJob(jobId);
      if (outcome === "unknown") unknownJob(jobId);
      if (outcome === "not-ended") {
        throw new ApiFailure(
          409,
          "job-runs",
          `job ${jobId}: expected a job that has ended, got one that runs; cancel it first`,
        );
      }
      await operator.forgetJob(jobId);
      await ownership.disown(jobId);
      return { jobId };
    },
  );
}
