import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QUERIES_PER_LOOK_MAX } from "../../shared/protocol/limits.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { createApi } from "./api.ts";
import { createHostRules } from "./host-rules.ts";
import { RecordingPort } from "./testing/recording-port.ts";

let app: FastifyInstance;
let port: RecordingPort;

beforeEach(async () => {
  port = new RecordingPort();
  app = await createApi({
    port,
    store: new MemoryStore(),
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client: null, swarm: null },
    isHttps: false,
  });
});
afterEach(() => app.close());

const get = (url: string) => app.inject({ method: "GET", url, headers: { host: "localhost:8787" } });
const errorOf = (response: { body: string }) => JSON.parse(response.body).error as { code: string; message: string };

describe("a job's queries", () => {
  test("come as a .npy file, in the order that was asked for", async () => {
    const response = await get("/api/jobs/job-1/queries.npy?indices=2,0");
    expect(response.statusCode).toBe(200);
    expect(parseNpy(response.rawPayload)).toMatchObject({ dtype: "U8", shape: [2, 1], data: Uint8Array.of(2, 0) });
  });

  test.each([
    ["no indices", ""],
    ["no numbers", "?indices=a"],
    ["numbers below 0", "?indices=-1"],
    [
      "more than one look",
      `?indices=${Array(QUERIES_PER_LOOK_MAX + 1)
        .fill(0)
        .join()}`,
    ],
    ["numbers beyond any job", "?indices=9999999"],
  ])("%s are refused, with what was expected", async (_what, query) => {
    const response = await get(`/api/jobs/job-1/queries.npy${query}`);
    expect([response.statusCode, errorOf(response).message]).toEqual([
      400,
      expect.stringContaining(`at most ${QUERIES_PER_LOOK_MAX}`),
    ]);
  });

  test("that are not there are not found, nor is a job that is not", async () => {
    const beyond = await get("/api/jobs/job-1/queries.npy?indices=3");
    expect([beyond.statusCode, errorOf(beyond).code]).toEqual([404, "no-queries"]);
  });
});

describe("answers of one kind", () => {
  test("the coordinator is told which", async () => {
    expect((await get("/api/jobs/job-1/answers.json?only=estimated-first&limit=5")).statusCode).toBe(200);
    expect(port.calls).toEqual([["answers", "job-1", 0, 5, "estimated-first"]]);
  });

  test("a kind that is none is refused with those that are", async () => {
    const response = await get("/api/jobs/job-1/answers.json?only=best");
    expect(response.statusCode).toBe(400);
    expect(errorOf(response).message).toMatch(/not-final.*touched/);
  });
});

describe("the sample", () => {
  test("can be looked at before it is submitted", async () => {
    const response = await get("/api/samples/mnist/queries.npy?offset=9998&limit=2");
    expect(parseNpy(response.rawPayload)).toMatchObject({ dtype: "U8", shape: [2, 28, 28] });
  });

  test("images that are not there are refused", async () => {
    const response = await get("/api/samples/mnist/queries.npy?offset=9999&limit=2");
    expect([response.statusCode, errorOf(response)]).toEqual([
      422,
      { code: "no-such-images", message: "expected images of the sample, got 9999..10000" },
    ]);
  });
});
