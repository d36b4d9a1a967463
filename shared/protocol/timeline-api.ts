/** GET /api/jobs/:jobId/timeline: what each tab did for a job, and when. Times in ms since the job was submitted. */
import { z } from "zod";

/**
 * What came of one batch, share or product that was sent to a tab. computing: it is still out. answered: in time, and used or
 * usable. late: it came after its deadline, or after its round had done without it. rejected: its answer, or another one of
 * its volunteer, was found wrong, and nothing of it stands. outvoted: the code itself found it to differ from the others.
 * failed: the tab could not compute it, or sent something malformed. unneeded: called off, others had answered. gone: its tab left.
 */
const TIMELINE_OUTCOMES = [
  "computing",
  "answered",
  "late",
  "rejected",
  "outvoted",
  "failed",
  "unneeded",
  "gone",
] as const;
export type TimelineOutcome = (typeof TIMELINE_OUTCOMES)[number];

export const timelineTabSchema = z
  .object({
    sessionId: z.string(),
    volunteerId: z.string(),
    nickname: z.string(),
    backend: z.string(),
  })
  .meta({ id: "TimelineTab" });
export type TimelineTab = z.infer<typeof timelineTabSchema>;

export const timelineSpanSchema = z
  .object({
    tab: z.number().describe("Place in JobTimeline.tabs."),
    work: z.string().describe("For people, in the words of the job's kind."),
    roundIndex: z.number().nullable().describe("null: it belongs to no round, as data that are sent ahead of them."),
    generation: z.number(),
    workerIndex: z.number(),
    isAgain: z
      .boolean()
      .describe(
        "Another tab had been sent the same batch in this generation: this is a second copy, or a second opinion.",
      ),
    sentMs: z
      .number()
      .describe("Of a batch that was sent ahead: when the one before it was answered, for then its tab began it."),
    endedMs: z.number().nullable().describe("null: it is still out."),
    outcome: z.enum(TIMELINE_OUTCOMES),
  })
  .meta({ id: "TimelineSpan", description: "One assignment of one tab." });
export type TimelineSpan = z.infer<typeof timelineSpanSchema>;

export const timelineRoundSchema = z
  .object({
    roundIndex: z.number(),
    generation: z
      .number()
      .describe("Above 0: the round was done again, in part or whole, because one of its volunteers had lied."),
    rows: z.number(),
    estimatedAtFirst: z.number().describe("First answers that were estimates."),
    estimatesCompared: z
      .number()
      .describe(
        "Of these, those whose query has the model's own, checked answer now, and how many of them said the same label.",
      ),
    estimatesAgreed: z.number(),
    firstStands: z
      .number()
      .nullable()
      .describe("First answers whose label stands now. null: a regression has no labels."),
    firstRight: z
      .number()
      .nullable()
      .describe("Answers that hit the submitter's labels, at first and now; null without labels."),
    nowRight: z.number().nullable(),
  })
  .meta({
    id: "TimelineRound",
    description: "A round of an inference job that has answers: how its first answers compare with its present ones.",
  });
export type TimelineRound = z.infer<typeof timelineRoundSchema>;

export const jobTimelineSchema = z
  .object({
    jobId: z.string(),
    atMs: z.number().describe("When this was told: open assignments have lasted until then."),
    tabs: z.array(timelineTabSchema),
    spans: z
      .array(timelineSpanSchema)
      .describe("In the order in which they were sent; the latest, where there were more than the coordinator keeps."),
    spansDropped: z.number().describe("Spans that were let go of."),
    isWhole: z
      .boolean()
      .describe(
        "false: the job was at work in an earlier run of the coordinator, and what each tab did then is not kept.",
      ),
    rounds: z
      .array(timelineRoundSchema)
      .describe("Of inference jobs, in the order of their index; those whose answers are durable."),
  })
  .meta({ id: "JobTimeline" });
export type JobTimeline = z.infer<typeof jobTimelineSchema>;
