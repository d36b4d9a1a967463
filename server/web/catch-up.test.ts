import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AccessTokens } from "../access/access-tokens.ts";
import { Belongings } from "../access/belongings.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { StoreError } from "../store/store.ts";
import { addCatchingUp } from "./catch-up.ts";

let directory: string;
let store: SqliteStore;
let app: FastifyInstance;
/** As another coordinator has them. */
let elsewhere: AccessTokens;
let heard: number;
let isAway: boolean;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-catch-up-"));
  store = await openSqliteStore(directory);
  const [tokens, belongings] = [await AccessTokens.open(store.submitters), await Belongings.open(store.submitters)];
  elsewhere = await AccessTokens.open(store.submitters);
  [heard, isAway] = [0, false];
  app = fastify();
  addCatchingUp(app, { tokens, belongings }, async () => {
    heard++;
    if (isAway) throw new StoreError("the database is away");
    await Promise.all([tokens.reload(), belongings.reload()]);
  });
  const told = async (request: { params: unknown; headers: { authorization?: string | undefined } }) => {
    const { jobId = "" } = request.params as { jobId?: string };
    const who = tokens.identify(request.headers.authorization?.slice("Bearer ".length) ?? "");
    return { who: who?.submitter ?? null, owner: belongings.ownerOf(jobId) };
  };
  app.get("/api/status", told);
  app.get("/api/jobs/:jobId", told);
  app.post("/api/jobs", told);
});
afterEach(async () => {
  await app.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const newToken = async () => (await elsewhere.create({ submitter: "ada", scopes: ["read"], days: null })).token;
const ask = async (token: string, url: string, method: "GET" | "POST" = "GET") =>
  (await app.inject({ method, url, headers: { authorization: `Bearer ${token}` } })).json();

test("[CE9] a token of another coordinator's making, and a job that came there, are known to the first request that names them", async () => {
  const token = await newToken();
  expect((await ask(token, "/api/status")).who).toBe("ada");
  await store.submitters.ownJob("j1", "ada");
  expect((await ask(token, "/api/jobs/j1")).owner).toBe("ada");
  expect(heard).toBe(2);
  // What is known is asked for no more, but for a submission, whose uploads nobody knows before it is read.
  await ask(token, "/api/jobs/j1");
  await ask(token, "/api/status");
  expect(heard).toBe(2);
  await ask(token, "/api/jobs", "POST");
  expect(heard).toBe(3);
});

test("[CE9] what is no token asks for nothing; made-up ones wait for each other; where the database is away what is known stands", async () => {
  const token = await newToken();
  await ask(token, "/api/status");
  for (const text of ["", "x", "ptb_short", "t".repeat(22)]) expect((await ask(text, "/api/jobs/j1")).who).toBeNull();
  expect(heard).toBe(1);
  const beganMs = performance.now();
  for (let n = 0; n < 4; n++) expect((await ask(`ptb_${String(n).repeat(43)}`, "/api/status")).who).toBeNull();
  expect(performance.now() - beganMs).toBeGreaterThan(140);
  isAway = true;
  expect((await ask(token, "/api/jobs", "POST")).who).toBe("ada");
});
