/** Streams over HTTP: queries in as `.npy` or lines of JSON, answers out as events, on a shell with tabs that compute. */
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../../e2e/crowd/shell-with-tabs.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import type { QueriesPosted } from "../../../../shared/kinds/inference/stream.ts";
import { ANSWER_READERS_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../../shell/testing/small-job.ts";
import { createApi } from "../../../web/api.ts";
import { createHostRules } from "../../../web/host-rules.ts";
import { schemaController } from "../../../web/schema-compilers.ts";
import { RecordingPort } from "../../../web/testing/recording-port.ts";
import { addAnswerEvents } from "./answer-events.ts";
import { Readers } from "./answer-readers.ts";

let desk: ShellWithTabs;
let app: FastifyInstance;
let url: string;
let jobId: string;

beforeEach(async () => {
  desk = await ShellWithTabs.open(Array.from({ length: 8 }, () => ({})));
  const hostRules = createHostRules(null, "127.0.0.1");
  app = await createApi({
    port: desk.shell,
    store: desk.store,
    hostRules,
    directories: { client: null, swarm: null },
    isHttps: false,
  });
  url = await listening(app);
  jobId = await open();
});
afterEach(async () => {
  // fetch opens a connection again where it has cut one, and asks nothing on it.
  app.server.closeAllConnections();
  await app.close();
  desk.close();
});

async function listening(one: FastifyInstance): Promise<string> {
  await one.listen({ port: 0, host: "127.0.0.1" });
  return `http://127.0.0.1:${(one.server.address() as AddressInfo).port}`;
}

async function open(): Promise<string> {
  const source = { kind: "stream", modelSha256: await desk.store.putBlob(model), closeAfterMs: 5 };
  const body = JSON.stringify({ kind: "inference", ...SYSTEMATIC, source });
  const response = await fetch(`${url}/api/jobs`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  return ((await response.json()) as { jobId: string }).jobId;
}

const row = (n: number) => [...queries.subarray((n % QUERIES) * INPUT_SIZE, ((n % QUERIES) + 1) * INPUT_SIZE)];
const npy = (from: number, count: number) => {
  const data = Float32Array.from(Array.from({ length: count }, (_, n) => row(from + n)).flat());
  return encodeNpy({ dtype: "F32", shape: [count, INPUT_SIZE], data }) as Uint8Array<ArrayBuffer>;
};

async function post(
  body: Uint8Array<ArrayBuffer> | string,
  at?: number,
): Promise<{ status: number; body: QueriesPosted & { error?: { code: string; message: string } } }> {
  const type = typeof body === "string" ? "application/x-ndjson" : "application/octet-stream";
  const response = await fetch(`${url}/api/jobs/${jobId}/queries${at === undefined ? "" : `?at=${at}`}`, {
    method: "POST",
    body,
    headers: { "content-type": type },
  });
  return { status: response.status, body: (await response.json()) as QueriesPosted };
}

interface Heard {
  readonly answers: AnswerView[];
  readonly end: { state: string; queryCount: number } | null;
}

/** Reads events until the end, or until so many answers are heard. */
async function listen(
  path: string,
  until = Number.POSITIVE_INFINITY,
  headers: Record<string, string> = {},
): Promise<Heard> {
  const response = await fetch(`${url}/api/jobs/${jobId}/${path}`, { headers });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const reader = response.body!.getReader();
  const answers: AnswerView[] = [];
  let [text, end]: [string, Heard["end"]] = ["", null];
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += new TextDecoder().decode(read.value);
    const events = text.split("\n\n");
    text = events.pop()!;
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (data === undefined) continue;
      if (event.includes("event: end")) end = JSON.parse(data);
      else answers.push(JSON.parse(data));
      if (event.startsWith("id: ")) expect(event).toMatch(new RegExp(`^id: ${answers.at(-1)!.index}\n`));
    }
    if (answers.length < until) continue;
    await reader.cancel();
    break;
  }
  return { answers, end };
}

