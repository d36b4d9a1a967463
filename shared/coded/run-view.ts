/** What the API tells of any coded run: how it ends, its volunteers, its history. */
import { z } from "zod";

export const CODED_ENDS = ["done", "stopped", "diverged", "failed", "cancelled"] as const;
export type CodedEndKind = (typeof CODED_ENDS)[number];

export const codedVolunteerViewSchema = z
  .object({
    volunteerId: z.string(),
    nickname: z.string(),
    isPresent: z.boolean(),
    isSlow: z.boolean(),
    isLiar: z.boolean(),
    shards: z.number().describe("Shards of the code at work that it holds."),
    pointsIssued: z.number().describe("Evaluation points that it was ever given."),
    acceptedResults: z.number(),
  })
  .meta({ id: "CodedVolunteerView" });
export type CodedVolunteerView = z.infer<typeof codedVolunteerViewSchema>;
/** What happened in a coded run: part of GET /api/jobs/:jobId/history.json. */
export const codedHistorySchema = z
  .object({
    codeChanges: z.array(
      z.object({
        iteration: z.number(),
        generation: z.number(),
        blockCount: z.number(),
        reason: z.string(),
      }),
    ),
    liars: z.array(
      z.object({
        volunteerId: z.string(),
        nickname: z.string(),
        iteration: z.number(),
      }),
    ),
    volunteers: z.array(codedVolunteerViewSchema),
  })
  .meta({ id: "CodedHistory" });
export type CodedHistory = z.infer<typeof codedHistorySchema>;
