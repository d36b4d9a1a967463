/** Queries that are posted to a job while it runs. */
import { z } from "zod";

/** POST /api/jobs/:jobId/queries answers with this: what was taken, and the queries that were refused. */
export const queriesPostedSchema = z
  .object({
    firstIndex: z.number().describe("Index of the first query of the body that was taken, or would have been."),
    taken: z.number().describe("Queries that were taken: they have the indices from firstIndex on, in their order."),
    queryCount: z.number().describe("Queries of the job now."),
    refused: z
      .array(
        z.object({
          place: z.number(),
          message: z.string(),
        }),
      )
      .describe("place: among the queries of the body, from 0 on. At most STREAM_REFUSED_NAMED_MAX of them."),
    refusedCount: z.number(),
  })
  .meta({ id: "QueriesPosted" });
export type QueriesPosted = z.infer<typeof queriesPostedSchema>;
