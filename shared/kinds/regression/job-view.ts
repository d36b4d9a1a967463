/** What the API tells of a regression while it runs: its state, its history. */
import { z } from "zod";
import { CODED_ENDS, codedHistorySchema } from "../../coded/run-view.ts";
import { CODED_SCHEME_NAMES } from "../../coding/coded-schemes/coded-schemes.ts";
import { REGRESSION_MODELS } from "./submission.ts";

/** GET /api/jobs/:jobId of a gradient job. */
export const regressionJobViewSchema = z
  .object({
    jobId: z.string(),
    kind: z.literal("regression"),
    name: z.string(),
    submitter: z.string(),
    purpose: z.string().describe("Absent: the submitter has not said.").exactOptional(),
    model: z.enum(REGRESSION_MODELS),
    scheme: z.enum(CODED_SCHEME_NAMES),
    dataVolunteers: z.number(),
    stragglers: z.number(),
    liars: z.number(),
    colluders: z.number(),
    volunteerCount: z.number().describe("N of the plan."),
    state: z
      .enum(["accepting", "preparing", "running", "finishing", "done", "failed", "cancelled"])
      .describe('As of inference jobs; "diverged" and "stopped" jobs are done, `endKind` tells them apart.'),
    waitingFor: z.string().nullable(),
    error: z.string().nullable(),
    endKind: z.enum(CODED_ENDS).nullable(),
    endReason: z.string().nullable().describe("How it ended, in a sentence."),
    rows: z.number(),
    columns: z.number(),
    classes: z.number(),
    iterations: z.number(),
    iteration: z.number().describe("Updates of the weights so far."),
    loss: z
      .number()
      .nullable()
      .describe("Of the latest iteration; null before the first. Accuracies are null for `linear`."),
    accuracy: z.number().nullable(),
    validationLoss: z.number().nullable(),
    validationAccuracy: z.number().nullable(),
    weightsOf: z
      .number()
      .nullable()
      .describe("Updates that the weights have had which can be fetched now; null: there are none yet."),
    isVerified: z.boolean().describe("Is every result checked before it may touch the weights?"),
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
    volunteersAtWork: z.number(),
    liarsNamed: z.number(),
    codeChanges: z.number(),
    notes: z.array(z.string()).describe("What the submitter should know of the data, in sentences."),
    submittedMs: z.number(),
    finishedMs: z.number().nullable().describe("null until its end is durable."),
    remainingMs: z
      .number()
      .nullable()
      .describe("Expected until the last iteration; null where nothing is known or the job waits."),
  })
  .meta({ id: "RegressionJobView" });
export type RegressionJobView = z.infer<typeof regressionJobViewSchema>;

export const regressionPointSchema = z
  .object({
    iteration: z.number(),
    loss: z.number(),
    accuracy: z.number().nullable(),
    validationLoss: z.number().nullable(),
    validationAccuracy: z.number().nullable(),
    atMs: z.number(),
  })
  .meta({ id: "RegressionPoint" });
export type RegressionPoint = z.infer<typeof regressionPointSchema>;
export const regressionHistorySchema = codedHistorySchema
  .extend({
    points: z.array(regressionPointSchema),
  })
  .meta({ id: "RegressionHistory", description: "GET /api/jobs/:jobId/history.json" });
export type RegressionHistory = z.infer<typeof regressionHistorySchema>;
