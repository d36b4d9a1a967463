/** What the HTTP API answers, and refuses. One file, though long: all of it asks the same stand-in of a coordinator. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { piecesOf } from "../../shared/protocol/blob-pieces.ts";
import { MODEL_IN_PIECES_BYTES_MIN, MODEL_PIECE_BYTES, TENSOR_FILE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import { sha256Hex } from "../sha256-hex.ts";
import { StoreError } from "../store/store.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { createApi } from "./api.ts";
import { createHostRules } from "./host-rules.ts";
import { RecordingPort } from "./testing/recording-port.ts";

const TOKEN = "t".repeat(22);
const HOST = "localhost:8787";

let app: FastifyInstance;
let port: RecordingPort;
let store: MemoryStore;
let storeWrites: Promise<void> = Promise.resolve();
let directory: string;
let uploadsTold = 0;

beforeEach(async () => {
  port = new RecordingPort();
  storeWrites = Promise.resolve();
  store = new MemoryStore({ settle: () => storeWrites });
  directory = mkdtempSync(join(tmpdir(), "paritab-api-"));
  for (const folder of ["client/assets", "swarm/assets"]) mkdirSync(join(directory, folder), { recursive: true });
  writeFileSync(join(directory, "client/index.html"), "<title>volunteer</title>");
  writeFileSync(join(directory, "client/dashboard.html"), "<title>dashboard</title>");
  writeFileSync(join(directory, "client/assets/page-abc123.js"), "export {}");
  writeFileSync(join(directory, "client/.secret"), "secret");
  writeFileSync(join(directory, "swarm/swarm.html"), "<title>swarm</title>");
  writeFileSync(join(directory, "secret.txt"), "secret");
  otherModel = null;
  app = await open(null);
});
afterEach(async () => {
  await app.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What the comparison of an upload with its files says. */
let otherModel: string | null = null;

function open(swarm: string | null, publicUrl: URL | null = null): Promise<FastifyInstance> {
  const directories = { client: join(directory, "client"), swarm };
  const hostRules = createHostRules(publicUrl, "127.0.0.1");
  const onUploadComes = () => void uploadsTold++;
  const compareUpload = async () => otherModel;
  const isHttps = publicUrl?.protocol === "https:";
  return createApi({ port, store, hostRules, directories, isHttps, onUploadComes, compareUpload });
}

const call = (options: InjectOptions) =>
  app.inject({ ...options, headers: { host: HOST, ...(options.headers as Record<string, string>) } });
const get = (url: string, headers: Record<string, string> = {}) => call({ method: "GET", url, headers });
const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  call({ method: "POST", url, payload: payload as object, headers });
const octets = { "content-type": "application/octet-stream" };
const postTensor = (bytes: Uint8Array) => post("/api/tensors", Buffer.from(bytes), octets);
const codeOf = (response: { body: string }) => JSON.parse(response.body).error.code as string;
const messageOf = (response: { body: string }) => JSON.parse(response.body).error.message as string;

const submission = { kind: "inference", source: { kind: "sample", sample: "mnist" } };

