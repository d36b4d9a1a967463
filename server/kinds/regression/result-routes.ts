/** What a regression is good for once it has weights: predictions, the model as a file, how good it is. */
import { z } from "zod";
import { evaluationAnswerSchema } from "../../../shared/kinds/regression/evaluation.ts";
import { REGRESSION_PREDICTIONS_MAX } from "../../../shared/kinds/regression/limits.ts";
import { tableModelSchema } from "../../../shared/kinds/regression/table-model.ts";
import { regressionPredictionsSchema } from "../../../shared/kinds/regression/weights.ts";
import { TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { ApiFailure } from "../../web/api-failure.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { content, file, jobParams, OCTETS, rawBody, route } from "../../web/route.ts";
import { sendFile } from "../../web/send-file.ts";
import { parseTensor } from "../../web/tensor-routes.ts";
import { jobOfKind, type Web } from "../../web/web-kind.ts";
import type { PredictionForm } from "./engine/predict-table.ts";
import type { RegressionPort } from "./port.ts";

const ONNX_FILE = "model.onnx";
const CSV = "text/csv";
const JSON_MEDIA = "application/json";
const MEDIA: Readonly<Record<PredictionForm, string>> = {
  json: "application/json; charset=utf-8",
  csv: "text/csv; charset=utf-8",
  npy: OCTETS,
  probabilities: OCTETS,
};
const group = "regressions";
const predictAbout =
  "What the weights say of new rows; the coordinator computes it. Rows are a table with the names of the training (text/csv), or a .npy in the order of " +
  "its columns. `Accept` says what comes back: application/json, text/csv, or a .npy of predictions (of probabilities with `of=probabilities`).";

const askedSchema = z.object({
  of: z
    .enum(["answers", "probabilities"])
    .default("answers")
    .describe("of a .npy that comes back: n predictions (a label of words as its place), or n x labels probabilities"),
});

export function addResultRoutes({ app, port, uploadBudget }: Web, desk: RegressionPort): void {
  const jobIn = (parameters: unknown) => jobOfKind(port, parameters, "regression", "a regression").jobId;
  const words = (name: string, about: string) => ({ name, group, about, scope: "read" }) as const;
  const modelOf = async (jobId: string) => (await desk.tableModel(jobId)) ?? noWeights(jobId);

  app.get(
    "/api/jobs/:jobId/evaluation.json",
    route(words("evaluation", "How good the weights are that it ended with, on rows whose labels are known."), {
      params: jobParams,
      response: { 200: evaluationAnswerSchema.describe("how good it is, as far as that was kept") },
    }),
    async ({ params }) => ({ evaluation: await desk.evaluation(jobIn(params)) }),
  );

  app.get(
    "/api/jobs/:jobId/model.json",
    route(words("tableModel", "All that it has learned, in the units of the table: enough to predict from."), {
      params: jobParams,
      response: { 200: content("the model", { [JSON_MEDIA]: tableModelSchema }) },
    }),
    async ({ params }, reply) => {
      const jobId = jobIn(params);
      const text = JSON.stringify(await modelOf(jobId));
      return sendFile(reply, `${jobId}-model.json`, text, MEDIA.json);
    },
  );

  app.get(
    "/api/jobs/:jobId/model.onnx",
    route(words("onnxModel", "The same as an ONNX file that takes the table by the names of its columns."), {
      params: jobParams,
      response: { 200: file("an .onnx file") },
    }),
    async ({ params }, reply) => {
      const jobId = jobIn(params);
      const bytes = (await desk.exportedModel(jobId)) ?? noWeights(jobId);
      if (isProblem(bytes)) throw new ApiFailure(bytes.status, bytes.code, bytes.message);
      return sendFile(reply, `${jobId}-${ONNX_FILE}`, bytes);
    },
  );

  app.addContentTypeParser(CSV, { parseAs: "string" }, (_request, body, done) => done(null, body));
  const options = {
    ...route(words("predict", predictAbout), {
      ...rawBody("n x columns, a .npy file, or a table", OCTETS, CSV),
      params: jobParams,
      querystring: askedSchema,
      response: {
        200: content("predictions", {
          [JSON_MEDIA]: regressionPredictionsSchema,
          [CSV]: z.any(),
          [OCTETS]: z.any(),
        }),
      },
    }),
    bodyLimit: TENSOR_BYTES_MAX,
    onRequest: uploadBudget(TENSOR_BYTES_MAX),
  };
  app.post("/api/jobs/:jobId/predictions", options, async (request, reply) => {
    const jobId = jobIn(request.params);
    const form = formOf(request.headers.accept ?? "", request.query.of);
    const answer = (await desk.predict(jobId, await rowsIn(request.body), form)) ?? noWeights(jobId);
    if (isProblem(answer)) throw new ApiFailure(answer.status, answer.code, answer.message);
    return sendFile(reply, `${jobId}-predictions.${ENDINGS[form]}`, answer, MEDIA[form]);
  });
}

const ENDINGS: Readonly<Record<PredictionForm, string>> = {
  json: "json",
  csv: "csv",
  npy: "npy",
  probabilities: "npy",
};

function formOf(accept: string, of: z.infer<typeof askedSchema>["of"]): PredictionForm {
  if (of === "probabilities") return "probabilities";
  if (/\bapplication\/json\b/.test(accept)) return "json";
  return /\btext\/csv\b/.test(accept) ? "csv" : "npy";
}

/** @returns an array as it stands, or the text of a table */
async function rowsIn(body: unknown) {
  if (typeof body === "string") return body;
  if (!Buffer.isBuffer(body)) {
    const expected = "expected application/octet-stream with a .npy file, or text/csv with a table";
    throw new ApiFailure(415, "bad-media-type", `body: ${expected}`);
  }
  const features = await parseTensor(body);
  const rows = features.shape[0] ?? 0;
  if (rows > REGRESSION_PREDICTIONS_MAX) {
    throw new ApiFailure(413, "too-large", `X: expected at most ${REGRESSION_PREDICTIONS_MAX} rows, got ${rows}`);
  }
  return features;
}

export function noWeights(jobId: string): never {
  throw new ApiFailure(
    409,
    "no-weights",
    `job ${jobId}: expected a job with weights, got one that has not kept any yet; look again after some iterations`,
  );
}
