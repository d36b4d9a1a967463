/** What the API tells of a regression while it runs: its state, its history. */
import { z } from "zod";
import { codedHistorySchema, codedJobViewSchema } from "../../coded/run-view.ts";
import { CODED_SCHEME_NAMES } from "../../coding/coded-schemes/coded-schemes.ts";
import { REGRESSION_MODELS } from "./submission.ts";

/** GET /api/jobs/:jobId of a regression. */
export const regressionJobViewSchema = codedJobViewSchema
  .extend({
    kind: z.literal("regression"),
    scheme: z.enum(CODED_SCHEME_NAMES),
    model: z.enum(REGRESSION_MODELS),
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
    distance: z
      .number()
      .nullable()
      .default(null)
      .describe("No weight is further from the optimum, in parts of the largest one, standardised; null: not known."),
    labelNames: z.array(z.string()).nullable().default(null).describe("Words of the labels; null: they are numbers."),
    weightsOf: z
      .number()
      .nullable()
      .describe("Updates that the weights have had which can be fetched now; null: there are none yet."),
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
    distance: z.number().nullable().optional().describe("As of the job, after this iteration."),
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
