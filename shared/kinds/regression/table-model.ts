/** What a regression learned of a table, whole: enough to predict from rows as they were before anything was prepared. */
import { z } from "zod";
import { REGRESSION_MODELS } from "./submission.ts";

const names = z.string().nullable().describe("null: the table had no names of columns.");
const ofOutputs = z.array(z.number()).describe("One number an output.");

/** Of the column as it was uploaded; x = cell * inputScale. */
const numberColumnSchema = z.object({
  name: names,
  kind: z.literal("number"),
  fill: z.number().describe("x of an empty cell: the mean of the known ones that were trained on."),
  mean: z.number(),
  scale: z
    .number()
    .describe("The standard deviation; 1 where columns were not standardised, or the column is constant."),
  weights: ofOutputs.describe("Of x, one number an output."),
});

const categoryColumnSchema = z.object({
  name: names,
  kind: z.literal("category"),
  levels: z.array(z.string()).describe("A cell that is none of them, or empty, is 0 in all indicators."),
  means: z.array(z.number()),
  scales: z.array(z.number()),
  weights: z.array(ofOutputs).describe("Of the indicator of each level."),
});

export const tableModelSchema = z
  .object({
    format: z.literal("paritab-table-model"),
    version: z.literal(1),
    model: z.enum(REGRESSION_MODELS),
    columns: z.array(z.discriminatedUnion("kind", [numberColumnSchema, categoryColumnSchema])),
    intercept: ofOutputs.describe("One number an output; zeros where none was asked for."),
    labels: z
      .array(z.union([z.number(), z.string()]))
      .nullable()
      .describe("Of class c; null for linear. logistic has two labels and one output, the score of the second."),
    inputScale: z.number(),
    standardised: z.boolean(),
    hasIntercept: z.boolean(),
    l2: z
      .number()
      .describe("Of the mean loss + l2/2 ||weights of the standardised columns||^2; the intercept is free."),
    rows: z.number().describe("That were trained on."),
    weightsOf: z.number().describe("Updates that the weights have had."),
    distance: z
      .number()
      .nullable()
      .describe(
        "No weight of the standardised columns is further from the optimum than this times the largest of them; null: not known.",
      ),
  })
  .meta({ id: "TableModel", description: "Part of GET /api/jobs/:jobId/weights.json" });
export type TableModel = z.infer<typeof tableModelSchema>;
export type TableModelColumn = TableModel["columns"][number];
