/** GET /api/jobs/:jobId/receipt.json of a regression that has ended. */
import { z } from "zod";
import { codedReceiptSchema } from "../../coded/receipt.ts";
import { regressionRoundingSchema } from "./rounding.ts";
import { regressionSubmissionSchema } from "./submission.ts";

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
    iterations: z.number(),
    weightsSha256: z
      .string()
      .nullable()
      .describe("Of the numbers of weights.npy, 8 bytes each; null: there are no weights."),
  })
  .meta({ id: "RegressionReceipt" });
export type RegressionReceipt = z.infer<typeof regressionReceiptSchema>;
