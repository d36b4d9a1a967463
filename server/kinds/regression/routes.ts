/** Regressions beyond what every job has: history, weights, predictions. */
import { Readable } from "node:stream";
import type { RegressionHistory } from "../../../shared/kinds/regression/job-view.ts";
import type { RegressionPredictions } from "../../../shared/kinds/regression/weights.ts";
import { GRADIENT_PREDICTIONS_MAX, TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../web/api-failure.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { unknownJob } from "../../web/job-address.ts";
import { parseTensor } from "../../web/tensor-routes.ts";
import { jobOfKind, type Web } from "../../web/web-kind.ts";
import type { RegressionPort, RegressionWeights } from "./port.ts";

const WEIGHT_ROWS_PER_CHUNK = 500;

export function addRegressionRoutes({ app, port, uploadBudget }: Web, desk: RegressionPort): void {
  const jobIn = (parameters: unknown) => jobOfKind(port, parameters, "regression", "a regression");

  app.get("/api/jobs/:jobId/history.json", async (request): Promise<RegressionHistory> => {
    const { jobId } = jobIn(request.params);
    return desk.history(jobId) ?? unknownJob(jobId);
  });

  app.get("/api/jobs/:jobId/weights.npy", async (request, reply) => {
    const { jobId } = jobIn(request.params);
    const { columns, classes, weights } = (await desk.weights(jobId)) ?? noWeights(jobId);
    const file = encodeNpy({ dtype: "F64", shape: [columns, classes], data: weights });
    return reply
      .type("application/octet-stream")
      .header("content-disposition", `attachment; filename="${jobId}-weights.npy"`)
      .send(Buffer.from(file.buffer));
  });

  app.get("/api/jobs/:jobId/weights.json", async (request, reply) => {
    const { jobId } = jobIn(request.params);
    const weights = (await desk.weights(jobId)) ?? noWeights(jobId);
    return reply
      .type("application/json; charset=utf-8")
      .header("content-disposition", `attachment; filename="${jobId}-weights.json"`)
      .send(Readable.from(weightsChunks(weights)));
  });

  const predictionOptions = { bodyLimit: TENSOR_BYTES_MAX, onRequest: uploadBudget(TENSOR_BYTES_MAX) };
  app.post("/api/jobs/:jobId/predictions", predictionOptions, async (request, reply) => {
    const { jobId } = jobIn(request.params);
    const predictions = await predict(desk, jobId, request.body);
    const wantsJson = /\bapplication\/json\b/.test(request.headers.accept ?? "");
    if (wantsJson) return predictions;
    const data = Float64Array.from(predictions.predictions);
    const file = encodeNpy({ dtype: "F64", shape: [data.length], data });
    return reply
      .type("application/octet-stream")
      .header("content-disposition", `attachment; filename="${jobId}-predictions.npy"`)
      .send(Buffer.from(file.buffer));
  });
}

function noWeights(jobId: string): never {
  throw new ApiFailure(
    409,
    "no-weights",
    `job ${jobId}: expected a job with weights, got one that has not kept any yet; look again after some iterations`,
  );
}

async function predict(desk: RegressionPort, jobId: string, body: unknown): Promise<RegressionPredictions> {
  if (!Buffer.isBuffer(body)) {
    throw new ApiFailure(415, "bad-media-type", "body: expected application/octet-stream with a .npy file");
  }
  const features = await parseTensor(body);
  const rows = features.shape[0] ?? 0;
  if (rows > GRADIENT_PREDICTIONS_MAX) {
    throw new ApiFailure(413, "too-large", `X: expected at most ${GRADIENT_PREDICTIONS_MAX} rows, got ${rows}`);
  }
  const answer = (await desk.predict(jobId, features)) ?? noWeights(jobId);
  if (isProblem(answer)) throw new ApiFailure(answer.status, answer.code, answer.message);
  return answer;
}

/** A RegressionWeightsFile, some rows at a time: the text is several times the size of the numbers. */
function* weightsChunks({ iteration, columns, classes, weights, labelOfClass }: RegressionWeights): Generator<string> {
  const head = JSON.stringify({ weightsOf: iteration, columns, classes, labelOfClass });
  let chunk = `${head.slice(0, -1)},"weights":[`;
  for (let j = 0; j < columns; j++) {
    const row = Array.from(weights.subarray(j * classes, (j + 1) * classes));
    chunk += `${j === 0 ? "" : ","}${JSON.stringify(row)}`;
    if (j % WEIGHT_ROWS_PER_CHUNK === WEIGHT_ROWS_PER_CHUNK - 1) {
      yield chunk;
      chunk = "";
    }
  }
  yield `${chunk}]}`;
}