describe("jobs", () => {
  it("[PR20] a submission reaches the coordinator with every default filled in", async () => {
    const response = await post("/api/jobs", submission);
    expect([response.statusCode, response.json()]).toEqual([201, { jobId: "job-1" }]);
    expect(port.calls).toEqual([
      [
        "submit",
        expect.objectContaining({ scheme: "systematic", queriesPerGroup: 4, stragglers: 0, completion: "exact" }),
      ],
    ]);
  });

  it("[PR20] a bad submission is one message that names the field, what was expected and what came", async () => {
    const bad: [unknown, RegExp][] = [
      [{ ...submission, queriesPerGroup: "four" }, /^job: queriesPerGroup: expected number, got "four"$/],
      [{ ...submission, queriesPerGroup: 65 }, /^job: queriesPerGroup: expected number to be <=64, got 65$/],
      [{ ...submission, scheme: "magic" }, /^job: scheme: expected "uncoded" or .*, got "magic"$/],
      [{ ...submission, colour: 1 }, /^job: expected no field "colour": leave it out$/],
      [{ ...submission, groupsPerRound: 0, roundsInFlight: 0 }, /"groupsPerRound", "roundsInFlight": leave them out$/],
      [{ kind: "inference" }, /^job: source: expected .*got nothing$/],
      [{ ...submission, source: { kind: "url" } }, /^job: source\.kind: expected .*, got "url"$/],
      [{ ...submission, stragglers: -1, liars: 0.5 }, /stragglers: .*got -1; liars: .*got 0\.5$/],
      [{ ...submission, name: "x".repeat(81) }, /^job: name: .*<=80 characters/],
    ];
    for (const [payload, message] of bad) {
      const response = await post("/api/jobs", payload);
      expect(response.statusCode).toBe(400);
      expect(messageOf(response)).toMatch(message);
    }
    expect(bad.length).toBe(9);
    expect(port.calls).toEqual([]);
  });

  it("[PR20] broken JSON, a poisoned prototype, plain text and an oversized body are refused", async () => {
    const json = { "content-type": "application/json" };
    expect((await post("/api/jobs", "{", json)).statusCode).toBe(400);
    expect((await post("/api/jobs", '{"__proto__":{"kind":"inference"}}', json)).statusCode).toBe(400);
    expect((await post("/api/jobs", JSON.stringify(submission), { "content-type": "text/plain" })).statusCode).toBe(
      400,
    );
    expect((await post("/api/jobs", "a=1", { "content-type": "application/x-www-form-urlencoded" })).statusCode).toBe(
      415,
    );
    const large = await post("/api/jobs", { ...submission, name: "x".repeat(70_000) });
    expect([large.statusCode, codeOf(large)]).toEqual([413, "too-large"]);
    expect(port.calls).toEqual([]);
  });

  it("[PR20] what the coordinator refuses is passed on as it says", async () => {
    port.submitReply = { status: 422, code: "too-few-queries", message: "queriesPerGroup: expected at most 3, got 4" };
    const response = await post("/api/jobs", submission);
    expect([response.statusCode, codeOf(response)]).toEqual([422, "too-few-queries"]);
    expect(messageOf(response)).toBe("queriesPerGroup: expected at most 3, got 4");
  });

  it("[PR20] jobs are listed, looked at and cancelled; unknown ones are 404, ended ones 409", async () => {
    expect((await get("/api/jobs")).json()).toHaveLength(1);
    expect((await get("/api/jobs/job-1")).json().jobId).toBe("job-1");
    expect((await call({ method: "DELETE", url: "/api/jobs/job-1" })).json().jobId).toBe("job-1");
    expect((await call({ method: "DELETE", url: "/api/jobs/job-ended" })).statusCode).toBe(409);
    for (const url of ["/api/jobs/no", "/api/jobs/no/answers.json", "/api/jobs/no/answers.csv"]) {
      const response = await get(url);
      expect([response.statusCode, codeOf(response)]).toEqual([404, "unknown-job"]);
    }
    expect((await call({ method: "DELETE", url: "/api/jobs/no" })).statusCode).toBe(404);
    expect((await get("/api/jobs/..%2F..%2Fetc")).statusCode).toBe(400);
    expect(port.calls.filter((call) => (call as string[])[0] === "cancel")).toEqual([
      ["cancel", "job-1"],
      ["cancel", "job-ended"],
    ]);
  });
});

