/** The operator's desk over HTTP: for administrators alone, and clear about what it expects. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Scope } from "../../shared/protocol/access-api.ts";
import { RELEASE_REASON_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import type { JobLogView } from "../../shared/protocol/operator-api.ts";
import { AccessTokens } from "../access/access-tokens.ts";
import { Belongings } from "../access/belongings.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { createApi } from "./api.ts";
import type { AskedChange } from "./change-hook.ts";
import { createHostRules } from "./host-rules.ts";
import { NO_OPERATOR } from "./operator-routes.ts";
import { RecordingPort } from "./testing/recording-port.ts";

const ROWS = [{ row: 4, received: [1, 0], expected: [0, 1], deviation: 1.5 }];
const LOG: JobLogView = {
  jobId: "job-1",
  isCut: false,
  entries: [
    { atMs: 5, what: "submitted" },
    { atMs: 9, what: "evidence", roundIndex: 0, workerIndex: 3, assignmentId: 7, volunteerId: "v2", rows: ROWS },
    { atMs: 9, what: "evidence", roundIndex: 0, workerIndex: 4, assignmentId: 8, volunteerId: "other", rows: ROWS },
  ],
};

let directory: string;
let store: SqliteStore;
let tokens: AccessTokens;
let port: RecordingPort;
let app: FastifyInstance;
let changes: AskedChange[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-desk-"));
  store = await openSqliteStore(directory);
  tokens = await AccessTokens.open(store.submitters);
  port = new RecordingPort();
  changes = [];
  app = await createApi({
    port,
    store,
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client: null, swarm: null },
    isHttps: false,
    access: { tokens, belongings: await Belongings.open(store.submitters) },
    operator: { ...NO_OPERATOR, jobLog: async (jobId) => (jobId === LOG.jobId ? LOG : null) },
    onChangeAsked: (change) => changes.push(change),
  });
});
afterEach(async () => {
  await app.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const tokenWith = async (...scopes: Scope[]) => (await tokens.create({ submitter: "ada", scopes, days: null })).token;
const call = (token: string | null, options: InjectOptions) =>
  app.inject({
    ...options,
    headers: { host: "localhost", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
  } as InjectOptions);
const release = (token: string | null, volunteerId: string, payload: unknown) =>
  call(token, { method: "POST", url: `/api/volunteers/${volunteerId}/release`, payload: payload as object });

test("[AC6] whoever may do everything but administer sees no quarantine, no log, and releases nobody", async () => {
  const asked: InjectOptions[] = [
    { method: "GET", url: "/api/quarantines" },
    { method: "GET", url: "/api/jobs/job-1/log" },
    { method: "POST", url: "/api/volunteers/v2/release", payload: { reason: "please" } },
  ];
  const other = await tokenWith("submit", "read", "cancel");
  for (const options of asked) {
    expect((await call(null, options)).statusCode).toBe(401);
    const refused = await call(other, options);
    // A job of somebody else does not exist: it is not even said that administrators might see it.
    expect([403, 404]).toContain(refused.statusCode);
  }
  expect(port.calls.filter((one) => Array.isArray(one) && one[0] === "release")).toEqual([]);
});

test("a quarantined volunteer is told with the evidence of its own job, and of nobody else", async () => {
  const views = (await call(await tokenWith("admin"), { method: "GET", url: "/api/quarantines" })).json();
  expect(views).toMatchObject([
    {
      volunteerId: "v2",
      quarantine: { jobId: "job-1" },
      evidence: [{ atMs: 9, roundIndex: 0, workerIndex: 3, assignmentId: 7, rows: ROWS }],
    },
  ]);
});

test("a release hands the reason on, and leaves a line in the audit log that says who asked", async () => {
  const reply = await release(await tokenWith("admin"), "v2", { reason: "  a driver, since mended  " });
  expect(reply.statusCode).toBe(200);
  expect(port.calls).toContainEqual(["release", "v2", "a driver, since mended"]);
  expect(changes).toMatchObject([
    { method: "POST", route: "/api/volunteers/:volunteerId/release", status: 200, submitter: "ada", target: "v2" },
  ]);
});

test("a release without a reason, with one that is too long, or of nobody is refused with what was expected", async () => {
  const admin = await tokenWith("admin");
  for (const body of [{}, { reason: "   " }, { reason: "x".repeat(RELEASE_REASON_LENGTH_MAX + 1) }, { reason: 3 }]) {
    const reply = await release(admin, "v2", body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json().error.message).toContain("reason");
  }
  expect((await release(admin, "v2", { reason: "r", also: 1 })).statusCode).toBe(400);
  expect((await release(admin, "..%2Fx", { reason: "r" })).statusCode).toBe(400);
  port.releaseReply = {
    status: 409,
    code: "not-quarantined",
    message: "expected a quarantined volunteer, got one that is not",
  };
  expect((await release(admin, "v1", { reason: "r" })).json()).toEqual({
    error: { code: "not-quarantined", message: "expected a quarantined volunteer, got one that is not" },
  });
});

test("the log of a job is told whole; where none is kept that is said", async () => {
  const admin = await tokenWith("admin");
  expect((await call(admin, { method: "GET", url: "/api/jobs/job-1/log" })).json()).toEqual(LOG);
  const none = await call(admin, { method: "GET", url: "/api/jobs/job-2/log" });
  expect(none.statusCode).toBe(404);
  expect(none.json().error).toEqual({ code: "no-log", message: "no log of a job job-2 is kept" });
});

test("everybody that one job quarantined is released in one request, with its reason", async () => {
  const url = "/api/jobs/job-1/release-volunteers";
  const payload = { reason: " its model is chaotic " };
  const reply = await call(await tokenWith("admin"), { method: "POST", url, payload });
  expect(reply.statusCode).toBe(200);
  expect(port.calls).toContainEqual(["releaseNamedBy", "job-1", "its model is chaotic"]);
  expect((await call(await tokenWith("submit"), { method: "POST", url, payload })).statusCode).toBe(403);
});
