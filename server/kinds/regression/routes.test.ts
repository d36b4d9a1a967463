import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REGRESSION_PREDICTIONS_MAX } from "../../../shared/kinds/regression/limits.ts";
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";
import type { RegressionWeightsFile } from "../../../shared/kinds/regression/weights.ts";
import { encodeNpy, parseNpy } from "../../../shared/protocol/npy.ts";
import { openRecordedApi, type RecordedApi } from "../../web/testing/recorded-api.ts";
import { estimateOf, receiptOf } from "../../web/testing/recorded-regression.ts";
import type { RecordingPort } from "../../web/testing/recording-port.ts";

const submission = { kind: "regression", source: { kind: "sample", sample: "gisette-like" } };

let api: RecordedApi;
let app: FastifyInstance;
let port: RecordingPort;

beforeEach(async () => {
  api = await openRecordedApi();
  ({ app, port } = api);
});
afterEach(() => api.close());

const call = (options: InjectOptions) =>
  app.inject({ ...options, headers: { host: "localhost:8787", ...(options.headers as Record<string, string>) } });
const get = (url: string) => call({ method: "GET", url });
const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  call({ method: "POST", url, payload: payload as object, headers });
const postFeatures = (url: string, bytes: Uint8Array, accept = "*/*") =>
  post(url, Buffer.from(bytes), { "content-type": "application/octet-stream", accept });
const problemOf = (response: { statusCode: number; body: string }) => {
  const { code, message } = JSON.parse(response.body).error as { code: string; message: string };
  return [response.statusCode, code, message] as const;
};

describe("submitting", () => {
  it("[PR20] a gradient job reaches the coordinator with every default filled in", async () => {
    const response = await post("/api/jobs", submission);
    expect([response.statusCode, response.json()]).toEqual([201, { jobId: "job-1" }]);
    expect(port.calls).toEqual([
      ["submit", expect.objectContaining({ scheme: "avcc", dataVolunteers: 4, iterations: 300, patience: null })],
    ]);
  });

  it("[PR20] the former name of the kind is taken still", async () => {
    for (const url of ["/api/jobs", "/api/estimates"]) await post(url, { ...submission, kind: "gradient" });
    expect(port.calls).toMatchObject([
      ["submit", { kind: "regression" }],
      ["estimate", { kind: "regression" }],
    ]);
  });

  it("[PR20] invitations are told once, and kept by no cache", async () => {
    port.submitReply = { jobId: "job-1", invitations: ["one", "two"] };
    const response = await post("/api/jobs", { ...submission, colluders: 1 });
    expect(response.json()).toEqual({ jobId: "job-1", invitations: ["one", "two"] });
    expect(response.headers["cache-control"]).toBe("no-store");
  });

  it("[PR20] a bad gradient job names the field, what was expected and what came", async () => {
    const bad: [unknown, RegExp][] = [
      [{ ...submission, kind: "magic" }, /^job: kind: expected 'inference' \| 'regression' \| 'matmul', got "magic"$/],
      [{ ...submission, learningRate: 0 }, /^job: learningRate: expected number to be >0, got 0$/],
      [{ ...submission, model: "deep" }, /^job: model: expected "linear" or .*, got "deep"$/],
      [{ ...submission, source: { kind: "sample", sample: "iris" } }, /^job: source\.sample: .*got "iris"$/],
      [{ ...submission, completion: "fast" }, /^job: expected no field "completion": leave it out$/],
    ];
    for (const [payload, message] of bad) {
      for (const url of ["/api/jobs", "/api/estimates"]) {
        if (url === "/api/estimates" && payload === bad[0]![0]) continue;
        const [status, , text] = problemOf(await post(url, payload));
        expect([status, text]).toEqual([400, expect.stringMatching(message)]);
      }
    }
    expect(port.calls).toEqual([]);
  });
});

describe("estimates", () => {
  it("[PR20] tell the cost, and begin nothing", async () => {
    const response = await post("/api/estimates", submission);
    expect([response.statusCode, response.json()]).toEqual([200, estimateOf()]);
    expect(port.names()).toEqual(["estimate"]);
  });

  it("[PR20] are of gradient jobs alone; what the coordinator finds impossible is passed on", async () => {
    expect(problemOf(await post("/api/estimates", { kind: "inference" }))[0]).toBe(400);
    port.estimateReply = { status: 422, code: "impossible-code", message: "avcc: expected at least 6, got 5" };
    expect(problemOf(await post("/api/estimates", submission))).toEqual([
      422,
      "impossible-code",
      "avcc: expected at least 6, got 5",
    ]);
  });
});

