import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobEstimate } from "../../shared/kinds/kinds.ts";
import type { Comparison } from "../../shared/protocol/estimate-api.ts";
import { openRecordedApi, type RecordedApi } from "./testing/recorded-api.ts";
import type { RecordingPort } from "./testing/recording-port.ts";

let api: RecordedApi;
let app: FastifyInstance;
let port: RecordingPort;

beforeEach(async () => {
  api = await openRecordedApi();
  ({ app, port } = api);
});
afterEach(() => api.close());

const source = { kind: "sample", sample: "mnist" };
const post = (url: string, payload: object) =>
  app.inject({ method: "POST", url, payload, headers: { host: "localhost:8787" } });
const messageOf = (response: { statusCode: number; body: string }) =>
  [response.statusCode, (JSON.parse(response.body) as { error: { message: string } }).error.message] as const;

test("an estimate of an inference job reaches the coordinator with every default filled in, and begins nothing", async () => {
  const sizes = { kind: "sizes", queryCount: 10, macsPerQuery: 5, modelBytes: 0, inputSize: 2, outputSize: 2 };
  const aim = { finishWithinMs: 60_000 };
  expect((await post("/api/estimates", { kind: "inference", source: sizes, aim })).statusCode).toBe(200);
  const asked = { source: { ...sizes, queryDtype: "F32" }, aim: { ...aim, confidence: 0.9 }, completion: "exact" };
  expect(port.calls).toEqual([["estimate", expect.objectContaining(asked)]]);
});

test("whoever says what the job would take alone gets it beside what the crowd would, of any kind, and may say why nothing was measured", async () => {
  const job = {
    kind: "regression",
    model: "logistic",
    source: { kind: "sample", sample: "gisette-like" },
    dataVolunteers: 2,
  };
  const wordsWith = async (more: object) => {
    const response = await post("/api/estimates", { ...job, ...more });
    return [response.statusCode, (JSON.parse(response.body) as JobEstimate & { comparison?: Comparison }).comparison];
  };
  expect(await wordsWith({})).toEqual([200, null]);
  const alone = { lowMs: 900, highMs: 1_000, how: "numpy" };
  expect(await wordsWith({ alone })).toEqual([
    200,
    expect.objectContaining({
      aloneMs: { low: 900, high: 1_000 },
      verdict: "not worth it",
      words: expect.stringMatching(/^Alone 900 ms to 1\.0 s \(numpy\), with the crowd .*: not worth it\.$/),
    }),
  ]);
  expect(await wordsWith({ alone: "no numpy" })).toEqual([
    200,
    expect.objectContaining({ aloneMs: null, words: expect.stringMatching(/^Alone not measured \(no numpy\), /) }),
  ]);
  for (const wrong of [
    { ...alone, lowMs: 2_000 },
    { ...alone, lowMs: 0 },
    { lowMs: 1, highMs: 2 },
    "",
    "a".repeat(201),
  ]) {
    const [status] = messageOf(await post("/api/estimates", { ...job, alone: wrong }));
    expect(status).toBe(400);
  }
});

test("an aim names one thing: a time, or a budget", async () => {
  for (const aim of [{}, { finishWithinMs: 5_000, budgetMacs: 1e9 }, { confidence: 0.9 }]) {
    const [status, message] = messageOf(await post("/api/jobs", { kind: "inference", source, aim }));
    expect([status, message]).toEqual([
      400,
      expect.stringMatching(/exactly one of finishWithinMs, budgetMacs and budgetBytes/),
    ]);
  }
  const [status, message] = messageOf(
    await post("/api/jobs", { kind: "inference", source, aim: { finishWithinMs: 10 } }),
  );
  expect([status, message]).toEqual([400, expect.stringMatching(/aim\.finishWithinMs/)]);
});

test("settings that an aim stands in place of are refused beside it, by name", async () => {
  const job = { kind: "inference", source, aim: { budgetMacs: 1e9 }, queriesPerGroup: 8, scheme: "systematic" };
  for (const url of ["/api/jobs", "/api/estimates"]) {
    const [status, message] = messageOf(await post(url, job));
    expect([status, message]).toEqual([400, expect.stringMatching(/got scheme, queriesPerGroup$/)]);
  }
  expect(port.calls).toEqual([]);
});
