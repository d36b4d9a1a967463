/** The weights that a regression learns, and what they predict. */
import { z } from "zod";
import { regressionSubmissionSchema } from "./submission.ts";
import { tableModelSchema } from "./table-model.ts";

export const regressionWeightsFileSchema = z
  .object({
    weightsOf: z.number().describe("Updates that they have had."),
    columns: z.number().describe("Of the weights: a column of categories has one for each of its levels."),
    classes: z.number(),
    labelOfClass: z.array(z.number()).describe("What a prediction of class c is called; empty for linear."),
    columnNames: z
      .array(z.string())
      .nullable()
      .describe("Names of the columns, in the order of the weights; null: the data had none."),
    weights: z
      .array(z.array(z.number()))
      .describe("columns rows of classes numbers, for x as it was uploaded times its input scale"),
    intercept: z.array(z.number()).optional().describe("One number a class; absent: there is none."),
    table: tableModelSchema
      .optional()
      .describe("All that predicting needs; absent: a job whose columns were learned from as they were uploaded."),
  })
  .meta({
    id: "RegressionWeightsFile",
    description:
      "GET /api/jobs/:jobId/weights.json; weights.npy holds the weights alone, float64, columns x classes, and where there is an intercept it is a last row of it.",
  });
export type RegressionWeightsFile = z.infer<typeof regressionWeightsFileSchema>;

const uploads = regressionSubmissionSchema.shape.source.options[1];

export const regressionColumnsSchema = z
  .object({
    columns: z.number(),
    columnNames: regressionWeightsFileSchema.shape.columnNames,
    categories: uploads.shape.categories,
    gap: uploads.shape.gap,
  })
  .meta({ id: "RegressionColumns", description: "GET /api/jobs/:jobId/columns.json" });
export type RegressionColumns = z.infer<typeof regressionColumnsSchema>;

export const regressionPredictionsSchema = z
  .object({
    weightsOf: z.number(),
    predictions: z
      .array(z.union([z.number(), z.string()]))
      .describe("logistic and softmax: the label; linear: the number."),
    labels: z
      .array(z.union([z.number(), z.string()]))
      .nullable()
      .describe("What the classes are called, in the order of the probabilities; null for linear."),
    probabilities: z
      .array(z.array(z.number()))
      .nullable()
      .describe("A row of numbers, one for each label, whose sum is 1; null for linear, or where a note says why."),
    notes: z
      .array(z.string())
      .describe("What was made of the rows, in sentences: words that are unknown, columns that are not used."),
  })
  .meta({
    id: "RegressionPredictions",
    description:
      "POST /api/jobs/:jobId/predictions: a table as text/csv, or a `.npy` of n x columns, in; predictions as this, as text/csv or as `.npy` out, whichever is accepted.",
  });
export type RegressionPredictions = z.infer<typeof regressionPredictionsSchema>;
