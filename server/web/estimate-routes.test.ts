import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
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
