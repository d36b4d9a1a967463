import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnswersPage } from "../kinds/inference/answers.ts";
import { inferenceViewOf } from "../kinds/inference/testing/inference-view.ts";
import { ANSWERS_PER_PAGE_MAX } from "../protocol/limits.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { createParitabClient, type ParitabClient } from "./paritab-client.ts";
import { isPassing } from "./patience.ts";

interface Seen {
  method: string;
  url: string;
  type: string;
  body: Buffer;
}
interface Reply {
  status?: number;
  body?: unknown;
  raw?: Buffer | string;
  headers?: Record<string, string>;
}

let server: Server;
let client: ParitabClient;
let seen: Seen[];
let reply: Reply;
/** Instead of `reply`, where the answer depends on the address. */
let answer: ((url: string) => Reply) | null;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

beforeEach(async () => {
  seen = [];
  reply = { body: {} };
  answer = null;
  server = createServer(async (request, response) => {
    // It has no keys: what it is asked before a submission is not counted.
    if (request.url === "/api/receipt-keys") return void response.end("[]");
    const type = request.headers["content-type"] ?? "";
    seen.push({ method: request.method!, url: request.url!, type, body: await bodyOf(request) });
    const { status = 200, raw, body, headers = {} } = answer?.(request.url!) ?? reply;
    response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(raw ?? JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  client = createParitabClient({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterEach(() => new Promise((closed) => server.close(closed)));

describe("each call goes to its address", () => {
  const gets: [string, () => Promise<unknown>, string][] = [
    ["jobs", () => client.jobs(), "/api/jobs"],
    ["jobList", () => client.jobList(), "/api/job-list"],
    [
      "jobList of some",
      () => client.jobList({ show: "ended", search: "a b", offset: 25 }),
      "/api/job-list?show=ended&search=a+b&offset=25",
    ],
    ["submission", () => client.submission("a/b"), "/api/jobs/a%2Fb/submission"],
    ["job", () => client.job("a/b"), "/api/jobs/a%2Fb"],
    ["inferenceJob", () => client.inferenceJob("a/b"), "/api/jobs/a%2Fb"],
    ["receiptOf", () => client.receiptOf("matmul", "j1"), "/api/jobs/j1/receipt.json"],
    ["answers", () => client.answers("j1", { offset: 20, limit: 10 }), "/api/jobs/j1/answers.json?offset=20&limit=10"],
    [
      "answers of one kind",
      () => client.answers("j1", { only: "not-final" }),
      "/api/jobs/j1/answers.json?offset=0&limit=100&only=not-final",
    ],
    ["timeline", () => client.timeline("a/b"), "/api/jobs/a%2Fb/timeline"],
    ["receipt", () => client.receipt("j1"), "/api/jobs/j1/receipt.json"],
    ["sessions", () => client.sessions(), "/api/sessions?offset=0&limit=1000"],
    ["volunteers", () => client.volunteers("quarantined"), "/api/volunteers?state=quarantined&offset=0&limit=1000"],
    ["status", () => client.status(), "/api/status"],
    ["service", () => client.service(), "/api/service"],
    ["health", () => client.health(), "/healthz"],
  ];
  test.each(gets)("%s", async (_name, call, url) => {
    // What comes back is no answer, and is found out.
    if (_name === "health") await call();
    else await expect(call()).rejects.toMatchObject({ code: "bad-answer" });
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${url}`]);
  });

  test("cancel", async () => {
    reply = { body: inferenceViewOf("j1", { state: "cancelled" }) };
    expect((await client.cancel("j1")).state).toBe("cancelled");
    expect(seen[0]).toMatchObject({ method: "DELETE", url: "/api/jobs/j1" });
  });
});

test("a submission goes as JSON", async () => {
  reply = { status: 201, body: { jobId: "j7" } };
  const submission = { kind: "inference", source: { kind: "sample", sample: "mnist" } } as const;
  expect(await client.submit(submission)).toEqual({ jobId: "j7" });
  expect(seen[0]).toMatchObject({ method: "POST", url: "/api/jobs", type: "application/json" });
  expect(JSON.parse(String(seen[0]!.body))).toEqual({
    ...submission,
    nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
});

test("a tensor goes as its bytes", async () => {
  reply = { body: { tensorSha256: "00", dtype: "F32", shape: [2] } };
  await client.uploadTensor(Uint8Array.of(1, 2, 255));
  expect(seen[0]).toMatchObject({ method: "POST", url: "/api/tensors", type: "application/octet-stream" });
  expect([...seen[0]!.body]).toEqual([1, 2, 255]);
});

test("a model goes as one multipart request, each file under its own name", async () => {
  reply = {
    body: {
      modelSha256: "m",
      inputShape: [1],
      inputs: [],
      outputSize: 1,
      outputs: [],
      macsPerQuery: 1,
      weightBytes: 1,
    },
  };
  await client.uploadModel([
    { name: "model.json", data: new Blob(["{}"]) },
    { name: "group1-shard1of1.bin", data: Uint8Array.of(7, 8) },
  ]);
  const { type, body } = seen[0]!;
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": type } }).formData();
  const files = form.getAll("files") as File[];
  expect(files.map(({ name }) => name)).toEqual(["model.json", "group1-shard1of1.bin"]);
  expect(await files[0]!.text()).toBe("{}");
  expect([...new Uint8Array(await files[1]!.arrayBuffer())]).toEqual([7, 8]);
});

test("an answers file comes as its bytes, and has an address", async () => {
  reply = { raw: Buffer.from([0x93, 0x4e]) };
  expect([...(await client.answersFile("j1", "npy"))]).toEqual([0x93, 0x4e]);
  expect(seen[0]!.url).toBe("/api/jobs/j1/answers.npy");
  expect(new URL(client.answersUrl("j1", "csv")).pathname).toBe("/api/jobs/j1/answers.csv");
});

test("a receipt has an address", () => {
  expect(new URL(client.receiptUrl("a/b")).pathname).toBe("/api/jobs/a%2Fb/receipt.json");
});

test("the JSON file holds the answers of all pages", async () => {
  const queryCount = ANSWERS_PER_PAGE_MAX + 3;
  answer = (url) => {
    const { searchParams } = new URL(url, "http://localhost");
    const offset = Number(searchParams.get("offset"));
    const length = Math.min(Number(searchParams.get("limit")), queryCount - offset);
    const missing = {
      label: null,
      outputs: [],
      mark: "missing",
      final: false,
      bound: null,
      confidence: null,
      labelAmbiguous: false,
    } as const;
    const answers = Array.from({ length }, (_, i) => ({
      index: offset + i,
      ...missing,
      volunteerId: null,
      first: null,
    }));
    return { body: { queryCount, matching: queryCount, offset, answers } };
  };
  const page = JSON.parse(new TextDecoder().decode(await client.answersFile("j1", "json"))) as AnswersPage;
  expect(seen).toHaveLength(2);
  expect(page.answers.map(({ index }) => index)).toEqual(Array.from({ length: queryCount }, (_, i) => i));
});

describe("errors", () => {
  const failure = (call: Promise<unknown>): Promise<ParitabApiError> =>
    call.then(
      () => Promise.reject(new Error("expected a failure")),
      (error: ParitabApiError) => error,
    );

  test("carry the coordinator's status, code and words", async () => {
    reply = { status: 404, body: { error: { code: "unknown-job", message: "there is no job j9" } } };
    const error = await failure(client.job("j9"));
    expect(error).toBeInstanceOf(ParitabApiError);
    expect(error).toMatchObject({ status: 404, code: "unknown-job", message: "there is no job j9" });
  });

  test("of a proxy in between are told apart", async () => {
    reply = { status: 502, raw: "<html>Bad gateway</html>" };
    expect(await failure(client.jobs())).toMatchObject({ status: 502, code: "bad-answer" });
    reply = { status: 200, raw: "<html>Welcome</html>" };
    expect(await failure(client.jobs())).toMatchObject({ status: 200, code: "bad-answer" });
  });

  test("of a coordinator of another version name the field, what was expected and what came", async () => {
    const { queryCount: _, ...older } = inferenceViewOf("j1");
    reply = { body: { ...older, scheme: 7 } };
    const error = await failure(client.job("j1"));
    expect(error).toMatchObject({ code: "bad-answer" });
    expect(error.message).toMatch(
      /^\/api\/jobs\/j1: scheme: expected string, got 7; queryCount: expected number, got nothing; is the coordinator of another version\?$/,
    );
  });

  test("say when the coordinator wants to be asked again, where it says so in seconds", async () => {
    const said = async (retryAfter: string) => {
      const error = { code: "overloaded", message: "runs late" };
      reply = { status: 503, body: { error }, headers: { "retry-after": retryAfter } };
      return (await failure(client.status())).retryAfterMs;
    };
    expect(await said("5")).toBe(5_000);
    expect(await said("Fri, 27 Nov 2026 09:00:00 GMT")).toBeNull();
    reply = { status: 404, body: { error: { code: "unknown-job", message: "none" } } };
    expect((await failure(client.job("j1"))).retryAfterMs).toBeNull();
  });

  test("say that nobody answers", async () => {
    const nobody = createParitabClient({ baseUrl: "http://127.0.0.1:1" });
    expect(await failure(nobody.status())).toMatchObject({ status: 0, code: "unreachable" });
    expect(await nobody.health()).toBe(false);
  });

  test("say that an address does not speak https, and do not ask it again", async () => {
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await failure(createParitabClient({ baseUrl }).status());
    const message = `${baseUrl} does not speak https: if its address begins with http://, say so`;
    expect(error).toMatchObject({ status: 0, code: "not-https", message });
    expect(isPassing(error)).toBe(false);
  });

  test("say where a large body would have to be sent again, for the address leads elsewhere", async () => {
    answer = (url) =>
      url.startsWith("/there")
        ? { body: { tensorSha256: "00", dtype: "F32", shape: [2] } }
        : { status: 307, headers: { location: "/there" } };
    const room = {
      modelBytesMax: 1,
      tensorBytesMax: 1e9,
      wholeTensorBytesMax: 1,
      answerBytesMax: 1,
      queriesMax: 1,
      roomBytes: null,
    };
    client = Object.assign(client, { uploadRoom: async () => room });
    expect(await failure(client.uploadTensor(new Blob([new Uint8Array(17 * 1024 * 1024)])))).toMatchObject({
      status: 0,
      code: "redirected",
      message: expect.stringContaining("leads elsewhere"),
    });
  });

  test("of a caller who gave up are the caller's own", async () => {
    const gaveUp = AbortSignal.abort(new Error("closed the page"));
    await expect(client.jobs(gaveUp)).rejects.toThrow("closed the page");
  });
});
