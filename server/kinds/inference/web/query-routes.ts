/** The queries of an inference job as they were submitted, and what its submitter named them. */
import { z } from "zod";
import { keptNamesSchema } from "../../../../shared/hub/kept-names.ts";
import { QUERIES_PER_JOB_MAX, QUERIES_PER_LOOK_MAX } from "../../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { unknownJob } from "../../../web/job-address.ts";
import { content, file, jobParams, OCTETS, route } from "../../../web/route.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";

const EXPECTED = `expected whole numbers from 0 on with commas between, at most ${QUERIES_PER_LOOK_MAX}`;

const queriesSchema = z.object({
  indices: z
    .string({ error: EXPECTED })
    .regex(/^\d{1,7}(,\d{1,7})*$/, EXPECTED)
    .transform((text) => text.split(",").map(Number))
    .refine((indices) => indices.length <= QUERIES_PER_LOOK_MAX, EXPECTED)
    .refine((indices) => indices.every((index) => index < QUERIES_PER_JOB_MAX), EXPECTED)
    .describe(`which, with commas between; at most ${QUERIES_PER_LOOK_MAX}`),
});

export function addQueryRoutes({ app, port }: Web, desk: InferencePort): void {
  const namesAbout =
    "What its submitter left with an inference job: names of its rows or its texts, and of its labels. No volunteer is told any of it.";
  app.get(
    "/api/jobs/:jobId/names.json",
    route(
      { name: "names", group: "answers", about: namesAbout, scope: "read" },
      { params: jobParams, response: { 200: content("the names", { "application/json": keptNamesSchema }) } },
    ),
    async ({ params: { jobId } }, reply) => {
      if (port.jobView(jobId) === null) unknownJob(jobId);
      const names = await desk.keptNames(jobId);
      if (names === null) throw new ApiFailure(404, "no-names", `job ${jobId}: no names of its rows are kept`);
      // Somebody uploaded these bytes: a browser is to take them for nothing else.
      return reply.type("application/json; charset=utf-8").send(names);
    },
  );

  const about = "Some of an inference job's queries as they were submitted, while these are kept.";
  const options = route(
    { name: "queries", group: "answers", about, scope: "read" },
    { params: jobParams, querystring: queriesSchema, response: { 200: file("one row a query, in that order") } },
  );
  app.get("/api/jobs/:jobId/queries.npy", options, async ({ params: { jobId }, query: { indices } }, reply) => {
    if (port.jobView(jobId) === null) unknownJob(jobId);
    const rows = await desk.queries(jobId, indices);
    if (rows === null) {
      throw new ApiFailure(
        404,
        "no-queries",
        `job ${jobId}: expected an inference job whose queries are kept, and indices below its number of queries`,
      );
    }
    return reply.type(OCTETS).send(Buffer.from(encodeNpy(rows).buffer));
  });
}
