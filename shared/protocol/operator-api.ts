/** The HTTP API of the operator's page: who was quarantined and why, letting somebody go, and what happened in a job. */
import { z } from "zod";
import { volunteerViewSchema } from "./crowd-api.ts";
import { RELEASE_REASON_LENGTH_MAX } from "./limits.ts";

/** POST /api/volunteers/:volunteerId/release */
export const releaseRequestSchema = z.strictObject({
  /** For the audit log, and for whoever looks at the volunteer later. */
  reason: z.string().trim().min(1).max(RELEASE_REASON_LENGTH_MAX),
});

export const differingRowSchema = z
  .object({
    row: z.number().describe("The row of the batch: one a query group."),
    received: z
      .array(z.number())
      .describe("The first numbers that the volunteer sent, and what the coordinator got for them."),
    expected: z.array(z.number()),
    deviation: z
      .number()
      .describe("Of the whole row: the largest difference, divided by the rms of what was expected."),
  })
  .meta({
    id: "DifferingRow",
    description: "A row that the coordinator computed itself and that came out differently.",
  });
export type DifferingRow = z.infer<typeof differingRowSchema>;

export const evidenceSchema = z
  .object({
    atMs: z.number(),
    roundIndex: z.number(),
    workerIndex: z.number(),
    assignmentId: z
      .number()
      .describe("Absent: an answer that was looked at again at the end of its job.")
      .exactOptional(),
    rows: z.array(differingRowSchema),
  })
  .meta({ id: "Evidence", description: "What speaks against a volunteer, as it was seen." });
export type Evidence = z.infer<typeof evidenceSchema>;

export const quarantineViewSchema = volunteerViewSchema
  .extend({
    evidence: z
      .array(evidenceSchema)
      .describe(
        "Of the job in which it was found; empty: rows of it were not kept (a product is checked without knowing the right one).",
      ),
  })
  .meta({
    id: "QuarantineView",
    description: "GET /api/quarantines: one row for everybody who is quarantined, or was and has been released.",
  });
export type QuarantineView = z.infer<typeof quarantineViewSchema>;

export const jobLogEntrySchema = z
  .object({
    atMs: z.number(),
    what: z.string().describe("In a word or two: sent, answered, audited, published, ..."),
    roundIndex: z.number().exactOptional(),
    generation: z.number().exactOptional(),
    workerIndex: z.number().exactOptional(),
    assignmentId: z.number().exactOptional(),
    volunteerId: z.string().exactOptional(),
    detail: z.string().describe("In a sentence.").exactOptional(),
    rows: z.array(differingRowSchema).exactOptional(),
  })
  .meta({
    id: "JobLogEntry",
    description: "One thing that happened in a job. Fields are there where they mean something.",
  });
export type JobLogEntry = z.infer<typeof jobLogEntrySchema>;

export const jobLogViewSchema = z
  .object({
    jobId: z.string(),
    isCut: z.boolean().describe("The log grew beyond the limit for one job: later entries are missing."),
    entries: z.array(jobLogEntrySchema).describe("Oldest first."),
  })
  .meta({ id: "JobLogView", description: "GET /api/jobs/:jobId/log" });
export type JobLogView = z.infer<typeof jobLogViewSchema>;
