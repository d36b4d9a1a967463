/** Who is connected, who is trusted, and how the coordinator is. Of other people's jobs nothing is told, not even an id. */
import { z } from "zod";
import {
  type QuarantineCause,
  sessionViewSchema,
  statusViewSchema,
  volunteerViewSchema,
} from "../../shared/protocol/crowd-api.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import type { Ownership } from "./ownership.ts";
import { type App, route } from "./route.ts";

const group = "crowd";
const volunteersQuery = z.object({ state: z.enum(["quarantined"]).optional().describe("only these") });

export function addCrowdRoutes(app: App, port: CoordinatorPort, ownership: Ownership): void {
  const sessionsAbout = "The tabs that are connected, with their speed and recent work.";
  app.get(
    "/api/sessions",
    route(
      { name: "sessions", group, about: sessionsAbout, scope: "read" },
      { response: { 200: z.array(sessionViewSchema).describe("one row a tab") } },
    ),
    async (request) =>
      port.sessions().map((session) => ({
        ...session,
        recent: session.recent.filter(({ jobId }) => ownership.isOwn(request, jobId)),
      })),
  );

  const options = route(
    {
      name: "volunteers",
      group,
      about: "Everybody who ever gave compute, with credit, record and quarantine.",
      scope: "read",
    },
    {
      querystring: volunteersQuery,
      response: { 200: z.array(volunteerViewSchema).describe("one row a volunteer") },
    },
  );
  app.get("/api/volunteers", options, async (request) => {
    const { state } = request.query;
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

  const about = "How the coordinator is: sessions, jobs, what it is busy with, and why nothing is sent out, if so.";
  app.get(
    "/api/status",
    route(
      { name: "status", group, about, scope: null },
      { response: { 200: statusViewSchema.describe("the status") } },
    ),
    async () => port.status(),
  );
}
