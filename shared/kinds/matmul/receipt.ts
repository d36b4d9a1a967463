/** GET /api/jobs/:jobId/receipt.json of a product of matrices that has ended. */
import { z } from "zod";
import { codedReceiptSchema } from "../../coded/receipt.ts";
import { matmulSubmissionSchema } from "./submission.ts";

export const matmulReceiptSchema = codedReceiptSchema
  .extend({
    kind: z.literal("matmul"),
    submission: matmulSubmissionSchema,
    leftSha256: z.string(),
    rightSha256: z.string(),
    slices: z.number(),
    productSha256: z
      .string()
      .nullable()
      .describe("Of the numbers of product.npy (rows x columns x F64); null: there is no whole product."),
  })
  .meta({ id: "MatmulReceipt", description: "`columns` is the inner size." });
export type MatmulReceipt = z.infer<typeof matmulReceiptSchema>;
