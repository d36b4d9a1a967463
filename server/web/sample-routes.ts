/** GET /api/samples/mnist/*: the built-in sample, to look at and to try before submitting it. It is public data. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { QUERIES_PER_JOB_MAX, QUERIES_PER_LOOK_MAX } from "../../shared/protocol/limits.ts";
import type { SampleFiles } from "../samples/sample-files.ts";
import { ApiFailure, parseOrFail } from "./api-failure.ts";

const OCTETS = "application/octet-stream";

const rangeSchema = z.object({
  offset: z.coerce.number().int().min(0).max(QUERIES_PER_JOB_MAX).default(0),
  limit: z.coerce.number().int().min(1).max(QUERIES_PER_LOOK_MAX).default(QUERIES_PER_LOOK_MAX),
});

export function addSampleRoutes(app: FastifyInstance, samples: SampleFiles): void {
  app.get("/api/samples/mnist/model", async (_request, reply) =>
    reply.type(OCTETS).send(Buffer.from(await samples.model())),
  );

  app.get("/api/samples/mnist/queries.npy", async (request, reply) => {
    const { offset, limit } = parseOrFail(rangeSchema, request.query, "query");
    const npy = await samples.queries(offset, limit);
    if (npy === null) {
      throw new ApiFailure(
        422,
        "no-such-images",
        `expected images of the sample, got ${offset}..${offset + limit - 1}`,
      );
    }
    return reply.type(OCTETS).send(Buffer.from(npy));
  });
}
