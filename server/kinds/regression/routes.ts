/** Regressions beyond what every job has: history, weights, predictions. */
import { Readable } from "node:stream";
import { z } from "zod";
import { regressionHistorySchema } from "../../../shared/kinds/regression/job-view.ts";
import { REGRESSION_PREDICTIONS_MAX } from "../../../shared/kinds/regression/limits.ts";
import {
  type RegressionPredictions,
  regressionColumnsSchema,
  regressionPredictionsSchema,
  regressionWeightsFileSchema,
} from "../../../shared/kinds/regression/weights.ts";
import { TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../web/api-failure.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { unknownJob } from "../../web/job-address.ts";
import { content, file, jobParams, OCTETS, rawBody, route } from "../../web/route.ts";
import { sendFile } from "../../web/send-file.ts";
import { parseTensor } from "../../web/tensor-routes.ts";
import { jobOfKind, type Web } from "../../web/web-kind.ts";
import type { RegressionPort, RegressionWeights } from "./port.ts";

const WEIGHT_ROWS_PER_CHUNK = 500;

const group = "regressions";
const predictAbout =
  "What the weights say of new rows; the coordinator computes it. `Accept: application/json` asks for JSON.";

export function addRegressionRoutes({ app, port, uploadBudget }: Web, desk: RegressionPort): void {
  const jobIn = (parameters: unknown) => jobOfKind(port, parameters, "regression", "a regression").jobId;
  const words = (name: string, about: string) => ({ name, group, about, scope: "read" }) as const;
  const weightsOf = async (jobId: string) => (await desk.weights(jobId)) ?? noWeights(jobId);

  app.get(
    "/api/jobs/:jobId/history.json",
    route(words("history", "Loss and accuracy by iteration, changes of the code, volunteers and who of them lied."), {
      params: jobParams,
      response: { 200: regressionHistorySchema.describe("the history so far") },
    }),
    async ({ params }) => {
      const jobId = jobIn(params);
      return desk.history(jobId) ?? unknownJob(jobId);
    },
  );

  app.get(
    "/api/jobs/:jobId/columns.json",
    route(words("columns", "What the columns of its data are called, in the order of the weights."), {
      params: jobParams,
      response: { 200: regressionColumnsSchema.describe("the names of the columns") },
    }),
    async ({ params }) => {
      const jobId = jobIn(params);
      return desk.columns(jobId) ?? unknownJob(jobId);
    },
  );

  app.get(
    "/api/jobs/:jobId/weights.npy",
    route(
      words(
        "weightsNpy",
        "The weights, columns x classes float64, as soon as there are any. The last row is the intercept, where there is one.",
      ),
      {
        params: jobParams,
        response: { 200: file("a .npy file") },
      },
    ),
    async ({ params }, reply) => {
      const jobId = jobIn(params);
      const { classes, weights } = await weightsOf(jobId);
      const npy = encodeNpy({ dtype: "F64", shape: [weights.length / classes, classes], data: weights });
      return sendFile(reply, `${jobId}-weights.npy`, npy);
    },
  );

  app.get(
    "/api/jobs/:jobId/weights.json",
    route(words("weights", "The same as JSON, with the names of columns and labels, and all that predicting needs."), {
      params: jobParams,
      response: { 200: content("the weights", { "application/json": regressionWeightsFileSchema }) },
    }),
    async ({ params }, reply) => {
      const jobId = jobIn(params);
      const chunks = Readable.from(weightsChunks(await weightsOf(jobId)));
      return sendFile(reply, `${jobId}-weights.json`, chunks, "application/json; charset=utf-8");
    },
  );

  const options = {
    ...route(words("predict", predictAbout), {
      ...rawBody("n x columns, a .npy file"),
      params: jobParams,
      response: {
        200: content("n float64 as .npy, or JSON", {
          "application/json": regressionPredictionsSchema,
          [OCTETS]: z.any(),
        }),
      },
    }),
    bodyLimit: TENSOR_BYTES_MAX,
    onRequest: uploadBudget(TENSOR_BYTES_MAX),
  };
  app.post("/api/jobs/:jobId/predictions", options, async (request, reply) => {
    const jobId = jobIn(request.params);
    const predictions = await predict(desk, jobId, request.body);
    if (/\bapplication\/json\b/.test(request.headers.accept ?? "")) return predictions;
    const data = Float64Array.from(predictions.predictions);
    return sendFile(reply, `${jobId}-predictions.npy`, encodeNpy({ dtype: "F64", shape: [data.length], data }));
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
  if (rows > REGRESSION_PREDICTIONS_MAX) {
    throw new ApiFailure(413, "too-large", `X: expected at most ${REGRESSION_PREDICTIONS_MAX} rows, got ${rows}`);
  }
  const answer = (await desk.predict(jobId, features)) ?? noWeights(jobId);
  if (isProblem(answer)) throw new ApiFailure(answer.status, answer.code, answer.message);
  return answer;
}

/** A RegressionWeightsFile, some rows at a time: the text is several times the size of the numbers. */
function* weightsChunks(given: RegressionWeights): Generator<string> {
  const { iteration, columns, classes, weights, labelOfClass, columnNames, table } = given;
  const ofTable = table === null ? {} : { table, ...(table.hasIntercept && { intercept: table.intercept }) };
  const head = JSON.stringify({ weightsOf: iteration, columns, classes, labelOfClass, columnNames, ...ofTable });
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