describe("stopping", () => {
  it("[PR41] a running job is stopped, and its view comes back", async () => {
    const response = await call({ method: "POST", url: "/api/jobs/regression-1/stop" });
    expect([response.statusCode, response.json().jobId]).toEqual([200, "regression-1"]);
    expect(port.calls).toEqual([["stop", "regression-1"]]);
  });

  it("[PR41] a job without weights, one that has ended, one that is no stream and none at all say why not", async () => {
    port.stops = false;
    const stop = async (jobId: string) =>
      problemOf(await call({ method: "POST", url: `/api/jobs/${jobId}/stop` })).slice(0, 2);
    expect(await stop("regression-1")).toEqual([409, "no-weights"]);
    expect(await stop("regression-ended")).toEqual([409, "job-ended"]);
    expect(await stop("job-1")).toEqual([409, "not-open"]);
    expect(await stop("no")).toEqual([404, "unknown-job"]);
  });
});

describe("what a gradient job gives", () => {
  it("[PR42] history is there while it runs", async () => {
    const history = (await get("/api/jobs/regression-1/history.json")).json();
    expect(history.points.map(({ loss }: { loss: number }) => loss)).toEqual([0.69, 0.6]);
    expect(history.codeChanges).toHaveLength(1);
  });

  it("[PR42] the receipt is there once it has ended", async () => {
    expect(problemOf(await get("/api/jobs/regression-1/receipt.json")).slice(0, 2)).toEqual([409, "job-runs"]);
    port.regressionReceipt = receiptOf("regression-ended");
    expect((await get("/api/jobs/regression-ended/receipt.json")).json()).toEqual(port.regressionReceipt);
  });

  it("[PR42] weights come as float64, columns x classes, in both formats", async () => {
    const weights = Float64Array.of(1 / 3, -0.25, 5e-324, 1e300, 2, 3);
    port.weights = {
      iteration: 7,
      columns: 3,
      classes: 2,
      weights,
      labelOfClass: [0, 1],
      columnNames: ["a", "b", "c"],
      table: null,
    };
    const npy = parseNpy((await get("/api/jobs/regression-1/weights.npy")).rawPayload);
    expect(npy).toEqual({ dtype: "F64", shape: [3, 2], data: weights });
    const json = (await get("/api/jobs/regression-1/weights.json")).json() as RegressionWeightsFile;
    const expected = [
      [1 / 3, -0.25],
      [5e-324, 1e300],
      [2, 3],
    ];
    expect(json).toEqual({
      weightsOf: 7,
      columns: 3,
      classes: 2,
      labelOfClass: [0, 1],
      columnNames: ["a", "b", "c"],
      weights: expected,
    });
  });

  it("[PR42] what its columns are called is there before there are weights, and null where the data had no names", async () => {
    expect((await get("/api/jobs/regression-1/columns.json")).json()).toEqual({ columns: 3, columnNames: null });
    port.columnNames = ["a", "b", "c"];
    const { columnNames } = (await get("/api/jobs/regression-1/columns.json")).json();
    expect(columnNames).toEqual(["a", "b", "c"]);
  });

  it("[PR42] many weights as JSON are whole", async () => {
    const columns = 1_234;
    const weights = Float64Array.from({ length: columns }, (_, j) => j / 7);
    port.weights = { iteration: 1, columns, classes: 1, weights, labelOfClass: [], columnNames: null, table: null };
    const json = (await get("/api/jobs/regression-1/weights.json")).json() as RegressionWeightsFile;
    expect(Float64Array.from(json.weights.flat())).toEqual(weights);
  });

  it("[PR42] before there are weights, and for a job of another kind, files are 409; for none 404", async () => {
    for (const file of ["weights.npy", "weights.json"]) {
      expect(problemOf(await get(`/api/jobs/regression-1/${file}`)).slice(0, 2)).toEqual([409, "no-weights"]);
    }
    for (const file of ["weights.npy", "weights.json", "columns.json", "history.json", "receipt.json"]) {
      expect(problemOf(await get(`/api/jobs/no/${file}`)).slice(0, 2)).toEqual([404, "unknown-job"]);
    }
    for (const file of ["weights.npy", "weights.json", "columns.json", "history.json"]) {
      expect(problemOf(await get(`/api/jobs/job-1/${file}`)).slice(0, 2)).toEqual([409, "wrong-kind"]);
    }
  });
});

