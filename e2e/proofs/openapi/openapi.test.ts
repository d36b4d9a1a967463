/** The API's description against the API: routes, types, and the answers of a real session. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readModel } from "../../../server/cli/inputs/model-folder.ts";
import { MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { MemoryStore } from "../../../server/store/testing/memory-store.ts";
import { createApi } from "../../../server/web/api.ts";
import { createHostRules } from "../../../server/web/host-rules.ts";
import type { Json, OpenApiDocument } from "../../../server/web/openapi-document.ts";
import { openApiPage } from "../../../server/web/openapi-page.ts";
import { RecordingPort } from "../../../server/web/testing/recording-port.ts";
import { sentFiles } from "../../../shared/hub/hub-place.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";

const operationKey = (method: string, path: string) => `${method} ${path}`;
const served: string[] = [];
const api = await createApi({
  port: new RecordingPort(),
  store: new MemoryStore(),
  hostRules: createHostRules(null, "127.0.0.1"),
  directories: { client: null, swarm: null },
  v1Directory: mkdtempSync(join(tmpdir(), "paritab-openapi-")),
  isHttps: false,
  onRoute({ method, url }) {
    for (const one of [method].flat())
      if (one !== "HEAD") served.push(operationKey(one, url.replace(/:(\w+)/g, "{$1}")));
  },
});
const document: OpenApiDocument = (await api.inject({ method: "GET", url: "/api/openapi.json" })).json();
await api.close();
/** As the document has them. */
const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { operationId, security, "x-scope": scope = null }]) => {
    const isForTabs = JSON.stringify(security).includes("assignment");
    return { method: method.toUpperCase(), path, name: operationId as string, scope: isForTabs ? "assignment" : scope };
  }),
);

describe("the document", () => {
  test("describes every route that is served, and no other", () => {
    expect(served.sort()).toEqual(OPERATIONS.map(({ method, path }) => operationKey(method, path)).sort());
  });

  test("names every operation once, and refers to nothing that it does not have", () => {
    const names = OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(references.length).toBeGreaterThan(30);
    for (const name of references) expect(document.components.schemas, name).toHaveProperty(name!);
  });

  test("has words for every setting of a submission", () => {
    for (const name of ["InferenceSubmissionInput", "RegressionSubmissionInput", "MatmulSubmissionInput"]) {
      const { properties } = document.components.schemas[name] as { properties: Record<string, Json> };
      const silent = Object.entries(properties).filter(([field, { description }]) => {
        return field !== "kind" && field !== "source" && field !== "tolerance" && description === undefined;
      });
      expect(silent.map(([field]) => `${name}.${field}: describe it in its schema`)).toEqual([]);
    }
  });
});

test("the page has every operation and type, and nothing that its strict policy would refuse", () => {
  const page = openApiPage(document);
  for (const { name, path } of OPERATIONS) {
    expect(page).toContain(`<section id="${name}">`);
    expect(page).toContain(path);
  }
  for (const name of Object.keys(document.components.schemas)) expect(page).toContain(`<section id="${name}">`);
  expect(page).not.toMatch(/<script|style=|<style|https?:\/\/|\son\w+=/);
});

