/** Who is connected, who is trusted, and how the coordinator is. Of other people's jobs nothing is told, not even an id. */
import { z } from "zod";
import {
  type QuarantineCause,
  sessionViewSchema,
  statusViewSchema,
  volunteerViewSchema,
} from "../../shared/protocol/crowd-api.ts";
import { CROWD_ROWS_MAX } from "../../shared/protocol/limits.ts";
import { type ServiceView, serviceViewSchema } from "../../shared/protocol/service-api.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import type { Ownership } from "./ownership.ts";
import { type App, route } from "./route.ts";

const group = "crowd";
const pageQuery = z.object({
  offset: z.coerce.number().int().min(0).default(0).describe("rows that are passed over"),
  limit: z.coerce.number().int().min(1).max(CROWD_ROWS_MAX).default(CROWD_ROWS_MAX).describe("rows at most"),
});
const volunteersQuery = pageQuery.extend({ state: z.enum(["quarantined"]).optional().describe("only these") });

export interface ServicePort {
  view(): Promise<ServiceView>;
}

/** @param service all coordinators that are there */
export function addCrowdRoutes(app: App, port: CoordinatorPort, ownership: Ownership, service: ServicePort): void {
  const sessionsAbout = "The tabs that are connected, with their speed and recent work, a page at a time.";
  app.get(
    "/api/sessions",
    route(
      { name: "sessions", group, about: sessionsAbout, scope: "read" },
      { querystring: pageQuery, response: { 200: z.array(sessionViewSchema).describe("one row a tab") } },
    ),
    async (request) =>
      port.sessions(request.query).map((session) => ({
        ...session,
        recent: session.recent.filter(({ jobId }) => ownership.isOwn(request, jobId)),
      })),
  );

  const options = route(
    {
      name: "volunteers",
      group,
      about: "Everybody who ever gave compute, with credit, record and quarantine, a page at a time.",
      scope: "read",
    },
    {
      querystring: volunteersQuery,
      response: { 200: z.array(volunteerViewSchema).describe("one row a volunteer") },
    },
  );
  app.get("/api/volunteers", options, async (request) => {
    const { state, ...page } = request.query;
    return port.volunteers(page, state === "quarantined").map((volunteer) => {
      const { quarantine, released } = volunteer;
      const told = (cause: QuarantineCause) =>
        ownership.isOwn(request, cause.jobId) ? cause : { ...cause, jobId: "" };
      return {
        ...volunteer,
        quarantine: quarantine && told(quarantine),
        released: released && { ...released, from: told(released.from) },
      };
    });
  });

  const about = "The state of the coordinator: sessions, jobs, its work, and why no work is sent out, if so.";
  app.get(
    "/api/status",
    route(
      { name: "status", group, about, scope: null },
      { response: { 200: statusViewSchema.describe("the status") } },
    ),
    async () => {
      const { sums, cells } = await service.view();
      return { ...port.status(), ...(cells.length === 1 ? {} : { service: sums }) };
    },
  );

  const serviceAbout =
    "The whole service, as any of its coordinators tells it: tabs, jobs and a line for each coordinator (cell), those that went within a day too.";
  app.get(
    "/api/service",
    route(
      { name: "service", group, about: serviceAbout, scope: "read" },
      { response: { 200: serviceViewSchema.describe("the service") } },
    ),
    () => service.view(),
  );
}
