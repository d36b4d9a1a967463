/** What a coded run would cost. */
import { z } from "zod";
import { comparisonSchema } from "../protocol/estimate-api.ts";

export const codedEstimateSchema = z
  .object({
    volunteersNeeded: z.number(),
    volunteersReady: z.number().describe("0 for a job by invitation: nobody is invited yet."),
    volunteersMissing: z.number().describe("0 where it can begin at once."),
    shardBytesPerVolunteer: z.number(),
    broadcastBytesPerIteration: z.number(),
    resultBytesPerIteration: z.number(),
    totalBytes: z.number(),
    multiplicationsPerVolunteerPerIteration: z.number(),
    verificationShare: z
      .number()
      .describe("Multiply-adds of the coordinator's checks, as a share of the multiply-adds that they check."),
    rounds: z.number(),
    redundancy: z.number().describe("Work of all volunteers over that of `uncoded`."),
    notes: z.array(z.string()).default([]).describe("What the submitter should know before it starts, in sentences."),
    secondsPerIteration: z.number().nullable().describe("From speeds measured so far; null where none are."),
    finishMs: z
      .number()
      .nullable()
      .describe(
        "All iterations at that pace: transfers, checks and late tabs come on top. null: too few tabs were measured.",
      ),
    multiplicationsAlone: z.number().describe("Of the whole job on one computer: no code, no residues, no spare work."),
    comparison: comparisonSchema.nullable().default(null).describe("null: the request had no `alone`."),
  })
  .meta({ id: "CodedEstimate", description: "POST /api/estimates" });
export type CodedEstimate = z.infer<typeof codedEstimateSchema>;
