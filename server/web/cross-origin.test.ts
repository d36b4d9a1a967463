/** [PR45] What a page of another site may do, and what not, on a real server with a real store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccessTokens } from "../access/access-tokens.ts";
import { Belongings } from "../access/belongings.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { createApi } from "./api.ts";
import { createHostRules } from "./host-rules.ts";
import { RecordingPort } from "./testing/recording-port.ts";

const HOST = "localhost:8787";
const ALLOWED = "https://lab.example";
const FOREIGN = "https://evil.example";

let directory: string;
let store: SqliteStore;
let app: FastifyInstance;
let token: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-origins-"));
  store = await openSqliteStore(directory);
});
afterEach(async () => {
  await app.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(origins: readonly string[]): Promise<void> {
  const tokens = await AccessTokens.open(store.submitters);
  token = (await tokens.create({ submitter: "ada", scopes: ["submit", "read"], days: null })).token;
  app = await createApi({
    port: new RecordingPort(),
    store,
    hostRules: createHostRules(null, "127.0.0.1", origins),
    directories: { client: null, swarm: null },
    isHttps: false,
    access: { tokens, belongings: await Belongings.open(store.submitters, Date.now, { jobs: 2, bytes: 1_000 }) },
  });
}

const ask = (origin: string, options: InjectOptions, withToken = true) =>
  app.inject({
    ...options,
    headers: { host: HOST, origin, ...(withToken ? { authorization: `Bearer ${token}` } : {}), ...options.headers },
  } as InjectOptions);
const shared = (response: { headers: Record<string, unknown> }) => response.headers["access-control-allow-origin"];
const preflight = (origin: string, url = "/api/jobs") =>
  ask(origin, { method: "OPTIONS", url, headers: { "access-control-request-method": "POST" } }, false);
const submission = {
  method: "POST",
  url: "/api/jobs",
  payload: { kind: "inference", source: { kind: "sample", sample: "mnist" } },
} as const;

describe("[PR45] an origin that is allowed", () => {
  beforeEach(() => open([ALLOWED]));

  it("may ask beforehand, submit and read with a token, and is named to the browser, never with credentials", async () => {
    const before = await preflight(ALLOWED);
    expect([before.statusCode, shared(before)]).toEqual([204, ALLOWED]);
    expect(before.headers).toMatchObject({
      "access-control-allow-headers": expect.stringContaining("authorization"),
      "access-control-allow-methods": expect.stringContaining("DELETE"),
    });
    const submitted = await ask(ALLOWED, submission);
    expect([submitted.statusCode, shared(submitted)]).toEqual([201, ALLOWED]);
    const read = await ask(ALLOWED, { method: "GET", url: "/api/jobs" });
    expect([read.statusCode, shared(read), read.headers.vary]).toEqual([200, ALLOWED, "Origin"]);
    for (const { headers } of [before, submitted, read]) {
      expect(headers).not.toHaveProperty("access-control-allow-credentials");
    }
  });

  it("may do nothing without a token, not even what is open to our own pages; it may read why", async () => {
    for (const options of [
      submission,
      { method: "GET", url: "/api/status" },
      { method: "GET", url: "/api/work" },
    ] as const) {
      const refused = await ask(ALLOWED, options, false);
      expect([refused.statusCode, refused.json().error.code, shared(refused)]).toEqual([
        401,
        "token-required",
        ALLOWED,
      ]);
    }
    const wrong = await ask(ALLOWED, { ...submission, headers: { authorization: "Bearer ptb_wrong" } });
    expect([wrong.statusCode, shared(wrong)]).toEqual([401, ALLOWED]);
  });

  it("has the API alone: no page, no blob, no result of a tab", async () => {
    for (const url of ["/", "/dashboard", "/healthz", `/blobs/${"a".repeat(64)}`]) {
      expect(shared(await ask(ALLOWED, { method: "GET", url }))).toBe(undefined);
    }
    const result = await ask(ALLOWED, { method: "PUT", url: "/results", payload: "x" });
    expect([result.statusCode, result.json().error.code]).toEqual([403, "foreign-origin"]);
  });
});

describe("[PR45] any other origin", () => {
  it.each([
    ["of another site", FOREIGN],
    ["of the same name without TLS", "http://lab.example"],
    ["on another port", `${ALLOWED}:8443`],
    ["that ends alike", "https://evil-lab.example"],
    ["without a name", "null"],
  ])("%s changes nothing and reads nothing, token or not", async (_, origin) => {
    await open([ALLOWED]);
    for (const withToken of [true, false]) {
      const response = await ask(origin, submission, withToken);
      expect([response.statusCode, response.json().error.code, shared(response)]).toEqual([
        403,
        "foreign-origin",
        undefined,
      ]);
    }
    expect(shared(await preflight(origin))).toBe(undefined);
    expect(shared(await ask(origin, { method: "GET", url: "/api/jobs" }))).toBe(undefined);
  });

  it("is every one but our own where nothing is set", async () => {
    await open([]);
    expect((await ask(ALLOWED, submission)).statusCode).toBe(403);
    expect((await preflight(ALLOWED)).headers).not.toHaveProperty("access-control-allow-origin");
    const own = await ask(`http://${HOST}`, submission);
    expect([own.statusCode, shared(own), own.headers.vary]).toEqual([201, undefined, undefined]);
  });
});

it("[PR45] sockets are our own pages' alone: what an origin may ask says nothing of them", () => {
  const rules = createHostRules(null, "127.0.0.1", [ALLOWED]);
  expect(rules.isAllowedOrigin(ALLOWED, HOST)).toBe(false);
  expect(rules.isOtherAllowedOrigin(ALLOWED)).toBe(true);
});
