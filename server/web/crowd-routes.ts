/** Who is connected, who is trusted, and how the coordinator is. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { parseOrFail } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";

const volunteersQuery = z.object({ state: z.enum(["quarantined"]).optional() });

export function addCrowdRoutes(app: FastifyInstance, port: CoordinatorPort): void {
  app.get("/api/sessions", async () => port.sessions());

  app.get("/api/volunteers", async (request) => {
    const { state } = parseOrFail(volunteersQuery, request.query, "query");
    const volunteers = port.volunteers();
    return state === "quarantined" ? volunteers.filter((volunteer) => volunteer.quarantine !== null) : volunteers;
  });

  app.get("/api/status", async () => port.status());

  app.get("/healthz", async () => ({ ok: true }));
}
