/** The operator's desk: who was quarantined and by what, letting somebody go, and what happened in a job. For administrators. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import {
  type Evidence,
  type JobLogView,
  type QuarantineView,
  releaseRequestSchema,
} from "../../shared/protocol/operator-api.ts";
import { ApiFailure, parseOrFail } from "./api-failure.ts";
import { type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import type { OperatorPort } from "./operator-routes.ts";

const volunteerAddress = z.object({
  volunteerId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a volunteer id"),
});
const jobAddress = z.object({ jobId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a job id") });

export function addDeskRoutes(
  app: FastifyInstance,
  port: Pick<CoordinatorPort, "volunteers" | "release">,
  operator: Pick<OperatorPort, "jobLog">,
): void {
  app.get("/api/quarantines", async (): Promise<QuarantineView[]> => {
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

  app.post(
    "/api/volunteers/:volunteerId/release",
    { bodyLimit: SUBMISSION_BYTES_MAX },
    async (request): Promise<VolunteerView> => {
      const { volunteerId } = parseOrFail(volunteerAddress, request.params, "address");
      const { reason } = parseOrFail(releaseRequestSchema, request.body, "release");
      const reply = await port.release(volunteerId, reason);
      if (isProblem(reply)) throw new ApiFailure(reply.status, reply.code, reply.message);
      return reply;
    },
  );

  app.get("/api/jobs/:jobId/log", async (request): Promise<JobLogView> => {
    const { jobId } = parseOrFail(jobAddress, request.params, "address");
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
