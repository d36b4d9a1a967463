/** The operator's desk: who was quarantined and by what, letting somebody go, and what happened in a job. For administrators. */
import { z } from "zod";
import { volunteerViewSchema } from "../../shared/protocol/crowd-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import {
  type Evidence,
  type JobLogView,
  jobLogViewSchema,
  type QuarantineView,
  quarantineViewSchema,
  releaseRequestSchema,
} from "../../shared/protocol/operator-api.ts";
import { ApiFailure } from "./api-failure.ts";
import { type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import type { OperatorPort } from "./operator-routes.ts";
import { type App, jobParams, named, route, volunteerParams } from "./route.ts";

const group = "operators";

export function addDeskRoutes(
  app: App,
  port: Pick<CoordinatorPort, "volunteers" | "release" | "releaseNamedBy">,
  operator: Pick<OperatorPort, "jobLog">,
): void {
  const quarantinesAbout = "Who is quarantined, or was and has been released: for what, and on what evidence.";
  const quarantines = route(
    { name: "quarantines", group, about: quarantinesAbout, scope: "admin" },
    { response: { 200: z.array(quarantineViewSchema).describe("one row a volunteer") } },
  );
  app.get("/api/quarantines", quarantines, async () => {
    const found = port.volunteers().filter(({ quarantine, released }) => quarantine !== null || released !== null);
    const logs = new Map<string, JobLogView | null>();
    const views: QuarantineView[] = [];
    for (const volunteer of found) {
      const { jobId } = volunteer.quarantine ?? volunteer.released!.from;
      if (!logs.has(jobId)) logs.set(jobId, await operator.jobLog(jobId));
      views.push({ ...volunteer, evidence: evidenceIn(logs.get(jobId) ?? null, volunteer.volunteerId) });
    }
    return views;
  });

  const releaseAbout = "A quarantined volunteer may work again, as a newcomer. What was done again stays done again.";
  const release = route(
    { name: "releaseVolunteer", group, about: releaseAbout, scope: "admin" },
    {
      params: volunteerParams,
      body: named("release", releaseRequestSchema),
      response: { 200: volunteerViewSchema.describe("its row, once that is durable") },
    },
  );
  app.post(
    "/api/volunteers/:volunteerId/release",
    { ...release, bodyLimit: SUBMISSION_BYTES_MAX },
    async ({ params: { volunteerId }, body: { reason } }) => {
      const reply = await port.release(volunteerId, reason);
      if (isProblem(reply)) throw new ApiFailure(reply.status, reply.code, reply.message);
      return reply;
    },
  );

  const releaseAllAbout =
    "Everybody that this job quarantined may work again, as newcomers; the reason goes into each one's record.";
  const releaseAll = route(
    { name: "releaseNamedBy", group, about: releaseAllAbout, scope: "admin" },
    {
      params: jobParams,
      body: named("release", releaseRequestSchema),
      response: { 200: z.array(volunteerViewSchema).describe("their rows, once all of that is durable") },
    },
  );
  app.post(
    "/api/jobs/:jobId/release-volunteers",
    { ...releaseAll, bodyLimit: SUBMISSION_BYTES_MAX },
    async ({ params: { jobId }, body: { reason } }) => {
      const reply = await port.releaseNamedBy(jobId, reason);
      if (isProblem(reply)) throw new ApiFailure(reply.status, reply.code, reply.message);
      return reply;
    },
  );

  const logAbout = "What happened in a job, in order: what was sent, answered, checked, published and withdrawn.";
  const log = route(
    { name: "jobLog", group, about: logAbout, scope: "admin" },
    { params: jobParams, response: { 200: jobLogViewSchema.describe("its entries") } },
  );
  app.get("/api/jobs/:jobId/log", log, async ({ params: { jobId } }) => {
    const log = await operator.jobLog(jobId);
    if (log === null) throw new ApiFailure(404, "no-log", `no log of a job ${jobId} is kept`);
    return log;
  });
}

function evidenceIn(log: JobLogView | null, volunteerId: string): Evidence[] {
  return (log?.entries ?? []).flatMap((entry): Evidence[] => {
    if (entry.what !== "evidence" || entry.volunteerId !== volunteerId) return [];
    const { atMs, roundIndex = 0, workerIndex = 0, assignmentId, rows = [] } = entry;
    return [{ atMs, roundIndex, workerIndex, ...(assignmentId === undefined ? {} : { assignmentId }), rows }];
  });
}