test("queries that are posted one by one, while somebody reads, come back as answers in their order, and then the end", async () => {
  const heard = listen("answers.sse");
  for (let n = 0; n < 10; n++)
    expect((await post(npy(n, 1))).body).toMatchObject({ firstIndex: n, taken: 1, queryCount: n + 1 });
  expect((await post(npy(10, 9), 10)).body.queryCount).toBe(19);
  const stopped = await fetch(`${url}/api/jobs/${jobId}/stop`, { method: "POST" });
  expect(await stopped.json()).toMatchObject({ jobId, stream: { isOpen: false } });
  const { answers, end } = await heard;
  expect(answers.map(({ index }) => index)).toEqual(Array.from({ length: 19 }, (_, n) => n));
  expect(answers.every(({ mark }) => mark === "audited" || mark === "exact")).toBe(true);
  expect(end).toMatchObject({ jobId, state: "done", queryCount: 19 });
});

test("[PR55] a reader that was cut off goes on from where it was, by the id of its last event or by an index", async () => {
  await post(npy(0, 12));
  const first = await listen("answers.sse", 3);
  const last = first.answers.at(-1)!.index;
  await fetch(`${url}/api/jobs/${jobId}/stop`, { method: "POST" });
  const rest = await listen("answers.sse", undefined, { "last-event-id": String(last) });
  expect(rest.answers.map(({ index }) => index)).toEqual(Array.from({ length: 11 - last }, (_, n) => last + 1 + n));
  expect((await listen("answers.sse?from=10")).answers.map(({ index }) => index)).toEqual([10, 11]);
  const bad = await fetch(`${url}/api/jobs/${jobId}/answers.sse`, { headers: { "last-event-id": "x" } });
  expect(bad.status).toBe(400);
});

test("lines of JSON are queries too; one of another shape in the middle is refused with its index", async () => {
  const lines = [row(0), row(1).slice(1), row(2)].map((numbers) => JSON.stringify(numbers));
  const { status, body } = await post(`${lines.join("\n")}\n\n{"a":1}\n[[1,2,3],[4,5,6]]\nnot json\n`);
  expect([status, body.taken, body.queryCount, body.refusedCount]).toEqual([200, 3, 3, 3]);
  expect(body.refused.map(({ place, message }) => [place, message])).toEqual([
    [1, "query 1 of the body (index 1 had it been taken): expected 6 numbers, got 5"],
    [3, "query 3 of the body (index 2 had it been taken): expected an array of numbers, got something else"],
    [5, "query 5 of the body (index 3 had it been taken): expected a line of JSON, got something else"],
  ]);
});

test("what can be no query is refused in words, and nothing is taken", async () => {
  const cases: [Uint8Array<ArrayBuffer> | string, number, string][] = [
    [
      encodeNpy({ dtype: "F32", shape: [2, 5], data: new Float32Array(10) }) as Uint8Array<ArrayBuffer>,
      422,
      "bad-queries",
    ],
    [
      encodeNpy({ dtype: "I32", shape: [1, 6], data: new Int32Array(6).fill(2 ** 24 + 1) }) as Uint8Array<ArrayBuffer>,
      422,
      "wrong-dtype",
    ],
    [Uint8Array.of(1, 2, 3), 400, "bad-tensor"],
    ["\n\n", 400, "bad-request"],
    [`${"[".repeat(40)}${"]".repeat(40)}`, 422, "bad-queries"],
  ];
  for (const [body, status, code] of cases) {
    const answer = await post(body);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
  }
  expect((await post(npy(0, 1), 5)).body.error?.message).toBe(
    "at: expected at most 0, the number of queries that the stream has, got 5",
  );
  expect(desk.shell.jobView(jobId)).toMatchObject({ queryCount: 0 });
  const single = encodeNpy({ dtype: "F64", shape: [2, 3], data: Float64Array.from(row(0)) }) as Uint8Array<ArrayBuffer>;
  expect((await post(single)).body).toMatchObject({ taken: 1, queryCount: 1 });
});

