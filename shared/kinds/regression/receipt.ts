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
    iterations: z.number(),
    weightsSha256: z.string().nullable().describe("Of the file that weights.npy serves; null: there are no weights."),
  })
  .meta({ id: "RegressionReceipt" });
export type RegressionReceipt = z.infer<typeof regressionReceiptSchema>;
