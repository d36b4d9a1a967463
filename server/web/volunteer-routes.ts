/** What the worker page asks over HTTP. Open to all, tokens or not: volunteers have none. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { JobView } from "../../shared/kinds/kinds.ts";
import { LEADERBOARD_ROWS_MAX, TEAM_NAME_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import type { LeaderboardView, TeamsView, WorkView } from "../../shared/protocol/volunteer-api.ts";
import { parseOrFail } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import { leaderboard } from "./leaderboard.ts";
import { teams } from "./teams.ts";

// Not named jobId: that is closed to all but the job's owner. Its id is told to those who compute for it, and guessed by nobody.
const workParameters = z.object({ job: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "expected a job id") });
const limit = z.coerce.number().int().min(1).max(LEADERBOARD_ROWS_MAX).default(10);
const teamsQuery = z.object({ limit, team: z.string().max(TEAM_NAME_LENGTH_MAX).optional() });
const leaderboardQuery = z.object({
  limit,
  volunteerId: z.string().max(64).optional(),
});

export function addVolunteerRoutes(app: FastifyInstance, port: Pick<CoordinatorPort, "jobView" | "volunteers">): void {
  app.get("/api/work/:job", async (request): Promise<WorkView> => {
    const { job } = parseOrFail(workParameters, request.params, "address");
    const view = port.jobView(job);
    return view === null ? unknownJob(job) : workView(view);
  });

  app.get("/api/leaderboard", async (request): Promise<LeaderboardView> => {
    const { limit, volunteerId } = parseOrFail(leaderboardQuery, request.query, "query");
    return leaderboard(port.volunteers(), limit, volunteerId ?? null);
  });

  app.get("/api/teams", async (request): Promise<TeamsView> => {
    const { limit, team } = parseOrFail(teamsQuery, request.query, "query");
    return teams(port.volunteers(), limit, team ?? null);
  });
}

function workView(view: JobView): WorkView {
  const { jobId, kind, name, submitter, purpose, state } = view;
  const progress = progressOf(view);
  return { jobId, kind, name, submitter, ...(purpose === undefined ? {} : { purpose }), state, progress };
}

function progressOf(view: JobView): WorkView["progress"] {
  switch (view.kind) {
    case "inference":
      return { unit: "answers", done: view.finalCount, all: view.queryCount };
    case "regression":
      return { unit: "iterations", done: view.iteration, all: view.iterations };
    case "matmul":
      return { unit: "slices", done: view.slicesDone, all: view.slices };
  }
}
