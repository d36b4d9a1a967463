/** Regressions beyond what every job has: history, names of columns, weights. */
import { Readable } from "node:stream";
import { regressionHistorySchema } from "../../../shared/kinds/regression/job-view.ts";
import { regressionColumnsSchema, regressionWeightsFileSchema } from "../../../shared/kinds/regression/weights.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { unknownJob } from "../../web/job-address.ts";
import { content, file, jobParams, route } from "../../web/route.ts";
import { sendFile } from "../../web/send-file.ts";
import { jobOfKind, type Web } from "../../web/web-kind.ts";
import type { RegressionPort, RegressionWeights } from "./port.ts";
import { noWeights } from "./result-routes.ts";

const WEIGHT_ROWS_PER_CHUNK = 500;

const group = "regressions";

export function addRegressionRoutes({ app, port }: Web, desk: RegressionPort): void {
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
