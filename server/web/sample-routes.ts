/** GET /api/samples/mnist/*: the built-in sample, to look at and to try before submitting it. It is public data. */
import { z } from "zod";
import { QUERIES_PER_JOB_MAX, QUERIES_PER_LOOK_MAX } from "../../shared/protocol/limits.ts";
import type { SampleFiles } from "../samples/sample-files.ts";
import { ApiFailure } from "./api-failure.ts";
import { type App, file, OCTETS, route } from "./route.ts";

const rangeSchema = z.object({
  offset: z.coerce.number().int().min(0).max(QUERIES_PER_JOB_MAX).default(0).describe("the first digit"),
  limit: z.coerce.number().int().min(1).max(QUERIES_PER_LOOK_MAX).default(QUERIES_PER_LOOK_MAX).describe("so many"),
});

export function addSampleRoutes(app: App, samples: SampleFiles): void {
  const group = "uploads";
  const modelAbout = "The built-in sample's model, packed as tabs get it.";
  app.get(
    "/api/samples/mnist/model",
    route(
      { name: "sampleModel", group, about: modelAbout, scope: "read" },
      { response: { 200: file("the packed model") } },
    ),
    async (_request, reply) => reply.type(OCTETS).send(Buffer.from(await samples.model())),
  );

  const about = "Digits of the built-in sample as a `.npy` file, shape (limit, 28, 28).";
  const queries = route(
    { name: "sampleQueries", group, about, scope: "read" },
    { querystring: rangeSchema, response: { 200: file("the digits") } },
  );
  app.get("/api/samples/mnist/queries.npy", queries, async (request, reply) => {
    const { offset, limit } = request.query;
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
