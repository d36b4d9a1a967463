/** The HTTP API of the crowd: sessions, volunteers, the coordinator itself. */
import { z } from "zod";
import { serviceSumsSchema } from "./service-api.ts";
import { TAB_PRESENCES } from "./why-no-tab.ts";

/** GET /api/sessions */
export const sessionViewSchema = z
  .object({
    sessionId: z.string(),
    volunteerId: z.string(),
    nickname: z.string(),
    backend: z.string(),
    state: z.string(),
    presence: z
      .enum(TAB_PRESENCES)
      .describe("here: at work, free for it, or resting between two batches; otherwise why it takes no work."),
    precision: z.enum(["float32", "float16"]).nullable(),
    responseMsMedian: z.number().nullable().describe("Median of recent response times, ms."),
    verifiedAssignments: z.number(),
    lateAssignments: z.number(),
    recent: z.array(
      z.object({
        jobId: z.string(),
        roundIndex: z.number(),
        workerIndex: z.number(),
        outcome: z.string(),
        ms: z.number(),
      }),
    ),
  })
  .meta({ id: "SessionView" });
export type SessionView = z.infer<typeof sessionViewSchema>;

export const quarantineCauseSchema = z
  .object({
    atMs: z.number(),
    jobId: z.string(),
    roundIndex: z.number(),
    reason: z.string(),
  })
  .meta({
    id: "QuarantineCause",
    description:
      "A wrong answer was found: when, in which job (empty: another submitter's) and round (-1: the job has none), and by which check.",
  });
export type QuarantineCause = z.infer<typeof quarantineCauseSchema>;

/** GET /api/volunteers?state=quarantined */
export const volunteerViewSchema = z
  .object({
    volunteerId: z.string(),
    nickname: z.string(),
    team: z.string().describe("Empty: none."),
    creditMacs: z.number(),
    auditsPassed: z.number(),
    auditsFailed: z.number(),
    quarantine: quarantineCauseSchema.nullable(),
    released: z
      .object({
        atMs: z.number(),
        reason: z.string(),
        from: quarantineCauseSchema,
      })
      .nullable()
      .describe("The last time that an operator released the volunteer, and why it had been quarantined; null: never."),
    ownerId: z
      .string()
      .nullable()
      .describe("Of a device under another's name: whose; absent or null: its own.")
      .optional(),
  })
  .meta({ id: "VolunteerView" });
export type VolunteerView = z.infer<typeof volunteerViewSchema>;

export const statusViewSchema = z
  .object({
    protocolVersion: z.number(),
    buildHash: z.string(),
    sessions: z.number(),
    sessionsReady: z.number(),
    jobsActive: z.number(),
    numericsPending: z.number(),
    bytesInFlight: z.number(),
    pausedBecause: z.string().nullable().describe("Why no further work is sent out, or null."),
    whyNoTab: z.string().nullable().describe("Why no tab that is connected takes work; null: one does."),
    faultsAllowed: z.boolean(),
    operatedBy: z
      .string()
      .nullable()
      .describe("Who runs this coordinator and how to reach them, in their words; null: not said."),
    service: serviceSumsSchema
      .describe("Sums over all coordinators of the service; absent: there is one alone.")
      .exactOptional(),
  })
  .meta({ id: "StatusView", description: "GET /api/status" });
export type StatusView = z.infer<typeof statusViewSchema>;

/** Of a list of the crowd. */
export interface CrowdRange {
  readonly offset: number;
  readonly limit: number;
}
