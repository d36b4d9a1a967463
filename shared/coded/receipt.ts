/** The part of a receipt that every coded run has. */
import { z } from "zod";
import { CODED_ENDS, codedHistorySchema, codedVolunteerViewSchema } from "./run-view.ts";

export const codedReceiptSchema = z
  .object({
    jobId: z.string(),
    rows: z.number(),
    columns: z.number(),
    endKind: z.enum(CODED_ENDS),
    endReason: z.string(),
    code: z.object({
      blockCount: z.number(),
      maskCount: z.number(),
      shardCount: z.number(),
      volunteerCount: z.number(),
      redundancy: z.number(),
    }),
    verification: z.object({
      method: z
        .enum(["freivalds", "votes", "reed-solomon", "none"])
        .describe("freivalds: each result; votes or reed-solomon: within the code's budget; none"),
      keyCount: z.number().describe("t: secret vectors a check uses."),
      errorPerResult: z
        .number()
        .nullable()
        .describe("Chance that one wrong result passes: q^-t. null if nothing is checked."),
      resultsChecked: z.number(),
      errorOfJob: z.number().nullable().describe("At most resultsChecked * errorPerResult."),
      resultsRejected: z.number(),
    }),
    undecodedRounds: z
      .number()
      .describe(
        "Rounds of lcc in which there were more errors than it can correct, and which were believed nevertheless.",
      ),
    correctedResults: z.number(),
    volunteers: z.array(codedVolunteerViewSchema),
    liars: codedHistorySchema.shape.liars,
    codeChanges: codedHistorySchema.shape.codeChanges,
    pointsIssued: z.number().describe("T > 0: evaluation points handed out, over all volunteers and codes."),
    submittedMs: z.number(),
    finishedMs: z.number(),
  })
  .meta({ id: "CodedReceipt" });
export type CodedReceipt = z.infer<typeof codedReceiptSchema>;
