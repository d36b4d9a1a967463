/** What the API tells of any coded run: how it ends, its volunteers, its history. */
import { z } from "zod";
import { waitsFields } from "../protocol/job-api.ts";

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

/** GET /api/jobs/:jobId of a coded run, as far as it is the same for every kind. */
export const codedJobViewSchema = z.object({
  jobId: z.string(),
  name: z.string(),
  submitter: z.string(),
  purpose: z.string().describe("Absent: the submitter has not said.").exactOptional(),
  dataVolunteers: z.number(),
  stragglers: z.number(),
  liars: z.number(),
  colluders: z.number(),
  volunteerCount: z.number().describe("N of the plan."),
  state: z
    .enum(["accepting", "preparing", "running", "finishing", "done", "failed", "cancelled"])
    .describe('As of inference jobs; "diverged" and "stopped" jobs are done, `endKind` tells them apart.'),
  ...waitsFields,
  error: z.string().nullable(),
  endKind: z.enum(CODED_ENDS).nullable(),
  endReason: z.string().nullable().describe("How it ended, in a sentence."),
  isVerified: z.boolean().describe("Is every result checked before it is used?"),
  code: z
    .object({
      generation: z.number(),
      dataBlocks: z.number(),
      masks: z.number(),
      shards: z.number(),
      shardsHeld: z.number(),
    })
    .nullable()
    .describe("The code at work; null before the first and after the end."),
  invitations: z
    .object({
      issued: z.number(),
      used: z.number(),
      turnedAway: z
        .number()
        .describe("Volunteers that came with one which another had used, since the coordinator's start."),
    })
    .nullable()
    .default(null)
    .describe("Of a job that runs by invitation; null: it does not."),
  volunteersAtWork: z.number(),
  liarsNamed: z.number(),
  codeChanges: z.number(),
  notes: z.array(z.string()).describe("What the submitter should know of the data, in sentences."),
  submittedMs: z.number(),
  finishedMs: z.number().nullable().describe("null until its end is durable."),
  remainingMs: z
    .number()
    .nullable()
    .describe("Expected until the last step; null where nothing is known or the job waits."),
});

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
