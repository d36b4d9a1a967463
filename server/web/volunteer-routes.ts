/** What the worker page asks over HTTP. Open to all, tokens or not: volunteers have none. */
import { z } from "zod";
import { type JobView, kindFactsOf } from "../../shared/kinds/kinds.ts";
import { type WorkList, type WorkView, workListSchema, workViewSchema } from "../../shared/kinds/work-view.ts";
import { LEADERBOARD_ROWS_MAX, TEAM_NAME_LENGTH_MAX, WORK_LISTED_MAX } from "../../shared/protocol/limits.ts";
import { leaderboardViewSchema, teamsViewSchema } from "../../shared/protocol/volunteer-api.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import { leaderboard } from "./leaderboard.ts";
import { type App, route, workParams } from "./route.ts";
import { teams } from "./teams.ts";
import { addWorkEvents } from "./work-events.ts";

const group = "crowd";
const limit = z.coerce.number().int().min(1).max(LEADERBOARD_ROWS_MAX).default(10).describe("so many at most");
const teamsQuery = z.object({
  limit,
  team: z.string().max(TEAM_NAME_LENGTH_MAX).optional().describe("whose own place is told too"),
});
const leaderboardQuery = z.object({
  limit,
  volunteerId: z.string().max(64).optional().describe("whose own place is told too"),
});

const workAbout = "What volunteers may know of a job that they compute for.";
const workListAbout = "What volunteers can choose from: the jobs at work, as far as volunteers may know them.";
const teamsAbout = "Teams of volunteers, by the verified work of their members, the most first.";

export function addVolunteerRoutes(app: App, port: Pick<CoordinatorPort, "jobView" | "jobViews" | "volunteers">): void {
  app.get(
    "/api/work",
    route(
      { name: "workList", group, about: workListAbout, scope: null },
      { response: { 200: workListSchema.describe("what a volunteer can work for") } },
    ),
    async () => workList(port.jobViews()),
  );

  addWorkEvents(app, () => workList(port.jobViews()));

  app.get(
    "/api/work/:job",
    route(
      { name: "work", group, about: workAbout, scope: null },
      { params: workParams, response: { 200: workViewSchema.describe("name, submitter, kind and progress") } },
    ),
    async ({ params: { job } }) => workView(port.jobView(job) ?? unknownJob(job)),
  );

  app.get(
    "/api/leaderboard",
    route(
      { name: "leaderboard", group, about: "Volunteers with verified work, the most first.", scope: null },
      { querystring: leaderboardQuery, response: { 200: leaderboardViewSchema.describe("the first places") } },
    ),
    async ({ query: { limit, volunteerId } }) => leaderboard(port.volunteers(), limit, volunteerId ?? null),
  );

  app.get(
    "/api/teams",
    route(
      { name: "teams", group, about: teamsAbout, scope: null },
      { querystring: teamsQuery, response: { 200: teamsViewSchema.describe("the first places") } },
    ),
    async ({ query: { limit, team } }) => teams(port.volunteers(), limit, team ?? null),
  );
}

/** [PR92] Whoever may not take part by choosing is not told of a job: those that run by invitation. */
function workList(views: readonly JobView[]): WorkList {
  const isOpen = (view: JobView) => !HAS_ENDED.has(view.state) && !isByInvitation(view);
  const atWork = views.filter(isOpen).sort((a, b) => b.submittedMs - a.submittedMs);
  return { jobs: atWork.slice(0, WORK_LISTED_MAX).map(workView), more: Math.max(0, atWork.length - WORK_LISTED_MAX) };
}

function isByInvitation(view: JobView): boolean {
  return "invitations" in view && view.invitations !== null;
}

const HAS_ENDED: ReadonlySet<JobView["state"]> = new Set(["done", "failed", "cancelled"]);

function workView(view: JobView): WorkView {
  const { jobId, kind, name, submitter, purpose, state } = view;
  const progress = kindFactsOf(kind).progressOf(view as never);
  const said = purpose === undefined ? {} : { purpose };
  return {
    jobId,
    kind,
    name,
    submitter,
    ...said,
    state,
    ...("endKind" in view && view.endKind !== null && { endKind: view.endKind }),
    ...(isByInvitation(view) && { isByInvitation: true }),
    progress,
  };
}
