/** GET /api/jobs/:jobId/receipt.json of a regression that has ended. */
import { z } from "zod";
import { codedReceiptSchema } from "../../coded/receipt.ts";
import { regressionRoundingSchema } from "./rounding.ts";
import { REGRESSION_MODELS, regressionSubmissionSchema } from "./submission.ts";

export const regressionReceiptSchema = codedReceiptSchema
  .extend({
    kind: z.literal("regression"),
    submission: regressionSubmissionSchema,
    featuresSha256: z.string(),
    labelsSha256: z.string(),
    classes: z.number(),
    rounding: regressionRoundingSchema
      .nullable()
      .describe(
        "How features, weights and residuals were rounded; null: a job of before, whose features have 1023 steps.",
      ),
    inputScale: z.number().optional().describe("What features as uploaded were multiplied by."),
    splitSeed: z.number().optional().describe("Which rows were held out follows from it."),
    model: z.enum(REGRESSION_MODELS).optional().describe("That was trained, where the submission named none."),
    preparation: z
      .object({
        version: z.literal(1).describe("Of the rules by which a table becomes the matrix that is learned from."),
        l2: z.number(),
        arrays: z
          .array(z.tuple([z.string(), z.number()]))
          .describe(
            "Of a checkpoint, with how many doubles each has: weights, what the descent knows, mean and scale by term.",
          ),
        distance: z
          .number()
          .nullable()
          .describe(
            "No weight is further from the optimum, in parts of the largest one, standardised; null: not known.",
          ),
      })
      .optional()
      .describe("Absent: the columns were learned from as they were uploaded, without an intercept."),
    iterations: z.number(),
    weightsSha256: z
      .string()
      .nullable()
      .describe("Of the numbers of weights.npy, 8 bytes each; null: there are no weights."),
  })
  .meta({ id: "RegressionReceipt" });
export type RegressionReceipt = z.infer<typeof regressionReceiptSchema>;
