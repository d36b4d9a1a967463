import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inferenceViewOf } from "../../shared/kinds/inference/testing/inference-view.ts";
import type { WorkList, WorkView } from "../../shared/kinds/work-view.ts";
import type { LeaderboardView, TeamsView } from "../../shared/protocol/volunteer-api.ts";
import { ApiFailure, errorBody } from "./api-failure.ts";
import { schemaController } from "./schema-compilers.ts";
import { regressionViewOf } from "./testing/recorded-regression.ts";
import { RecordingPort } from "./testing/recording-port.ts";
import { addVolunteerRoutes } from "./volunteer-routes.ts";

let app: FastifyInstance;
let port: RecordingPort;

beforeEach(() => {
  port = new RecordingPort();
  app = fastify({ schemaController });
  app.setErrorHandler((error, _request, reply) =>
    error instanceof ApiFailure ? reply.code(error.status).send(errorBody(error)) : reply.code(500).send(),
  );
  addVolunteerRoutes(app, port);
});
afterEach(() => app.close());

const get = (url: string) => app.inject({ method: "GET", url });

test("[PR50] volunteers learn what a job is, for whom, what for and how far along, and nothing more", async () => {
  port.jobView = (jobId) => ({ ...inferenceViewOf(jobId), purpose: "Reading postcodes." });
  const view: WorkView = (await get("/api/work/job-1")).json();
  expect(view).toEqual({
    jobId: "job-1",
    kind: "inference",
    name: "digits",
    submitter: "ada",
    purpose: "Reading postcodes.",
    state: "running",
    progress: { done: 1, all: 3 },
  });
});

test("[PR50] of a training it tells the steps", async () => {
  port.regressionChanges = { iteration: 4, iterations: 50 };
  expect((await get("/api/work/regression-1")).json()).toMatchObject({
    kind: "regression",
    progress: { done: 4, all: 50 },
  });
});

test("[PR50] of a training that has ended it tells how: one that diverged is not simply done", async () => {
  port.jobView = (jobId) => regressionViewOf(jobId, { state: "done", endKind: "diverged", iteration: 3 });
  expect((await get("/api/work/regression-1")).json()).toMatchObject({ state: "done", endKind: "diverged" });
});

test("[PR50] an id that no assignment told opens nothing", async () => {
  expect((await get("/api/work/other")).statusCode).toBe(404);
  expect((await get("/api/work/..%2Fjobs")).statusCode).toBe(400);
});

test("[PR92] volunteers are told of the jobs at work, the newest first, and of none that runs by invitation", async () => {
  const at = (jobId: string, changes: object) => ({ ...inferenceViewOf(jobId), ...changes });
  port.jobViews = () => [
    at("old", { submittedMs: 1 }),
    at("ended", { state: "done", submittedMs: 2 }),
    at("by invitation", { submittedMs: 3, invitations: { issued: 2, used: 0, turnedAway: 0 } }),
    at("new", { submittedMs: 4 }),
  ];
  const list: WorkList = (await get("/api/work")).json();
  expect(list).toEqual({
    jobs: [expect.objectContaining({ jobId: "new" }), expect.objectContaining({ jobId: "old" })],
    more: 0,
  });
  expect(Object.keys(list.jobs[0]!).sort()).toEqual(["jobId", "kind", "name", "progress", "state", "submitter"]);
});

test("[PR51] the leaderboard has so many rows as asked for, within its limit", async () => {
  const clean = { auditsPassed: 0, auditsFailed: 0, quarantine: null };
  port.volunteers = () =>
    ["a", "b", "c"].map((name, i) => ({ ...clean, volunteerId: name, nickname: name, creditMacs: i })) as never;
  const board: LeaderboardView = (await get("/api/leaderboard?limit=1&volunteerId=b")).json();
  expect(board).toEqual({
    volunteers: 2,
    rows: [{ rank: 1, volunteerId: "c", nickname: "c", creditMacs: 2 }],
    own: { rank: 2, volunteerId: "b", nickname: "b", creditMacs: 1 },
  });
  expect((await get("/api/leaderboard?limit=101")).statusCode).toBe(400);
});

test("[PR51] teams are told with their members and totals; a name that is too long is refused", async () => {
  const clean = { auditsPassed: 0, auditsFailed: 0, quarantine: null };
  const named = (team: string, creditMacs: number) => ({
    ...clean,
    volunteerId: team,
    nickname: "n",
    team,
    creditMacs,
  });
  port.volunteers = () => [named("<b>Süd</b>", 3), named("Nord", 2)] as never;
  const view: TeamsView = (await get("/api/teams?limit=1&team=nord")).json();
  expect(view).toEqual({
    teams: 2,
    rows: [{ rank: 1, name: "<b>Süd</b>", members: 1, creditMacs: 3 }],
    own: { rank: 2, name: "Nord", members: 1, creditMacs: 2 },
  });
  expect((await get(`/api/teams?team=${"x".repeat(41)}`)).statusCode).toBe(400);
});