describe("a session", () => {
  let coordinator: CoordinatorInProcess;
  /** Every answer that was heard, and what was wrong with it. */
  const heard = new Set<string>();
  const wrong: string[] = [];

  beforeAll(async () => {
    coordinator = await coordinatorInProcess({}, checkedFetch(heard, wrong));
    await coordinator.openTabs(4);
  });
  afterAll(() => coordinator.close());
  beforeEach(() => void wrong.splice(0));
  const ask = (path: string, init: RequestInit = {}) =>
    checkedFetch(heard, wrong)(new URL(path, coordinator.url), init);

  test("of inference has the answers that the document describes, errors too", async () => {
    const { client } = coordinator;
    const model = sentFiles(await readModel(dirname(MNIST_MODEL_FILES.modelJson)));
    const queries = { dtype: "F32", shape: [20, 784], data: new Float32Array(20 * 784).fill(0.5) } as const;
    let jobId = "";
    const onJob = (id: string) => {
      jobId = id;
    };
    const labels = Array.from({ length: 20 }, (_, i) => i % 10);
    const code = { queriesPerGroup: 2, stragglers: 1, liars: 1 };
    const names = labels.map((label) => `a ${label}`);
    for await (const _ of client.inference({ model, queries, labels, names, ...code, onJob })) await client.jobs();
    await client.names(jobId);
    await Promise.all([client.job(jobId), client.answers(jobId), client.receipt(jobId)]);
    for (const format of ["csv", "npy", "json"] as const) await client.answersFile(jobId, format);
    const source = { kind: "sample", sample: "mnist", queryCount: 20 } as const;
    await client.estimate({ kind: "inference", source });
    await client.estimate({ kind: "inference", source, aim: { finishWithinMs: 600_000 } });
    await client.marksFile(jobId);
    await client.receiptKeys();
    await client.signedReceipt(jobId);
    await client.receiptFile(jobId, "rows.bin");
    await expect(client.receiptFile(jobId, "more.bin")).rejects.toMatchObject({ status: 404 });
    await Promise.all([
      client.timeline(jobId),
      client.queries(jobId, [3, 0]),
      client.answers(jobId, { only: "touched" }),
      client.takenBack(jobId),
    ]);
    await (await ask(`/api/jobs/${jobId}/taken-back.sse`)).body?.cancel();
    await client.redoneFile(jobId, "npy");
    const { finalCount, queryCount } = await client.inferenceJob(jobId);
    if (finalCount === queryCount) await expect(client.redo(jobId)).rejects.toThrow(/all of its answers are final/);
    else expect(await client.redo(jobId)).toMatchObject({ rows: queryCount - finalCount, isNew: true });
    await Promise.all([client.sampleModel(), client.sampleQueries(5, 2)]);
    await expect(client.queries(jobId, [20])).rejects.toThrow(/indices below/);
    await Promise.all([client.sessions(), client.volunteers(), client.status(), client.service()]);
    await Promise.all([client.whoAmI(), client.health()]);
    const { sheetId, watchKey } = await client.makeSeats({ name: "7b", seats: 2 });
    await Promise.all([client.classView(watchKey), client.seatSheets()]);
    await client.endSeat(sheetId, 1);
    await client.endSeats(sheetId);
    const inParts = await client.submit({ kind: "inference", source, parts: 2 } as never);
    await client.job(inParts.jobId);
    await ask(`/api/jobs/${inParts.jobId}-0/parts.json?what=standing&parts=0,1`);
    await client.cancel(inParts.jobId);
    for (const path of ["/readyz", "/metrics", "/api/leaderboard", "/api/teams", "/api/work", `/api/work/${jobId}`])
      await ask(path);
    await (await ask("/api/work.sse")).body?.cancel();
    expect((await ask("/api/later-answers/nobody-knows")).status).toBe(404);
    for (const path of ["/api/openapi.json", "/api/docs", "/api/docs.css", "/api/tokens"]) await ask(path);

    await expect(client.cancel(jobId)).rejects.toThrow(/has ended/);
    await expect(client.job("nobody-knows")).rejects.toThrow(/there is no job/);
    await expect(client.submit({ kind: "inference" } as never)).rejects.toThrow(/source/);
    await expect(client.uploadTensor(Uint8Array.of(1, 2, 3))).rejects.toThrow(/npy/);
    expect((await client.uploadRoom()).roomBytes).toBeGreaterThan(0);
    await expect(client.stop(jobId)).rejects.toThrow(/has ended/);
    await expect(client.goOnUnchecked(jobId)).rejects.toMatchObject({ status: 409, code: "not-suspended" });
    expect(wrong).toEqual([]);
  });

  test("of a stream has the answers that the document describes", async () => {
    const { client } = coordinator;
    const model = sentFiles(await readModel(dirname(MNIST_MODEL_FILES.modelJson)));
    const code = { queriesPerGroup: 2, stragglers: 1, liars: 1 };
    const stream = await client.stream({ model, ...code, closeAfterMs: 5 });
    await stream.push(new Float32Array(784));
    await expect(stream.push([1, 2])).rejects.toThrow(/expected 784 numbers, got 2/);
    const lines = `[${new Array(784).fill(1).join()}]\n[1]\n`;
    expect(await client.postQueries(stream.jobId, lines, 1)).toMatchObject({ taken: 1, refusedCount: 1 });
    await client.job(stream.jobId);
    await stream.close();
    for await (const _ of stream);
    expect(await client.receipt(stream.jobId)).toMatchObject({
      hashes: { queries: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    await expect(client.postQueries(stream.jobId, lines)).rejects.toThrow(/expected a stream that is open/);
    expect(wrong).toEqual([]);
  });

  test("of training has the answers that the document describes", async () => {
    const { client } = coordinator;
    const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(3 * i), 1]);
    const labels = rows.map(([a, b]) => (a! + b! > 0 ? 1 : 0));
    const settings = { model: "logistic", dataVolunteers: 2, stragglers: 1, liars: 1, iterations: 5 } as const;
    let jobId = "";
    for await (const job of client.regression({ features: rows, labels, ...settings })) jobId = job.jobId;
    expect((await client.regressionJob(jobId)).state).toBe("done");
    const [X] = [encodeNpy({ dtype: "F32", shape: [1, 3], data: Float32Array.of(1, 2, 1) })];
    await client.predict(jobId, X);
    await client.predictionsFile(jobId, X);
    expect(await client.evaluation(jobId)).toMatchObject({ byNumber: null });
    await client.tableModel(jobId);
    await client.modelFile(jobId, "onnx");
    await client.columns(jobId);
    await client.history(jobId);
    await client.receipt(jobId);
    await client.timeline(jobId);
    await client.weightsFile(jobId, "npy");
    await client.weightsFile(jobId, "json");
    await client.estimate({
      kind: "regression",
      source: { kind: "sample", sample: "mnist", rows: 100 },
      model: "softmax",
    });
    await expect(client.stop(jobId)).rejects.toThrow(/has ended/);
    expect(wrong).toEqual([]);
  });

  test("of a product of matrices has the answers that the document describes", async () => {
    const { client } = coordinator;
    const upload = async (data: number[]) =>
      (await client.uploadTensor(encodeNpy({ dtype: "I32", shape: [2, 2], data: Int32Array.from(data) }))).tensorSha256;
    const source = {
      kind: "uploads" as const,
      leftSha256: await upload([1, 2, 3, 4]),
      rightSha256: await upload([0, 1, 1, 0]),
    };
    const submission = { kind: "matmul", source, dataVolunteers: 2 } as const;
    await client.estimate(submission);
    const { jobId } = await client.submit(submission);
    await expect(client.stop(jobId)).rejects.toMatchObject({ status: 409, code: "wrong-kind" });
    for await (const job of client.watch(jobId)) expect(job.kind).toBe("matmul");
    await client.productFile(jobId);
    await client.receipt(jobId);
    await client.signedReceipt(jobId);
    expect((await client.jobList({ search: jobId })).jobs).toMatchObject([{ jobId, state: "done", progress: 1 }]);
    expect(await client.submission(jobId)).toMatchObject(submission);
    await expect(client.shareJob(jobId)).rejects.toMatchObject({ status: 409, code: "no-tokens-needed" });
    await expect(client.unshareJob(jobId)).rejects.toMatchObject({ status: 409, code: "no-tokens-needed" });
    await client.deleteJob(jobId);
    await expect(client.deleteJob(jobId)).rejects.toThrow(/there is no job/);
    expect((await client.jobList({ search: jobId })).matching).toBe(0);
    expect(wrong).toEqual([]);
  });

  test("of OpenAI's clients has the answers that the document describes", async () => {
    const folder = new URL("../../models/small-encoder/", import.meta.url);
    const form = new FormData();
    for (const name of ["onnx/model.onnx", "tokenizer.json", "config.json", "1_Pooling/config.json"]) {
      form.append("files", new Blob([readFileSync(new URL(name, folder))]), name);
    }
    expect((await ask("/v1/models?id=small", { method: "POST", body: form })).status).toBe(201);
    for (const path of ["/v1/models", "/v1/models/small", "/v1/models/other"]) await ask(path);
    const json = (body: object) => ({
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect((await ask("/v1/embeddings", json({ model: "small", input: "" }))).status).toBe(400);
    const requests = new FormData();
    requests.append("purpose", "batch");
    requests.append("file", new Blob(["no request"]), "in.jsonl");
    const { id: fileId } = await (await ask("/v1/files", { method: "POST", body: requests })).json();
    const asked = { input_file_id: fileId, endpoint: "/v1/embeddings", completion_window: "24h" };
    const { id: batchId } = await (await ask("/v1/batches", json(asked))).json();
    expect((await ask("/v1/batches", json({ ...asked, endpoint: "/v1/chat" }))).status).toBe(400);
    for (const path of ["/v1/files", `/v1/files/${fileId}`, `/v1/files/${fileId}/content`]) await ask(path);
    for (const path of ["/v1/batches", `/v1/batches/${batchId}`]) await ask(path);
    await ask(`/v1/batches/${batchId}/cancel`, { method: "POST" });
    for (const path of [`/v1/files/${fileId}`, "/v1/models/small"]) await ask(path, { method: "DELETE" });
    expect(wrong).toEqual([]);
  });

  test("has met every operation that is not for tabs, auditors or administrators alone", () => {
    const alone: readonly unknown[] = ["assignment", "audit", "admin"];
    const rest = OPERATIONS.filter(({ scope }) => !alone.includes(scope));
    const missed = rest.map(({ method, path }) => operationKey(method, path)).filter((key) => !heard.has(key));
    expect(missed).toEqual([]);
  });
});

describe("where tokens are needed", () => {
  test("each operation wants the scope that the document says", async () => {
    const coordinator = await coordinatorInProcess({ PARITAB_AUTH: "on" });
    try {
      for (const { method, path, scope } of OPERATIONS) {
        if (scope === "assignment") continue;
        const address = new URL(path.replace(/\{\w+\}/g, "some-id"), coordinator.url);
        const { status } = await fetch(address, { method });
        expect([method, path, status === 401]).toEqual([method, path, scope !== null]);
      }
    } finally {
      await coordinator.close();
    }
  });
});

/** A fetch that holds each answer against the document. */
function checkedFetch(heard: Set<string>, wrong: string[]): typeof fetch {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const validators = new Map<string, ValidateFunction>();
  return async (input, init) => {
    const response = await fetch(input, init);
    const method = init?.method ?? "GET";
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    const operation = OPERATIONS.find((one) => {
      return one.method === method && new RegExp(`^${one.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(pathname);
    });
    const said = `${method} ${pathname}: ${response.status}`;
    if (operation === undefined) {
      wrong.push(`${said}: no such operation is described`);
      return response;
    }
    heard.add(operationKey(operation.method, operation.path));
    const { responses } = document.paths[operation.path]![method.toLowerCase()] as { responses: Record<string, Json> };
    const described = (responses[response.status] ?? (response.status >= 400 ? responses.default : undefined)) as
      | { content: Record<string, { schema: Json }> }
      | undefined;
    const media = (response.headers.get("content-type") ?? "").split(";")[0]!;
    const content = described?.content[media];
    if (content === undefined) {
      wrong.push(
        `${said}: expected ${Object.keys(described?.content ?? {}).join(" or ") || "another status"}, got ${media}`,
      );
      return response;
    }
    if (media === "application/json") {
      const body = (await response.clone().json()) as unknown;
      const key = JSON.stringify(content.schema);
      const fits = validators.get(key) ?? ajv.compile({ ...content.schema, components: document.components });
      validators.set(key, fits);
      if (!fits(body)) wrong.push(`${said}: ${ajv.errorsText(fits.errors)} in ${JSON.stringify(body).slice(0, 300)}`);
    }
    return response;
  };
}