test("a job whose queries were all there takes no more, and is not stopped; its answers can be listened to all the same", async () => {
  const queriesSha256 = await desk.upload({
    dtype: "F32",
    shape: [8, INPUT_SIZE],
    data: queries.slice(0, 8 * INPUT_SIZE),
  });
  const modelSha256 = await desk.store.putBlob(model);
  jobId = await desk.run({ ...SYSTEMATIC, source: { kind: "uploads", modelSha256, queriesSha256 } });
  expect((await post(npy(0, 1))).body.error?.code).toBe("no-stream");
  const { answers, end } = await listen("answers.sse");
  expect([answers.length, end?.state]).toEqual([8, "done"]);
  const stopped = await fetch(`${url}/api/jobs/${jobId}/stop`, { method: "POST" });
  expect(stopped.status).toBe(409);
});

test("a cancelled stream tells its readers so", async () => {
  await post(npy(0, 4));
  const heard = listen("answers.sse");
  await listen("answers.sse", 1);
  await fetch(`${url}/api/jobs/${jobId}`, { method: "DELETE" });
  expect((await heard).end).toMatchObject({ state: "cancelled", queryCount: 4 });
});

test("[PR55] readers of one job are limited, and each makes room when it leaves", async () => {
  const aborts = Array.from({ length: ANSWER_READERS_PER_JOB_MAX }, () => new AbortController());
  const readers = await Promise.all(
    aborts.map(({ signal }) => fetch(`${url}/api/jobs/${jobId}/answers.sse`, { signal })),
  );
  expect(readers.map(({ status }) => status)).toEqual(readers.map(() => 200));
  expect((await fetch(`${url}/api/jobs/${jobId}/answers.sse`)).status).toBe(429);
  aborts[0]!.abort();
  const isLetIn = async () => {
    const abort = new AbortController();
    const { status } = await fetch(`${url}/api/jobs/${jobId}/answers.sse`, { signal: abort.signal });
    abort.abort();
    return status === 200;
  };
  await expect.poll(isLetIn).toBe(true);
  for (const abort of aborts) abort.abort();
});

test("a submitter that stops reading is cut off, and what waits for it does not grow", async () => {
  const port = new EndlessAnswers();
  const impatient = fastify({ schemaController });
  addAnswerEvents({ app: impatient, port }, port, new Readers(), { beatMs: 10, stuckMs: 300 });
  const address = await listening(impatient);
  const reader = request(`${address}/api/jobs/job-1/answers.sse`, (response) => {
    response.on("error", () => {});
    response.pause();
  });
  reader.on("error", () => {});
  reader.end();
  try {
    const connections = () =>
      new Promise<number>((resolve) => impatient.server.getConnections((_, count) => resolve(count)));
    await expect.poll(() => port.pages).toBeGreaterThan(0);
    // Whoever reads nothing hears nothing of it either.
    await expect.poll(connections, { timeout: 20_000 }).toBe(0);
    // Whatever fits into the buffers of both ends, and not one page more.
    expect(port.pages).toBeLessThan(40);
  } finally {
    reader.destroy();
    await impatient.close();
  }
});

/** A job whose answers are as many as anybody reads, each page of them a megabyte. */
class EndlessAnswers extends RecordingPort {
  pages = 0;
  override standing(): ReturnType<RecordingPort["standing"]> {
    return { ...super.standing("job-1")!, queryCount: 1e9 };
  }
  override async answers(_jobId: string, offset: number) {
    this.pages++;
    const outputs = new Array<number>(100_000).fill(0.123456);
    const rest = {
      label: 0,
      mark: "exact",
      final: true,
      bound: 0,
      confidence: null,
      volunteerId: null,
      first: null,
    } as const;
    return { queryCount: 1e9, matching: 1e9, offset, answers: [{ index: offset, outputs, ...rest }] as never[] };
  }
}
