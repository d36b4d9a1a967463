/** The queries of an inference job as they were submitted, and its rounds. */
import { z } from "zod";
import { QUERIES_PER_JOB_MAX, QUERIES_PER_LOOK_MAX } from "../../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { ApiFailure, parseOrFail } from "../../../web/api-failure.ts";
import { jobIdOf, unknownJob } from "../../../web/job-address.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";

const EXPECTED = `expected whole numbers from 0 on with commas between, at most ${QUERIES_PER_LOOK_MAX}`;

const queriesSchema = z.object({
  indices: z
    .string({ error: EXPECTED })
    .regex(/^\d{1,7}(,\d{1,7})*$/, EXPECTED)
    .transform((text) => text.split(",").map(Number))
    .refine((indices) => indices.length <= QUERIES_PER_LOOK_MAX, EXPECTED)
    .refine((indices) => indices.every((index) => index < QUERIES_PER_JOB_MAX), EXPECTED),
});

export function addQueryRoutes({ app, port }: Web, desk: InferencePort): void {
  app.get("/api/jobs/:jobId/rounds", async (request) => {
    const jobId = jobIdOf(request.params);
    return desk.rounds(jobId) ?? unknownJob(jobId);
  });

  app.get("/api/jobs/:jobId/queries.npy", async (request, reply) => {
    const jobId = jobIdOf(request.params);
    if (port.jobView(jobId) === null) unknownJob(jobId);
    const { indices } = parseOrFail(queriesSchema, request.query, "query");
    const rows = await desk.queries(jobId, indices);
    if (rows === null) {
      throw new ApiFailure(
        404,
        "no-queries",
        `job ${jobId}: expected an inference job whose queries are kept, and indices below its number of queries`,
      );
    }
    return reply.type("application/octet-stream").send(Buffer.from(encodeNpy(rows).buffer));
  });
}