describe("answers", () => {
  beforeEach(() => {
    port.answersOfJob1 = {
      queryCount: 3,
      outputSize: 2,
      outputs: Float32Array.of(0.5, 0.25, 0, 0, -1, 2),
      labels: Int32Array.of(0, 0, 1),
      marks: Uint8Array.of(3, 0, 2),
      final: Uint8Array.of(1, 0, 0),
      labelAmbiguous: Uint8Array.of(1, 0, 0),
      bounds: Float64Array.of(1e-4, Number.NaN, Number.NaN),
      confidences: Float64Array.of(Number.NaN, Number.NaN, 0.95),
    };
  });

  it("[PR22] a page is asked for with offset and limit, and both have limits", async () => {
    expect((await get("/api/jobs/job-1/answers.json")).statusCode).toBe(200);
    expect((await get("/api/jobs/job-1/answers.json?offset=2&limit=1000")).statusCode).toBe(200);
    const tooMany = await get("/api/jobs/job-1/answers.json?limit=1001");
    expect([tooMany.statusCode, messageOf(tooMany)]).toEqual([400, expect.stringMatching(/limit: expected .*<=1000/)]);
    expect((await get("/api/jobs/job-1/answers.json?offset=-1")).statusCode).toBe(400);
    expect(port.calls).toEqual([
      ["answers", "job-1", 0, 100],
      ["answers", "job-1", 2, 1000],
    ]);
  });

  it("[PR22] CSV has one row an answer; what is missing or does not apply is empty", async () => {
    const response = await get("/api/jobs/job-1/answers.csv");
    expect(response.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(response.body.split("\r\n")).toEqual([
      "index,label,mark,final,bound,confidence,label_ambiguous,output_0,output_1",
      "0,0,audited,true,0.0001,,true,0.5,0.25",
      "1,,missing,false,,,false,,",
      "2,1,estimated,false,,0.95,false,-1,2",
      "",
    ]);
  });

  it("[PR22] CSV of many answers is whole", async () => {
    const count = 1234;
    port.answersOfJob1 = {
      queryCount: count,
      outputSize: 1,
      outputs: new Float32Array(count),
      labels: new Int32Array(count),
      marks: new Uint8Array(count).fill(4),
      final: new Uint8Array(count),
      labelAmbiguous: new Uint8Array(count),
      bounds: new Float64Array(count),
      confidences: new Float64Array(count),
    };
    const lines = (await get("/api/jobs/job-1/answers.csv")).body.trim().split("\r\n");
    expect(lines.slice(1).map((line) => Number(line.split(",")[0]))).toEqual(
      Array.from({ length: count }, (_, i) => i),
    );
  });

  it("[PR22] CSV of answers of very many numbers has each of them in its line", async () => {
    const outputSize = 300_000;
    port.answersOfJob1 = {
      queryCount: 2,
      outputSize,
      outputs: Float32Array.from({ length: 2 * outputSize }, (_, i) => i),
      labels: null,
      marks: Uint8Array.of(4, 0),
      final: new Uint8Array(2),
      labelAmbiguous: new Uint8Array(2),
      bounds: new Float64Array(2),
      confidences: new Float64Array(2),
    };
    const [head, first, second] = (await get("/api/jobs/job-1/answers.csv")).body.trimEnd().split("\r\n");
    expect([head, first, second].map((line) => line!.split(",").length)).toEqual([7, 7, 7].map((n) => n + outputSize));
    expect(first!.split(",").slice(-2).map(Number)).toEqual([outputSize - 2, outputSize - 1]);
    expect(second).toMatch(/,{300000}$/);
  });

  it("[PR22] .npy holds outputs and marks; a missing answer is NaN, not zero", async () => {
    const outputs = parseNpy((await get("/api/jobs/job-1/answers.npy")).rawPayload);
    expect(outputs).toEqual({
      dtype: "F32",
      shape: [3, 2],
      data: Float32Array.of(0.5, 0.25, Number.NaN, Number.NaN, -1, 2),
    });
    const marks = parseNpy((await get("/api/jobs/job-1/marks.npy")).rawPayload);
    expect(marks).toEqual({ dtype: "U8", shape: [3], data: Uint8Array.of(3, 0, 2) });
  });
});

describe("uploads of tensors", () => {
  it("[PR23] a .npy file is stored as it came, and described", async () => {
    const file = encodeNpy({ dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    const response = await postTensor(file);
    expect(response.statusCode).toBe(201);
    const { tensorSha256, dtype, shape } = response.json();
    expect([dtype, shape]).toEqual(["F32", [2, 3]]);
    expect(await store.getBlob(tensorSha256)).toEqual(file);
  });

  it("[LJ3] that a large one comes is told now and then while it does, so that its job is tried soon; a small one is not told", async () => {
    const file = (count: number) => encodeNpy({ dtype: "U8", shape: [count], data: new Uint8Array(count) });
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    const upload = async (bytes: Uint8Array<ArrayBuffer>) => {
      uploadsTold = 0;
      const response = await fetch(`${address}/api/tensors`, { method: "POST", headers: octets, body: bytes });
      return [response.status, uploadsTold];
    };
    expect(await upload(file(1_000_000))).toEqual([201, 0]);
    expect(await upload(file(80_000_000))).toEqual([201, 2]);
  });

  it("[PR23] a number that is not finite is refused, and the first one is named", async () => {
    const data = Float32Array.of(0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY);
    const response = await postTensor(encodeNpy({ dtype: "F32", shape: [2, 3], data }));
    expect(response.statusCode).toBe(400);
    expect(messageOf(response)).toBe("npy: expected finite numbers, got NaN first at index [1, 1]");
    const late = new Float32Array(3_000_000);
    late[2_999_999] = Number.NEGATIVE_INFINITY;
    const refused = await postTensor(encodeNpy({ dtype: "F32", shape: [late.length], data: late }));
    expect(messageOf(refused)).toBe("npy: expected finite numbers, got -Infinity first at index [2999999]");
  });

  it("[PR23] an empty array, another file and another content type are refused, and nothing is stored", async () => {
    const empty = await postTensor(encodeNpy({ dtype: "F32", shape: [0, 784], data: new Float32Array() }));
    expect(messageOf(empty)).toMatch(/at least one element, got shape \(0, 784\)/);
    const zip = await postTensor(Buffer.from("PK\x03\x04"));
    expect([zip.statusCode, codeOf(zip)]).toEqual([400, "bad-tensor"]);
    expect((await post("/api/tensors", { a: 1 })).statusCode).toBe(415);
    expect((await call({ method: "POST", url: "/api/tensors" })).statusCode).toBe(415);
  });

  it("[PR23] whoever sends what is refused at its beginning may send the rest, and reads why", async () => {
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    const data = new Float32Array(8_000_000);
    data[3] = Number.NaN;
    const file = encodeNpy({ dtype: "F32", shape: [data.length], data });
    const refused = await fetch(`${address}/api/tensors`, { method: "POST", headers: octets, body: file });
    expect([refused.status, (await refused.json()).error.message]).toEqual([
      400,
      "npy: expected finite numbers, got NaN first at index [3]",
    ]);
    await new Promise<void>((resolve, reject) => {
      const headers = { ...octets, "content-length": String(file.length) };
      const request = httpRequest(`${address}/api/tensors`, { method: "POST", headers }, (response) =>
        response.resume(),
      );
      request.on("error", reject).on("finish", resolve);
      request.end(file);
    });
  });

  it("[PR24] an upload whose sender breaks off leaves nothing behind", async () => {
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    const put = vi.spyOn(store, "putBlobStream");
    const file = encodeNpy({ dtype: "U8", shape: [100_000], data: new Uint8Array(100_000) });
    const headers = { ...octets, "content-length": String(file.length) };
    const request = httpRequest(`${address}/api/tensors`, { method: "POST", headers });
    request.on("error", () => {});
    request.write(file.subarray(0, 50_000));
    await vi.waitFor(() => expect(put).toHaveBeenCalled());
    request.destroy();
    await expect(put.mock.results[0]?.value).rejects.toThrow();
    expect(await store.blobBytes(sha256Hex(file))).toBeNull();
  });

  it("[PR24] a body that is announced too large is refused before it is sent", async () => {
    const address = await app.listen({ port: 0, host: "127.0.0.1" });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...octets, "content-length": String(TENSOR_FILE_BYTES_MAX + 1) };
      const request = httpRequest(`${address}/api/tensors`, { method: "POST", headers }, (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on("error", reject);
      request.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it("[PR25] a store that cannot write is 503, or 507 where its disk is full, says nothing was kept, and tells no paths", async () => {
    storeWrites = Promise.reject(new StoreError("ENOSPC: /secret/path"));
    storeWrites.catch(() => {});
    const response = await postTensor(encodeNpy({ dtype: "U8", shape: [1], data: Uint8Array.of(1) }));
    expect([response.statusCode, codeOf(response)]).toEqual([503, "store-failed"]);
    const cause = Object.assign(new Error("/secret/path"), { code: "ENOSPC" });
    storeWrites = Promise.reject(
      new StoreError("store: could not write", { cause: new StoreError("a blob", { cause }) }),
    );
    storeWrites.catch(() => {});
    const full = await postTensor(encodeNpy({ dtype: "U8", shape: [1], data: Uint8Array.of(2) }));
    expect([full.statusCode, codeOf(full)]).toEqual([507, "disk-full"]);
    expect(full.body).toContain("the disk is full");
    expect(full.body).not.toContain("secret");
    expect(response.body).not.toContain("secret");
    expect(Number(response.headers["retry-after"])).toBeGreaterThan(0);
  });
});

describe("uploads of models", () => {
  const kernel = Buffer.from(Float32Array.of(1, 0, 0, 1, 1, 1).buffer);
  const bias = Buffer.from(Float32Array.of(0, 0).buffer);
  const dense = {
    class_name: "Dense",
    config: {
      name: "d",
      units: 2,
      activation: "linear",
      use_bias: true,
      batch_input_shape: [null, 3],
      dtype: "float32",
    },
  };
  const modelJson = (layer: unknown, paths = ["group1.bin"]) =>
    JSON.stringify({
      format: "layers-model",
      modelTopology: {
        keras_version: "2.0",
        backend: "tensor_flow.js",
        model_config: { class_name: "Sequential", config: { name: "s", layers: [layer] } },
      },
      weightsManifest: [
        {
          paths,
          weights: [
            { name: "d/kernel", shape: [3, 2], dtype: "float32" },
            { name: "d/bias", shape: [2], dtype: "float32" },
          ],
        },
      ],
    });
  const upload = (files: Record<string, string | Buffer>) => {
    const boundary = "----paritab";
    const parts = Object.entries(files).flatMap(([name, content]) => [
      Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\n`),
      Buffer.from("content-type: application/octet-stream\r\n\r\n"),
      Buffer.from(content),
      Buffer.from("\r\n"),
    ]);
    const payload = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
    return post("/api/models", payload, { "content-type": `multipart/form-data; boundary=${boundary}` });
  };

  it("[PR26] a tfjs model is stored as one blob, and described", async () => {
    const response = await upload({ "model.json": modelJson(dense), "group1.bin": Buffer.concat([kernel, bias]) });
    expect(response.body).toContain("modelSha256");
    expect(response.statusCode).toBe(201);
    const { modelSha256, ...facts } = response.json();
    expect(facts).toEqual({
      inputShape: [3],
      inputs: [{ name: "input", shape: [3], dtype: "float32" }],
      outputSize: 2,
      outputs: [{ name: "d", size: 2, shape: [2], macsPerQuery: 6 }],
      macsPerQuery: 6,
      weightBytes: 32,
    });
    expect(await store.hasBlob(modelSha256)).toBe(true);
  });

  it("[PR111] a model that packing makes another one of is refused at its upload, with the row and the numbers", async () => {
    otherModel = "the model, on drawn rows: row 0: the file as it came gives 1 at place 0, what packing made of it 2";
    const response = await upload({ "model.json": modelJson(dense), "group1.bin": Buffer.concat([kernel, bias]) });
    expect([response.statusCode, response.json().error]).toMatchObject([
      400,
      { code: "other-model", message: otherModel },
    ]);
  });

  it("[PR82] an .onnx file is stored as one blob, and described with the names of its outputs", async () => {
    const onnx = await readFile(new URL("../../e2e/models/small-resnet/model.onnx", import.meta.url));
    const response = await upload({ "resnet.onnx": onnx });
    expect([response.statusCode, response.json()]).toMatchObject([
      201,
      { inputShape: [3, 32, 32], outputSize: 10, outputs: [{ name: "logits" }, { name: "features", size: 8 }] },
    ]);
    expect(await store.hasBlob(response.json().modelSha256)).toBe(true);
  });

  it("[PR82] an .onnx file that is none, or is not alone, is a clear error", async () => {
    const small = await readFile(new URL("../../e2e/models/small-resnet/model.onnx", import.meta.url));
    const refused: [Record<string, string | Buffer>, RegExp][] = [
      [{ "m.onnx": "not a model" }, /^onnx file: expected/],
      [{ "m.onnx": small, "m.onnx.data": "weights" }, /the files of weights that it names, got "m\.onnx\.data"/],
      [{ "m.onnx": small, "n.onnx": small }, /expected the files of one model, got m\.onnx, n\.onnx/],
      [{ "m.onnx": "m", "model.json": modelJson(dense) }, /expected the files of one model/],
    ];
    for (const [files, message] of refused) {
      const response = await upload(files);
      expect([response.statusCode, codeOf(response)]).toEqual([400, "bad-model"]);
      expect(messageOf(response)).toMatch(message);
    }
  });

  it("[PR26] missing weights, an unknown layer, no model.json and no multipart are clear errors; nothing is stored", async () => {
    const weights = Buffer.concat([kernel, bias]);
    const unknown = { ...dense, class_name: "Lambda" };
    const refused: [Record<string, string | Buffer>, RegExp][] = [
      [{ "model.json": modelJson(dense) }, /group1\.bin/],
      [{ "model.json": modelJson(dense), "group1.bin": kernel }, /32|byte/],
      [{ "model.json": modelJson(unknown), "group1.bin": weights }, /Lambda/],
      [{ "model.json": modelJson(dense, ["../../etc/passwd"]), "group1.bin": weights }, /passwd/],
      [{ "group1.bin": weights }, /expected a file named model\.json, or one \.onnx file, got group1\.bin/],
    ];
    const putBlob = store.putBlob.bind(store);
    let stored = 0;
    store.putBlob = (bytes) => {
      stored++;
      return putBlob(bytes);
    };
    for (const [files, message] of refused) {
      const response = await upload(files);
      expect([response.statusCode, codeOf(response)]).toEqual([400, "bad-model"]);
      expect(messageOf(response)).toMatch(message);
    }
    expect((await post("/api/models", { a: 1 })).statusCode).toBe(415);
    expect(stored).toBe(0);
  });
});

describe("the data plane of tabs", () => {
  const bearer = { authorization: `Bearer ${TOKEN}` };
  const sha256 = "a".repeat(64);

  it("[PR27] a blob is read with the token that opens it; models are immutable, inputs are not kept", async () => {
    port.blobs.set(sha256, { token: TOKEN, kind: "model", bytes: Uint8Array.of(1, 2) });
    const model = await get(`/blobs/${sha256}`, bearer);
    expect(model.rawPayload).toEqual(Buffer.from([1, 2]));
    expect(model.headers["cache-control"]).toBe("private, max-age=31536000, immutable");
    port.blobs.set(sha256, { token: TOKEN, kind: "input", bytes: Uint8Array.of(1, 2) });
    expect((await get(`/blobs/${sha256}`, bearer)).headers["cache-control"]).toBe("no-store");
  });

  it("[LJ1] bytes that are lent are given back once for each response, when it has left", async () => {
    let [lent, givenBack] = [0, 0];
    const bytes = Uint8Array.of(1, 2, 3);
    port.blobs.set(sha256, { token: TOKEN, kind: "input", bytes, giveBack: () => givenBack++ });
    for (let i = 0; i < 3; i++) {
      const before = givenBack;
      const response = await get(`/blobs/${sha256}`, bearer);
      lent++;
      expect(response.rawPayload).toEqual(Buffer.from(bytes));
      await expect.poll(() => givenBack).toBe(lent);
      expect(before).toBe(lent - 1);
    }
  });

  it("[PR27] no token, another's token, a token in the address and a name that is no hash open nothing", async () => {
    port.blobs.set(sha256, { token: TOKEN, kind: "model", bytes: Uint8Array.of(1, 2) });
    expect((await get(`/blobs/${sha256}`)).statusCode).toBe(401);
    expect((await get(`/blobs/${sha256}?token=${TOKEN}`)).statusCode).toBe(401);
    expect((await get(`/blobs/${sha256}`, { authorization: "Bearer short" })).statusCode).toBe(401);
    expect((await get(`/blobs/${sha256}`, { authorization: `Bearer ${"u".repeat(22)}` })).statusCode).toBe(404);
    expect((await get(`/blobs/${"b".repeat(64)}`, bearer)).statusCode).toBe(404);
    expect((await get("/blobs/..%2Fparitab.sqlite", bearer)).statusCode).toBe(400);
  });

  it("[PR94] a model comes in pieces, each smaller where Brotli makes it so and the tab takes it; there are no others", async () => {
    const bytes = new Uint8Array(MODEL_IN_PIECES_BYTES_MIN + 5);
    bytes.set(randomBytes(MODEL_PIECE_BYTES));
    port.blobs.set(sha256, { token: TOKEN, kind: "model", bytes });
    const takesBrotli = { ...bearer, "accept-encoding": "gzip, br" };
    const pieces = piecesOf(bytes.length);
    const got: Buffer[] = [];
    for (const piece of pieces.keys()) {
      const { headers, rawPayload, statusCode } = await get(`/blobs/${sha256}/pieces/${piece}`, takesBrotli);
      expect([statusCode, headers["cache-control"]]).toEqual([200, "private, max-age=31536000, immutable"]);
      const isPacked = headers["content-encoding"] === "br";
      // Noise is the first, zeros are the others but for the rest, which is too short.
      expect(isPacked).toBe(piece > 0 && piece < pieces.length - 1);
      got.push(isPacked ? brotliDecompressSync(rawPayload) : rawPayload);
    }
    expect(Buffer.concat(got).equals(bytes)).toBe(true);
    const plain = await get(`/blobs/${sha256}/pieces/1`, bearer);
    expect([plain.headers["content-encoding"], plain.rawPayload.length]).toEqual([undefined, MODEL_PIECE_BYTES]);
    expect((await get(`/blobs/${sha256}/pieces/${pieces.length}`, bearer)).statusCode).toBe(404);
    expect((await get(`/blobs/${sha256}/pieces/-1`, bearer)).statusCode).toBe(400);
    expect((await get(`/blobs/${sha256}/pieces/0`)).statusCode).toBe(401);
    expect((await get(`/blobs/${"b".repeat(64)}/pieces/0`, bearer)).statusCode).toBe(404);
    let reads = 0;
    const input = {
      kind: "input" as const,
      get bytes() {
        reads++;
        return new Uint8Array(100_000);
      },
    };
    port.blobForToken = () => input;
    const refused = await get(`/blobs/${sha256}/pieces/0`, takesBrotli);
    // A frame is written when its bytes are read.
    expect([refused.statusCode, codeOf(refused), reads]).toEqual([404, "unknown-piece", 0]);
  });

  const put = (bytes: Uint8Array, headers: Record<string, string> = bearer) =>
    call({ method: "PUT", url: "/results", payload: Buffer.from(bytes), headers: { ...octets, ...headers } });

  it("[PR28] a result's bytes reach the coordinator with their token", async () => {
    const response = await put(Uint8Array.of(1, 2, 3));
    expect([response.statusCode, response.json()]).toEqual([200, { verdict: "received" }]);
    expect(port.calls).toEqual([["resultUploaded", TOKEN, Uint8Array.of(1, 2, 3)]]);
  });

  it("[PR28] a stale token and a body beyond what its assignment can answer are refused unread", async () => {
    port.resultBytes = 2;
    expect((await put(Uint8Array.of(1, 2, 3))).statusCode).toBe(413);
    port.resultBytes = null;
    const stale = await put(Uint8Array.of(1));
    expect([stale.statusCode, codeOf(stale)]).toEqual([409, "stale"]);
    expect((await put(Uint8Array.of(1), { authorization: "" })).statusCode).toBe(401);
    expect(port.calls).toEqual([]);
  });

  it("[PR28] what the coordinator finds stale or malformed is said", async () => {
    port.uploadVerdict = "stale";
    expect((await put(Uint8Array.of(1))).statusCode).toBe(409);
    port.uploadVerdict = "malformed";
    expect((await put(Uint8Array.of(1))).statusCode).toBe(400);
  });
});

describe("who may call", () => {
  it("[PR29] another site's page changes nothing; our own pages and programs may", async () => {
    const attempts = ["https://evil.example", "null", "http://localhost:3000", `http://${HOST}.evil.example`];
    for (const origin of attempts) {
      const response = await post("/api/jobs", submission, { origin });
      expect([response.statusCode, codeOf(response)]).toEqual([403, "foreign-origin"]);
      expect((await call({ method: "DELETE", url: "/api/jobs/job-1", headers: { origin } })).statusCode).toBe(403);
      expect((await call({ method: "PUT", url: "/results", headers: { origin } })).statusCode).toBe(403);
    }
    expect(port.calls).toEqual([]);
    expect((await post("/api/jobs", submission, { origin: `http://${HOST}` })).statusCode).toBe(201);
    expect((await post("/api/jobs", submission)).statusCode).toBe(201);
  });

  it("[PR29] a Host that is not ours is refused on every route: DNS rebinding", async () => {
    for (const host of ["evil.example", "evil.example:8787", "localhost.evil.example", "127.0.0.1.nip.io", "a b"]) {
      for (const url of ["/", "/api/jobs", "/healthz", "/nothing"]) {
        const response = await get(url, { host });
        expect([response.statusCode, codeOf(response)]).toEqual([403, "foreign-host"]);
      }
    }
    for (const host of ["localhost:8787", "127.0.0.1", "[::1]:8787", "LOCALHOST"]) {
      expect((await get("/healthz", { host })).statusCode).toBe(200);
    }
  });

  it("[PR29] the public address is a name of ours, its pages are ours, and browsers are told to stay with TLS", async () => {
    await app.close();
    app = await open(null, new URL("https://paritab.example"));
    const host = "paritab.example";
    const own = await post("/api/jobs", submission, { host, origin: "https://paritab.example" });
    expect(own.statusCode).toBe(201);
    expect(own.headers["strict-transport-security"]).toBe("max-age=31536000");
    expect((await post("/api/jobs", submission, { host, origin: "https://other.example" })).statusCode).toBe(403);
  });
});

describe("every response", () => {
  it("[PR30] carries the security headers, errors and files alike", async () => {
    const responses = await Promise.all([
      get("/"),
      get("/assets/page-abc123.js"),
      get("/api/jobs"),
      get("/nothing"),
      get("/", { host: "evil.example" }),
      post("/api/jobs", "{", { "content-type": "application/json" }),
    ]);
    for (const { headers } of responses) {
      expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
      expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
      expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["permissions-policy"]).toContain("camera=()");
      expect(headers["strict-transport-security"]).toBeUndefined();
      const policy = String(headers["content-security-policy"]);
      expect(policy).not.toContain("unsafe-inline");
      expect(policy).not.toContain("'unsafe-eval'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
      expect(policy).toContain("require-trusted-types-for 'script';trusted-types default");
    }
    const policy = String(responses[0].headers["content-security-policy"]);
    expect(policy).toContain(`connect-src 'self' ws://${HOST} wss://${HOST};`);
    const fixed = ({ date: _, ...headers }: (typeof responses)[0]["headers"]) => headers;
    expect(fixed((await get("/")).headers)).toEqual(fixed(responses[0].headers));
    for (const port of [1, 2, 1]) {
      const { headers } = await get("/", { host: `127.0.0.1:${port}` });
      expect(headers["content-security-policy"]).toContain(`connect-src 'self' ws://127.0.0.1:${port} `);
    }
    expect(String((await get("/", { host: "x;script-src *" })).headers["content-security-policy"])).not.toContain(
      "script-src *",
    );
  });

  it("[PR30] that is an error has one form, on unknown routes too", async () => {
    const response = await get("/api/nothing?secret=1");
    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({ error: { code: "not-found", message: "there is nothing at GET /api/nothing" } });
    expect((await post("/nothing", {})).json().error.code).toBe("not-found");
  });

  it("[PR30] an unforeseen error tells the caller nothing of the inside", async () => {
    port.jobViews = () => {
      throw new Error("secret in /srv/paritab");
    };
    const response = await get("/api/jobs");
    expect([response.statusCode, codeOf(response)]).toEqual([500, "internal"]);
    expect(response.body).not.toContain("secret");
  });
});

describe("pages", () => {
  it("[PR31] / and /dashboard are served fresh, hashed files for ever", async () => {
    const [page, dashboard, asset] = [await get("/"), await get("/dashboard"), await get("/assets/page-abc123.js")];
    expect(page.body).toContain("volunteer");
    expect(page.headers["cache-control"]).toBe("no-cache");
    expect(dashboard.body).toContain("dashboard");
    expect(dashboard.headers["cache-control"]).toBe("no-cache");
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  it("[PR31] what the build has compressed is sent so to whoever takes it, as what it is, for ever", async () => {
    writeFileSync(join(directory, "client/assets/kernels-abc123.wasm"), "a long library");
    writeFileSync(join(directory, "client/assets/kernels-abc123.wasm.gz"), gzipSync("a long library"));
    const address = "/assets/kernels-abc123.wasm";
    const [plain, packed] = [await get(address), await get(address, { "accept-encoding": "gzip, br" })];
    expect([plain.body, plain.headers["content-encoding"]]).toEqual(["a long library", undefined]);
    expect(gunzipSync(packed.rawPayload).toString()).toBe("a long library");
    expect(packed.headers).toMatchObject({
      "content-encoding": "gzip",
      "content-type": "application/wasm",
      "cache-control": "public, max-age=31536000, immutable",
      vary: expect.stringMatching(/accept-encoding/i),
    });
  });

  it("[PR31] nothing outside the build is served, and no hidden file", async () => {
    for (const url of [
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/assets/..%2f..%2fsecret.txt",
      "/.secret",
    ]) {
      const response = await get(url);
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      expect(response.body).not.toBe("secret");
    }
  });

  it("[PR31] the swarm's page is there only where faults are allowed", async () => {
    for (const url of ["/swarm.html", "/swarm/swarm.html"]) expect((await get(url)).statusCode).toBe(404);
    await app.close();
    app = await open(join(directory, "swarm"));
    for (const url of ["/swarm.html", "/swarm/swarm.html"]) expect((await get(url)).body).toContain("swarm");
    expect((await get("/")).body).toContain("volunteer");
  });

  it("[PR32] the crowd and the status are there to read", async () => {
    expect((await get("/api/sessions")).json()).toEqual([]);
    expect((await get("/api/volunteers")).json()).toHaveLength(2);
    expect((await get("/api/volunteers?state=quarantined")).json()).toMatchObject([{ volunteerId: "v2" }]);
    expect((await get("/api/volunteers?state=asleep")).statusCode).toBe(400);
    expect((await get("/api/status")).json().protocolVersion).toBe(1);
    expect((await get("/healthz")).json()).toEqual({ ok: true });
  });

  it("[PR32] listens for real", async () => {
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port: number } = app.server.address() as AddressInfo;
    expect((await fetch(`http://127.0.0.1:${number}/healthz`)).status).toBe(200);
  });
});
