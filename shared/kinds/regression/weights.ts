/** The weights that a regression learns, and what they predict. */
import { z } from "zod";

export const regressionWeightsFileSchema = z
  .object({
    weightsOf: z.number().describe("Updates that they have had."),
    columns: z.number(),
    classes: z.number(),
    labelOfClass: z.array(z.number()).describe("What a prediction of class c is called; empty for linear."),
    columnNames: z
      .array(z.string())
      .nullable()
      .describe("Names of the columns, in the order of the weights; null: the data had none."),
    weights: z
      .array(z.array(z.number()))
      .describe("columns rows of classes numbers, for x as it was uploaded times its input scale"),
  })
  .meta({
    id: "RegressionWeightsFile",
    description: "GET /api/jobs/:jobId/weights.json; weights.npy holds the weights alone, float64, columns x classes.",
  });
export type RegressionWeightsFile = z.infer<typeof regressionWeightsFileSchema>;

export const regressionColumnsSchema = z
  .object({
    columns: z.number(),
    columnNames: regressionWeightsFileSchema.shape.columnNames,
  })
  .meta({ id: "RegressionColumns", description: "GET /api/jobs/:jobId/columns.json" });
export type RegressionColumns = z.infer<typeof regressionColumnsSchema>;

export const regressionPredictionsSchema = z
  .object({
    weightsOf: z.number(),
    predictions: z.array(z.number()).describe("logistic and softmax: the label; linear: the number."),
  })
  .meta({
    id: "RegressionPredictions",
    description:
      "POST /api/jobs/:jobId/predictions: `.npy` of n x columns in; predictions as `.npy` out, or as this with Accept: application/json.",
  });
export type RegressionPredictions = z.infer<typeof regressionPredictionsSchema>;
