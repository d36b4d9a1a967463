import { afterEach, beforeEach, expect, test } from "vitest";
import { JOB_LIST_ROWS_MAX } from "../../shared/protocol/limits.ts";
import { openRecordedApi, type RecordedApi } from "./testing/recorded-api.ts";

let api: RecordedApi;
beforeEach(async () => {
  api = await openRecordedApi();
});
afterEach(() => api.close());

const ask = async (method: "GET" | "DELETE", url: string) => {
  const response = await api.app.inject({ method, url, headers: { host: "localhost:8787" } });
  return { status: response.statusCode, body: response.json() };
};

test("a list is asked for page by page, with a filter and a search", async () => {
  await ask("GET", "/api/job-list");
  expect(await ask("GET", "/api/job-list?show=ended&search=old+letters&offset=50&limit=10")).toEqual({
    status: 200,
    body: { matching: 0, offset: 50, jobs: [] },
  });
  expect(api.port.calls).toEqual([
    ["jobList", { show: "all", search: "", offset: 0, limit: 25 }, null],
    ["jobList", { show: "ended", search: "old letters", offset: 50, limit: 10 }, null],
  ]);
});

test.each(["show=most", "offset=-1", "limit=0", `limit=${JOB_LIST_ROWS_MAX + 1}`, `search=${"x".repeat(81)}`])(
  "a list with %s is refused, and the setting is named",
  async (query) => {
    const { status, body } = await ask("GET", `/api/job-list?${query}`);
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(query.split("=")[0]!)]);
    expect(api.port.calls).toEqual([]);
  },
);

test("how a job was asked for is told of a job that there is", async () => {
  expect((await ask("GET", "/api/jobs/job-1/submission")).body).toEqual({ kind: "inference", name: "digits" });
  expect((await ask("GET", "/api/jobs/nobody/submission")).status).toBe(404);
});

test("[JB8] a job that has ended is deleted with its data; one that runs is not, and is told to be cancelled first", async () => {
  expect(await ask("DELETE", "/api/jobs/job-ended/data")).toEqual({ status: 200, body: { jobId: "job-ended" } });
  const runs = await ask("DELETE", "/api/jobs/job-1/data");
  expect([runs.status, runs.body.error]).toMatchObject([409, { code: "job-runs" }]);
  expect(runs.body.error.message).toContain("cancel it first");
  expect((await ask("DELETE", "/api/jobs/nobody/data")).status).toBe(404);
});
