/** Who may call what, on a real server with a real store. */
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions } from "fastify";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inferenceViewOf } from "../../shared/kinds/inference/testing/inference-view.ts";
import type { Scope, TokenView } from "../../shared/protocol/access-api.ts";
import type { BanView } from "../../shared/protocol/bans-api.ts";
import type { SessionView } from "../../shared/protocol/crowd-api.ts";
import {
  MODEL_JSON_BYTES_MAX,
  MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX,
  REFUSALS_PER_MINUTE_MAX,
} from "../../shared/protocol/limits.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { AccessTokens } from "../access/access-tokens.ts";
import { Belongings } from "../access/belongings.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { someJob } from "../store/store.contract.ts";
import { modelBytesMaxHere } from "../trusted/models-taken.ts";
import { type ApiOptions, createApi } from "./api.ts";
import type { AskedChange } from "./change-hook.ts";
import { createHostRules } from "./host-rules.ts";
import { NO_OPERATOR } from "./operator-routes.ts";
import { dropSlowBodies } from "./slow-bodies.ts";
import { RecordingPort } from "./testing/recording-port.ts";
import { createUploadBudget } from "./upload-budget.ts";

const HOST = "localhost:8787";

let directory: string;
let store: SqliteStore;
let tokens: AccessTokens;
let belongings: Belongings;
let app: FastifyInstance;
let port: RecordingPort;
let changes: AskedChange[];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-access-"));
  store = await openSqliteStore(directory);
  await open();
});
afterEach(async () => {
  await app.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(options: Partial<ApiOptions> = {}): Promise<void> {
  tokens = await AccessTokens.open(store.submitters);
  belongings = await Belongings.open(store.submitters, Date.now, { jobs: 2, bytes: 1_000 });
  port = new RecordingPort();
  changes = [];
  app = await createApi({
    port,
    store,
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client: null, swarm: null },
    isHttps: false,
    access: { tokens, belongings },
    onChangeAsked: (change) => changes.push(change),
    ...options,
  });
}

async function reopen(options: Partial<ApiOptions>): Promise<void> {
  await app.close();
  await open(options);
}

const tokenOf = async (submitter: string, scopes: Scope[] = ["submit", "read", "cancel"]) =>
  (await tokens.create({ submitter, scopes, days: null })).token;
/** As if they had submitted it. */
const give = (jobId: string, submitter: string) =>
  belongings.submit(
    { submitter, tokenId: null, scopes: ["submit"] },
    { jobId, submit: async () => jobId, isRefused: () => false },
  );
const call = (token: string | null, options: InjectOptions) =>
  app.inject({
    ...options,
    headers: { host: HOST, ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...options.headers },
  } as InjectOptions);
const get = (token: string | null, url: string) => call(token, { method: "GET", url });
const post = (token: string | null, url: string, payload: unknown) =>
  call(token, { method: "POST", url, payload: payload as object });
const tensor = (value: number) => Buffer.from(encodeNpy({ dtype: "U8", shape: [1], data: Uint8Array.of(value) }));
const upload = (token: string | null, bytes: Buffer) =>
  call(token, {
    method: "POST",
    url: "/api/tensors",
    payload: bytes,
    headers: { "content-type": "application/octet-stream" },
  });
const sample = { kind: "inference", source: { kind: "sample", sample: "mnist" } };
const codeOf = (response: { body: string }) => JSON.parse(response.body).error.code as string;

type Method = "GET" | "HEAD" | "POST" | "PUT" | "DELETE";

/** Every route there is, as [method, path]; parameters stand as `:name`. Read from the tree that fastify prints. */
function routes(): [Method, string][] {
  const found: [Method, string][] = [];
  const above: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const [, indent = "", part, methods] = /^((?:│ {3}| {4})*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (part === undefined) continue;
    const depth = indent.length / 4;
    above[depth] = (above[depth - 1] ?? "") + part;
    for (const method of methods?.split(", ") ?? []) found.push([method as Method, above[depth]]);
  }
  return found;
}

describe("where tokens are needed", () => {
  it("[AC8] every route under /api and /metrics refuses who has no token, a wrong one, or one without the scope", async () => {
    // What volunteers ask, and what tells programs how to ask.
    const documents = ["/api/openapi.json", "/api/docs", "/api/docs.css"];
    // Public keys are for whoever was handed a receipt.
    const open = [
      "/api/receipt-keys",
      "/api/status",
      "/api/whoami",
      "/api/leaderboard",
      "/api/teams",
      "/api/work",
      "/api/work/:job",
      "/api/classes/:watch",
      ...documents,
    ];
    const guarded = routes().filter(([, path]) => path.startsWith("/api/") || path === "/metrics");
    expect(guarded.length).toBeGreaterThan(20);
    const nothing = await tokenOf("eve", ["cancel"]);
    for (const [method, path] of guarded) {
      // Open as "/api/work" is, and it goes on: work-events.test.ts listens.
      if (path === "/api/work.sse") continue;
      const url = path.replace(/:\w+/, "job-1");
      if (open.includes(path)) {
        expect((await call(null, { method, url })).statusCode).not.toBe(401);
        continue;
      }
      for (const token of [null, "wrong", `ptb_${"a".repeat(43)}`]) {
        const response = await call(token, { method, url });
        expect([method, url, response.statusCode]).toEqual([method, url, 401]);
        expect(response.headers["www-authenticate"]).toBe('Bearer realm="paritab"');
        if (method !== "HEAD") expect(codeOf(response)).toBe(token === null ? "token-required" : "bad-token");
      }
      const isCancel = method === "DELETE" || path.endsWith("/stop");
      if (!isCancel || path.includes("token") || path.includes("backups")) {
        expect([url, (await call(nothing, { method, url })).statusCode]).toEqual([url, 403]);
      }
    }
    expect(port.calls).toEqual([]);
  });

  it("[AC8] a token counts in the header alone", async () => {
    const token = await tokenOf("ada");
    const url = `/api/jobs?token=${token}&access_token=${token}`;
    expect((await get(null, url)).statusCode).toBe(401);
    const cookie = await call(null, { method: "GET", url: "/api/jobs", headers: { cookie: `token=${token}` } });
    expect(cookie.statusCode).toBe(401);
    expect((await get(token, "/api/jobs")).statusCode).toBe(200);
  });

  it("[AC8] health, status and what tabs need are open; an address that is none is 404", async () => {
    for (const url of ["/healthz", "/readyz", "/api/status"]) expect((await get(null, url)).statusCode).toBe(200);
    expect((await get(null, "/api/nothing")).statusCode).toBe(404);
    expect((await get(null, "/api/whoami")).json()).toEqual({
      tokensNeeded: true,
      submitter: "",
      scopes: [],
      jobId: null,
    });
    expect(codeOf(await get("wrong", "/api/whoami"))).toBe("bad-token");
    const assignmentToken = "t".repeat(22);
    const blob = await get(assignmentToken, `/blobs/${"a".repeat(64)}`);
    expect([blob.statusCode, codeOf(blob)]).toEqual([404, "unknown-blob"]);
  });

  it("[AC14] a link reads its job and nothing else: no list, no crowd, no other job, and it changes nothing", async () => {
    await give("job-1", "ada");
    await give("job-ended", "ada");
    const ada = await tokenOf("ada");
    const made = await post(ada, "/api/jobs/job-1/link", {});
    expect([made.statusCode, made.headers["cache-control"]]).toEqual([201, "no-store"]);
    const { token } = made.json() as { token: string };
    expect((await get(token, "/api/whoami")).json()).toMatchObject({
      submitter: "ada",
      scopes: ["read"],
      jobId: "job-1",
    });
    expect((await get(token, "/api/jobs/job-1")).statusCode).toBe(200);
    expect((await get(token, "/api/jobs/job-ended")).statusCode).toBe(404);
    for (const url of ["/api/jobs", "/api/job-list", "/api/sessions", "/api/volunteers", "/metrics", "/api/tokens"]) {
      expect([url, codeOf(await get(token, url))]).toEqual([url, "link-only"]);
    }
    for (const url of ["/api/jobs/job-1", "/api/jobs/job-1/data", "/api/jobs/job-1/link"]) {
      expect([url, codeOf(await call(token, { method: "DELETE", url }))]).toEqual([url, "link-only"]);
    }
    expect(codeOf(await post(token, "/api/jobs", sample))).toBe("link-only");
    expect((await post(await tokenOf("bob"), "/api/jobs/job-1/link", {})).statusCode).toBe(404);

    expect((await call(ada, { method: "DELETE", url: "/api/jobs/job-1/link" })).json()).toEqual({ ended: true });
    expect((await get(token, "/api/jobs/job-1")).statusCode).toBe(401);
    const again = (await post(ada, "/api/jobs/job-ended/link", {})).json() as { token: string };
    await call(ada, { method: "DELETE", url: "/api/jobs/job-ended/data" });
    expect((await get(again.token, "/api/jobs/job-ended")).statusCode).toBe(401);
  });

  it("[AC5] somebody else's job does not exist, on every route that names one; the administrator sees all", async () => {
    const [ada, bob, admin] = [await tokenOf("ada"), await tokenOf("bob"), await tokenOf("root", ["admin"])];
    await give("job-1", "ada");
    port.jobView = (jobId) => (jobId === "job-1" || jobId === "orphan" ? inferenceViewOf(jobId) : null);
    port.jobViews = () => ["job-1", "orphan"].map((jobId) => inferenceViewOf(jobId));
    const named = routes().filter(([, path]) => path.includes(":jobId"));
    expect(named.length).toBeGreaterThan(10);
    for (const [method, path] of named) {
      for (const jobId of ["job-1", "orphan"]) {
        const theirs = await call(bob, { method, url: path.replace(":jobId", jobId) });
        const none = await call(bob, { method, url: path.replace(":jobId", "no-such") });
        // What is for administrators alone is refused before anybody looks for the job.
        const expected = path.endsWith("/log") || path.endsWith("/release-volunteers") ? 403 : 404;
        expect([path, theirs.statusCode, none.statusCode]).toEqual([path, expected, expected]);
        expect(theirs.body.replaceAll(jobId, "ID")).toBe(none.body.replaceAll("no-such", "ID"));
      }
    }
    expect(port.calls).toEqual([]);
    expect((await get(bob, "/api/jobs")).json()).toEqual([]);
    expect((await get(ada, "/api/jobs")).json().map((view: { jobId: string }) => view.jobId)).toEqual(["job-1"]);
    expect((await get(admin, "/api/jobs")).json()).toHaveLength(2);
    for (const token of [ada, bob, admin]) await get(token, "/api/job-list");
    const everything = { show: "all", search: "", offset: 0, limit: 25 };
    expect(port.calls.splice(0)).toEqual([["job-1"], [], null].map((among) => ["jobList", everything, among]));
    expect((await get(ada, "/api/jobs/job-1")).statusCode).toBe(200);
    expect((await get(admin, "/api/jobs/orphan")).statusCode).toBe(200);
    expect((await call(ada, { method: "DELETE", url: "/api/jobs/job-1" })).statusCode).toBe(200);
  });

  it("[AC5] the crowd's tables tell nothing of other people's jobs", async () => {
    const [ada, bob] = [await tokenOf("ada"), await tokenOf("bob")];
    await give("job-1", "ada");
    const recent = { jobId: "job-1", roundIndex: 0, workerIndex: 0, outcome: "answered", ms: 5 };
    port.sessions = (): SessionView[] => [
      {
        sessionId: "s",
        volunteerId: "v",
        nickname: "n",
        backend: "wasm",
        state: "idle",
        presence: "here",
        precision: null,
        responseMsMedian: null,
        verifiedAssignments: 0,
        lateAssignments: 0,
        recent: [recent],
      },
    ];
    expect((await get(ada, "/api/sessions")).json()[0].recent).toEqual([recent]);
    for (const url of ["/api/sessions", "/api/volunteers"]) expect((await get(bob, url)).body).not.toContain("job-1");
    expect((await get(ada, "/api/volunteers?state=quarantined")).body).toContain("job-1");
  });

  it("[AC5] volunteers are told whose job it is by the token, whatever the submission says", async () => {
    await post(await tokenOf("ada"), "/api/jobs", { ...sample, submitter: "the National Library" });
    expect(port.calls).toEqual([["submit", expect.objectContaining({ submitter: "ada" })]]);
  });

  it("[AC6] more jobs than the quota are 403, and a submitter's second token changes nothing of that", async () => {
    const [first, second, bob] = [await tokenOf("ada"), await tokenOf("ada"), await tokenOf("bob")];
    const submitted: string[] = [];
    port.submit = async (_submission, jobId) => {
      submitted.push(jobId!);
      const ended = submitted.length === 1 ? ({ state: "done", finishedMs: 1 } as const) : {};
      const running = { state: "running", finishedMs: null, ...ended } as const;
      await store.apply([{ kind: "job", job: someJob(jobId!, running) }]);
      return { jobId: jobId! };
    };
    for (const token of [first, second, first]) expect((await post(token, "/api/jobs", sample)).statusCode).toBe(201);
    const refused = await post(second, "/api/jobs", sample);
    expect([refused.statusCode, codeOf(refused)]).toEqual([403, "quota"]);
    expect((await post(bob, "/api/jobs", sample)).statusCode).toBe(201);
    expect(new Set(submitted).size).toBe(4);
  });

  it("[AC7] uploads beyond the quota are 403 before they are read; nobody submits another's upload", async () => {
    const [ada, bob, admin] = [await tokenOf("ada"), await tokenOf("bob"), await tokenOf("root", ["admin"])];
    const { tensorSha256 } = (await upload(ada, tensor(1))).json();
    const source = { kind: "uploads", modelSha256: tensorSha256, queriesSha256: tensorSha256 };
    const stolen = await post(bob, "/api/jobs", { kind: "inference", source });
    expect([stolen.statusCode, codeOf(stolen)]).toEqual([404, "unknown-upload"]);
    expect(port.calls).toEqual([]);
    for (const token of [ada, admin])
      expect((await post(token, "/api/jobs", { kind: "inference", source })).statusCode).toBe(201);
    const tooMuch = await upload(ada, Buffer.alloc(1_000));
    expect([tooMuch.statusCode, codeOf(tooMuch)]).toEqual([403, "quota"]);
    expect((await upload(bob, tensor(2))).statusCode).toBe(201);
  });

  it("[AC1] the administrator creates, lists and revokes tokens; nobody else does", async () => {
    const admin = await tokenOf("root", ["admin"]);
    const wanted = { submitter: "ada", scopes: ["read"], days: 30 };
    const created = await post(admin, "/api/tokens", wanted);
    expect(created.statusCode).toBe(201);
    expect(created.headers["cache-control"]).toBe("no-store");
    const { token, tokenId } = created.json();
    expect((await get(token, "/api/whoami")).json()).toEqual({
      tokensNeeded: true,
      submitter: "ada",
      scopes: ["read"],
      jobId: null,
    });
    expect((await get(token, "/api/jobs")).statusCode).toBe(200);
    expect((await post(token, "/api/tokens", wanted)).statusCode).toBe(403);
    const list = await get(admin, "/api/tokens");
    expect(list.json().map(({ submitter }: TokenView) => submitter)).toEqual(["root", "ada"]);
    expect(list.body).not.toContain(token);
    const revoked = await call(admin, { method: "DELETE", url: `/api/tokens/${tokenId}` });
    expect(revoked.json().revokedMs).toEqual(expect.any(Number));
    expect((await get(token, "/api/jobs")).statusCode).toBe(401);
    expect((await call(admin, { method: "DELETE", url: "/api/tokens/none" })).statusCode).toBe(404);
    const own = list.json()[0].tokenId;
    const last = await call(admin, { method: "DELETE", url: `/api/tokens/${own}` });
    expect([last.statusCode, codeOf(last)]).toEqual([409, "token-conflict"]);
    const bad = await post(admin, "/api/tokens", { submitter: "x\u202e", scopes: ["root"], days: 0 });
    expect(bad.json().error.message).toMatch(/submitter: .*scopes\.0: .*days: /);
  });

  it("[AC9] whatever is asked to change something is told on, with who asked and never with the token", async () => {
    const ada = await tokenOf("ada");
    const submitted = await post(ada, "/api/jobs", sample);
    await call(null, { method: "DELETE", url: "/api/jobs/job-1" });
    await get(ada, "/api/jobs");
    await post(ada, "/api/tokens", {});
    const { jobId } = submitted.json();
    expect(changes).toMatchObject([
      { method: "POST", route: "/api/jobs", status: 201, submitter: "ada", target: jobId },
      { method: "DELETE", route: "/api/jobs/:jobId", status: 401, submitter: "", tokenId: null, target: "job-1" },
      { method: "POST", route: "/api/tokens", status: 403, submitter: "ada" },
    ]);
    expect(JSON.stringify(changes)).not.toContain(ada);
  });

  it("[AC9] what was made or ended is named: tokens, links, bans, whatever has an id; a token in the place of its id is not", async () => {
    const held = new Map<string, BanView>();
    const bans = {
      list: () => [...held.values()],
      async add({ who, reason }: Pick<BanView, "who" | "reason">) {
        const ban = { banId: "0123456789ab", who, reason, sinceMs: 1, untilMs: null };
        held.set(ban.banId, ban);
        return ban;
      },
      lift: async (banId: string) => held.delete(banId),
    };
    await reopen({ operator: { ...NO_OPERATOR, bans } });
    const admin = await tokenOf("root", ["admin"]);
    const { tokenId, token } = (
      await post(admin, "/api/tokens", { submitter: "ada", scopes: ["read"], days: null })
    ).json();
    const { banId } = (
      await post(admin, "/api/bans", {
        who: { kind: "volunteer", volunteerId: "ab".repeat(16) },
        reason: "r",
        days: null,
      })
    ).json();
    for (const url of [`/api/bans/${banId}`, `/api/tokens/${tokenId}`, `/api/tokens/${token}`, "/api/tokens/a%20b%2Fc"])
      await call(admin, { method: "DELETE", url });
    expect(changes.map(({ method, status, target }) => [method, status, target])).toEqual([
      ["POST", 201, tokenId],
      ["POST", 201, banId],
      ["DELETE", 200, banId],
      ["DELETE", 200, tokenId],
      ["DELETE", expect.any(Number), null],
      ["DELETE", expect.any(Number), null],
    ]);
    expect(JSON.stringify(changes)).not.toContain(token);
  });
});

describe("where no tokens are needed", () => {
  beforeEach(async () => reopen({ access: { tokens: null, belongings: await Belongings.open(store.submitters) } }));

  it("[AC8] everybody may everything but make tokens, and is told so", async () => {
    expect((await get(null, "/api/whoami")).json()).toMatchObject({ tokensNeeded: false, submitter: "" });
    expect((await post(null, "/api/jobs", { ...sample, submitter: "Ada" })).statusCode).toBe(201);
    expect(port.calls).toEqual([["submit", expect.objectContaining({ submitter: "Ada" })]]);
    expect((await get(null, "/api/jobs/job-1")).statusCode).toBe(200);
    const refused = await post(null, "/api/tokens", { submitter: "ada" });
    expect([refused.statusCode, codeOf(refused)]).toEqual([409, "no-tokens-needed"]);
  });

  it("[AC5] its jobs are nobody's but the administrator's once tokens are needed", async () => {
    port.submit = async (_submission, jobId) => ({ jobId: jobId! });
    const { jobId } = (await post(null, "/api/jobs", sample)).json();
    await reopen({});
    port.jobView = (asked) => (asked === jobId ? inferenceViewOf(jobId) : null);
    expect((await get(await tokenOf("ada"), `/api/jobs/${jobId}`)).statusCode).toBe(404);
    expect((await get(await tokenOf("root", ["admin"]), `/api/jobs/${jobId}`)).statusCode).toBe(200);
  });
});

describe("limits of requests", () => {
  const from = (address: string, url = "/api/status", token: string | null = null) =>
    call(token, { method: "GET", url, headers: { "x-forwarded-for": `203.0.113.9, ${address}` } });

  it("[AC10] are counted by address as the trusted proxy saw it, and by token", async () => {
    await reopen({ trustProxy: true, requestsPerMinuteMax: 3 });
    const statuses = async (address: string, token: string | null = null) => {
      const asked: number[] = [];
      for (let n = 0; n < 4; n++) asked.push((await from(address, "/api/status", token)).statusCode);
      return asked;
    };
    expect(await statuses("198.51.100.1")).toEqual([200, 200, 200, 429]);
    expect(await statuses("198.51.100.2")).toEqual([200, 200, 200, 429]);
    expect(await statuses("2001:db8:1:2::1")).toEqual([200, 200, 200, 429]);
    expect((await from("2001:db8:1:2:ffff::2")).statusCode).toBe(429);
    expect(await statuses("198.51.100.1", await tokenOf("ada"))).toEqual([200, 200, 200, 429]);
    expect(await statuses("127.0.0.1")).toEqual([200, 200, 200, 200]);
    const refused = await from("198.51.100.1");
    expect([codeOf(refused), refused.headers["retry-after"]]).toEqual(["too-many-requests", expect.any(String)]);
    for (let n = 0; n < 9; n++) expect((await from("198.51.100.1", "/healthz")).statusCode).toBe(200);
  });

  it("[AC10] without a trusted proxy the header changes nothing", async () => {
    await reopen({ requestsPerMinuteMax: 3 });
    for (let n = 0; n < 9; n++) expect((await from("198.51.100.1")).statusCode).toBe(200);
  });

  it("[AC10] who tries many tokens is no longer told whether one is right", async () => {
    await reopen({ trustProxy: true });
    const url = "/api/jobs";
    for (let n = 0; n < REFUSALS_PER_MINUTE_MAX; n++)
      expect((await from("198.51.100.1", url, `ptb_${n}`)).statusCode).toBe(401);
    expect((await from("198.51.100.1", url, "ptb_x")).statusCode).toBe(429);
    expect((await from("198.51.100.1", `/blobs/${"a".repeat(64)}`, "t".repeat(22))).statusCode).toBe(429);
    expect((await from("198.51.100.2", url, "ptb_x")).statusCode).toBe(401);
    expect((await from("198.51.100.1", url, await tokenOf("ada"))).statusCode).toBe(200);
  });

  it("[AC11] JSON that nests too deep is refused before it is parsed, and no prototype is touched", async () => {
    const json = { "content-type": "application/json" };
    const send = async (payload: string) =>
      call(await tokenOf("ada"), { method: "POST", url: "/api/jobs", payload, headers: json });
    const deep = await send(`${"[".repeat(30_000)}${"]".repeat(30_000)}`);
    expect(deep.json().error.message).toBe("body: expected at most 16 levels of nesting, got 30000");
    const keys = ["__proto__", "\\u005f_proto__", "constructor"];
    for (const key of keys) {
      const response = await send(`{"${key}":{"prototype":{"polluted":1}},"kind":"inference"}`);
      expect(response.statusCode).toBe(400);
    }
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect((await send(`"${"[".repeat(500)}"`)).json().error.message).toMatch(/^job: /);
  });

  it("[PR30] what is no HTTP has an answer in the form of all others, and is not logged: it may hold a token", async () => {
    const logged: string[] = [];
    const logger = pino({ level: "trace" }, { write: (line: string) => void logged.push(line) });
    await reopen({ logger });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port: number } = app.server.address() as { port: number };
    const answerTo = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(number, "127.0.0.1");
        let answer = "";
        socket.on("data", (chunk: Buffer) => {
          answer += chunk.toString();
        });
        socket.on("close", () => resolve(answer));
        socket.write(text);
      });
    const secret = "authorization: Bearer ptb_secret";
    expect(await answerTo(`nonsense\r\n${secret}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 [\s\S]*\{"error":\{"code":"bad-request"/,
    );
    const long = `GET / HTTP/1.1\r\nhost: x\r\n${secret}\r\nx: ${"a".repeat(40_000)}\r\n\r\n`;
    expect(await answerTo(long)).toMatch(/^HTTP\/1\.1 431 [\s\S]*"code":"too-large"/);
    expect(logged.join("")).not.toContain("secret");
  });

  it("[PR24] a file of a model that is too large is named", async () => {
    const admin = await tokenOf("root", ["admin"]);
    const name = "model.json";
    const boundary = "----paritab";
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\n\r\n`;
    const payload = Buffer.concat([
      Buffer.from(head),
      Buffer.alloc(MODEL_JSON_BYTES_MAX + 1, " "),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    const response = await call(admin, { method: "POST", url: "/api/models", payload, headers });
    expect([response.statusCode, response.json().error.message]).toEqual([
      413,
      `model.json: expected at most ${MODEL_JSON_BYTES_MAX} bytes, got more`,
    ]);
  });

  it("[PR24] models that one submitter announces, and hardly sends, leave another one room", async () => {
    const access = { tokens, belongings: await Belongings.open(store.submitters) };
    await reopen({ access });
    tokens = access.tokens;
    const [ada, mallory] = [await tokenOf("ada"), await tokenOf("mallory")];
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port: number } = app.server.address() as { port: number };
    const announced = modelBytesMaxHere();
    const head = `host: ${HOST}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${announced}`;
    const sockets = Array.from({ length: 12 }, () => connect(number, "127.0.0.1"));
    const answered: number[] = [];
    try {
      for (const [place, socket] of sockets.entries()) {
        socket.on("error", () => {}).on("data", () => answered.push(place));
        socket.write(`POST /api/models HTTP/1.1\r\nauthorization: Bearer ${mallory}\r\n${head}\r\n\r\n--b\r\n`);
      }
      const most = Math.floor((3 * MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX) / 4 / announced);
      // All but those that are let in are refused.
      await expect.poll(() => new Set(answered).size, { timeout: 5_000 }).toBe(sockets.length - most);
      const headers = { "content-type": "multipart/form-data; boundary=b" };
      const payload = '--b\r\ncontent-disposition: form-data; name="f"; filename="m.onnx"\r\n\r\nno model\r\n--b--\r\n';
      expect(codeOf(await call(ada, { method: "POST", url: "/api/models", payload, headers }))).toBe("bad-model");
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });

  it("[AC12] a body that comes by drips is cut off, and its share of the upload budget is free again", async () => {
    const budget = createUploadBudget(100);
    await app.close();
    const { default: fastify } = await import("fastify");
    app = fastify();
    dropSlowBodies(app, { bytesPerSecondMin: 1_000, windowMs: 50 });
    app.post("/", { onRequest: budget(60) }, async () => "whole");
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port: number } = app.server.address() as { port: number };
    const socket = connect(number, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => {});
    socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n[");
    await closed;
    const send = () => app.inject({ method: "POST", url: "/", payload: Array.from({ length: 20 }, () => 1) });
    await expect.poll(async () => (await send()).body).toBe("whole");
  });
});
