/** What each tab did for a job. */
import { jobTimelineSchema } from "../../shared/protocol/timeline-api.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import { type App, jobParams, route } from "./route.ts";

const about =
  "What each tab did for a job, the latest first to last, since the coordinator started; and how the first answers of its rounds compare with those that stand now.";

export function addLookRoutes(app: App, port: CoordinatorPort): void {
  const options = route(
    { name: "timeline", group: "jobs", about, scope: "read" },
    { params: jobParams, response: { 200: jobTimelineSchema.describe("the timeline") } },
  );
  app.get(
    "/api/jobs/:jobId/timeline",
    options,
    async ({ params: { jobId } }) => (await port.timeline(jobId)) ?? unknownJob(jobId),
  );
}
