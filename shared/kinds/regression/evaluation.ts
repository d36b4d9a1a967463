/** How good the weights of a regression are on rows whose labels are known: what a job's page draws, small enough to be kept with the job. */
import { z } from "zod";

const share = z.number();

export const classEvaluationSchema = z.object({
  classes: z
    .array(
      z.object({
        label: z.string().describe("What the class is called."),
        rows: z.number().describe("Rows of this class."),
        predicted: z.number().describe("Rows that are predicted to be of it."),
        right: z.number().describe("Rows that are both."),
        area: share
          .nullable()
          .describe(
            "Area under its ROC curve: the chance that a row of it gets more probability of it than another row.",
          ),
      }),
    )
    .describe("Every class, in the order of the probabilities."),
  confused: z
    .array(z.tuple([z.number(), z.number(), z.number()]))
    .describe("Place of the true class, place of the predicted one, rows; right rows too, the most rows first."),
  confusedLeftOut: z.number().describe("Rows of pairs of classes that are not listed."),
  roc: z
    .array(z.tuple([share, share]))
    .describe(
      "Of two classes: share of the first class's rows, and of the second's, above each threshold; else empty.",
    ),
  calibration: z
    .array(z.object({ rows: z.number(), told: share, right: share }))
    .describe(
      "By tenths of the probability of the predicted class: rows, the mean probability, and the share that is right.",
    ),
});
export type ClassEvaluation = z.infer<typeof classEvaluationSchema>;

export const numberEvaluationSchema = z.object({
  rootMeanSquare: z.number().describe("Of the residuals, in the label's unit."),
  meanAbsolute: z.number(),
  explained: share.nullable().describe("R²; null: all labels are the same number."),
  residuals: z
    .array(z.tuple([z.number(), z.number()]))
    .describe("Prediction, and label less prediction: of all rows, or of drawn ones and of those furthest off."),
});
export type NumberEvaluation = z.infer<typeof numberEvaluationSchema>;

export const regressionEvaluationSchema = z
  .object({
    weightsOf: z.number().describe("Updates that the weights have had."),
    of: z
      .enum(["held-out", "trained-on"])
      .describe("The rows: held out, or those that it learned from, where none are."),
    rows: z.number(),
    byClass: classEvaluationSchema.nullable().describe("null: it predicts numbers."),
    byNumber: numberEvaluationSchema.nullable().describe("null: it predicts classes."),
  })
  .meta({ id: "RegressionEvaluation", description: "GET /api/jobs/:jobId/evaluation.json" });
export type RegressionEvaluation = z.infer<typeof regressionEvaluationSchema>;

/** GET /api/jobs/:jobId/evaluation.json */
export const evaluationAnswerSchema = z.object({
  evaluation: regressionEvaluationSchema
    .nullable()
    .describe("null: the job has not ended, has no weights, or ended before this was kept"),
});
