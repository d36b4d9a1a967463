/** Who is connected, who is trusted, and how the coordinator is. Of other people's jobs nothing is told, not even an id. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { QuarantineCause, SessionView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { parseOrFail } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import type { Ownership } from "./ownership.ts";

const volunteersQuery = z.object({ state: z.enum(["quarantined"]).optional() });

export function addCrowdRoutes(app: FastifyInstance, port: CoordinatorPort, ownership: Ownership): void {
  app.get(
    "/api/sessions",
    async (request): Promise<SessionView[]> =>
      port.sessions().map((session) => ({
        ...session,
        recent: session.recent.filter(({ jobId }) => ownership.isOwn(request, jobId)),
      })),
  );

  app.get("/api/volunteers", async (request): Promise<VolunteerView[]> => {
    const { state } = parseOrFail(volunteersQuery, request.query, "query");
    const volunteers = port.volunteers().map((volunteer) => {
      const { quarantine, released } = volunteer;
      const told = (cause: QuarantineCause) =>
        ownership.isOwn(request, cause.jobId) ? cause : { ...cause, jobId: "" };
      return {
        ...volunteer,
        quarantine: quarantine && told(quarantine),
        released: released && { ...released, from: told(released.from) },
      };
    });
    return state === "quarantined" ? volunteers.filter((volunteer) => volunteer.quarantine !== null) : volunteers;
  });

  app.get("/api/status", async () => port.status());
}