describe("predictions", () => {
  const features = encodeNpy({ dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
  const url = "/api/jobs/regression-1/predictions";
  const postTable = (text: string, accept: string) => post(url, text, { "content-type": "text/csv", accept });

  it("[PR43] come as .npy, as JSON or as CSV, whichever is accepted; probabilities as .npy", async () => {
    port.predictReply = new TextEncoder().encode("[1]");
    const asked: [string, string, string, string][] = [
      [url, "*/*", "npy", "application/octet-stream"],
      [url, "application/json", "json", "application/json; charset=utf-8"],
      [url, "text/csv", "csv", "text/csv; charset=utf-8"],
      [`${url}?of=probabilities`, "application/json", "probabilities", "application/octet-stream"],
    ];
    for (const [address, accept, form, media] of asked) {
      const response = await postFeatures(address, features, accept);
      expect([response.statusCode, response.headers["content-type"], response.body]).toEqual([200, media, "[1]"]);
      expect(port.calls.at(-1)).toEqual(["predict", "regression-1", expect.objectContaining({ shape: [2, 3] }), form]);
    }
    expect((await postFeatures(`${url}?of=all`, features)).statusCode).toBe(400);
  });

  it("[PR43] rows may be a table as CSV", async () => {
    port.predictReply = new TextEncoder().encode("prediction\nyes\n");
    expect((await postTable("a,b\n1,2\n", "text/csv")).body).toBe("prediction\nyes\n");
    expect(port.calls).toEqual([["predict", "regression-1", "a,b\n1,2\n", "csv"]]);
  });

  it("[PR43] NaN, no numbers, too many rows and another content type never reach the coordinator", async () => {
    port.predictReply = new Uint8Array();
    const nan = encodeNpy({ dtype: "F64", shape: [1, 2], data: Float64Array.of(1, Number.NaN) });
    expect(problemOf(await postFeatures(url, nan))).toEqual([
      400,
      "bad-tensor",
      "npy: expected finite numbers, got NaN first at index [0, 1]",
    ]);
    expect(problemOf(await postFeatures(url, Buffer.from("1,2,3")))[1]).toBe("bad-tensor");
    const rows = REGRESSION_PREDICTIONS_MAX + 1;
    const many = encodeNpy({ dtype: "U8", shape: [rows, 1], data: new Uint8Array(rows) });
    expect(problemOf(await postFeatures(url, many)).slice(0, 2)).toEqual([413, "too-large"]);
    expect(problemOf(await post(url, { x: [1] }))[0]).toBe(415);
    expect(port.calls).toEqual([]);
  });

  it("[PR43] without weights 409; what does not fit is passed on as the coordinator says", async () => {
    expect(problemOf(await postFeatures(url, features)).slice(0, 2)).toEqual([409, "no-weights"]);
    port.predictReply = { status: 422, code: "wrong-shape", message: "X: expected 5 columns, got 3" };
    expect(problemOf(await postFeatures(url, features))).toEqual([422, "wrong-shape", "X: expected 5 columns, got 3"]);
  });
});

describe("the model and how good it is", () => {
  it("[PR42] as JSON and as a file of another program, named by the job; before there are weights 409", async () => {
    for (const file of ["model.json", "model.onnx"]) {
      expect(problemOf(await get(`/api/jobs/regression-1/${file}`)).slice(0, 2)).toEqual([409, "no-weights"]);
    }
    port.table = { format: "paritab-table-model", columns: [] } as unknown as TableModel;
    expect((await get("/api/jobs/regression-1/model.json")).json()).toEqual(port.table);
    const exported = await get("/api/jobs/regression-1/model.onnx");
    expect([...exported.rawPayload]).toEqual([8, 9]);
    expect(exported.headers["content-disposition"]).toBe('attachment; filename="regression-1-model.onnx"');
  });

  it("[PR43] how good it is, is null where nothing was kept, as of jobs of before", async () => {
    expect((await get("/api/jobs/regression-ended/evaluation.json")).json()).toEqual({ evaluation: null });
    const byNumber = { rootMeanSquare: 1, meanAbsolute: 1, explained: null, residuals: [[1, 2]] as [number, number][] };
    port.evaluation = { weightsOf: 3, of: "held-out", rows: 1, byClass: null, byNumber };
    expect((await get("/api/jobs/regression-ended/evaluation.json")).json()).toEqual({ evaluation: port.evaluation });
    for (const file of ["model.json", "model.onnx", "evaluation.json"]) {
      expect(problemOf(await get(`/api/jobs/no/${file}`)).slice(0, 2)).toEqual([404, "unknown-job"]);
      expect(problemOf(await get(`/api/jobs/job-1/${file}`)).slice(0, 2)).toEqual([409, "wrong-kind"]);
    }
  });
});
