/** Streams: queries are posted to a job that is open, and answers come in their order as they are ready. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { queriesPostedSchema } from "../../../../shared/kinds/inference/stream.ts";
import { STREAM_POST_BYTES_MAX } from "../../../../shared/protocol/limits.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { isProblem } from "../../../web/coordinator-port.ts";
import { unknownJob } from "../../../web/job-address.ts";
import { jobParams, OCTETS, rawBody, route } from "../../../web/route.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort, PostedQuery, Standing } from "../port.ts";
import { queriesOfLines, queriesOfNpy } from "./posted-queries.ts";

const NDJSON = "application/x-ndjson";
const TRY_AGAIN_S = 1;

const placeSchema = z.object({
  at: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      "the index that the first query taken is to have: posted again with the same one, a query is found and not taken twice",
    ),
});
const about =
  "More queries for a job that was submitted with a source of kind `stream`. A 200 means that the taken queries are on disk. An impossible query " +
  "is refused by its place, and the others are taken. 429 `stream-busy`: too many queries wait for an answer; post " +
  "again after `Retry-After` seconds.";

export function addStreamRoutes({ app, port, ownership, uploadBudget }: Web, desk: InferencePort): void {
  app.addContentTypeParser(NDJSON, { parseAs: "string" }, (_request, body, done) => done(null, body));

  const options = {
    ...route(
      { name: "postQueries", group: "streams", about, scope: "submit" },
      {
        ...rawBody(
          "a .npy file with one query a row, or one query alone in the shape of the model's input; or one query a line, as a JSON array of numbers, or as an object of arrays by the names of the inputs",
          OCTETS,
          NDJSON,
        ),
        params: jobParams,
        querystring: placeSchema,
        response: { 200: queriesPostedSchema.describe("the queries that were taken, and those that were refused") },
      },
    ),
    bodyLimit: STREAM_POST_BYTES_MAX,
    onRequest: [ownership.requireRoom, uploadBudget(STREAM_POST_BYTES_MAX)],
  };
  app.post("/api/jobs/:jobId/queries", options, async (request, reply) => {
    const { jobId } = request.params;
    const standing = requireInference(port, desk, jobId);
    const { at = null } = request.query;
    const posted = await desk.postQueries(jobId, queriesOf(request, standing), at);
    if (isProblem(posted)) {
      if (posted.status === 429 || posted.status === 503) reply.header("retry-after", String(TRY_AGAIN_S));
      throw new ApiFailure(posted.status, posted.code, posted.message);
    }
    if (posted.taken === 0)
      throw new ApiFailure(422, "bad-queries", posted.refused[0]?.message ?? "expected queries, got none");
    return posted;
  });
}

function queriesOf(
  { body, headers }: Pick<FastifyRequest, "body" | "headers">,
  { inputSize, inputs }: Standing,
): PostedQuery[] {
  if (Buffer.isBuffer(body)) return queriesOfNpy(body, inputSize);
  if (typeof body === "string" && headers["content-type"]?.startsWith(NDJSON)) return queriesOfLines(body, inputs);
  const message = `body: expected application/octet-stream with a .npy file, or ${NDJSON} with a query a line`;
  throw new ApiFailure(415, "bad-media-type", message);
}

/** @throws ApiFailure 404 where there is no such job, 409 where it is of another kind */
export function requireInference(port: Web["port"], desk: InferencePort, jobId: string): Standing {
  const standing = desk.standing(jobId);
  if (standing !== null) return standing;
  const view = port.jobView(jobId) ?? unknownJob(jobId);
  throw new ApiFailure(409, "wrong-kind", `job ${jobId}: expected an inference job, got one of kind ${view.kind}`);
}
