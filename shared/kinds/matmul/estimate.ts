/** POST /api/estimates answers with this for a product of matrices. */
import { z } from "zod";
import { codedEstimateSchema } from "../../coded/estimate.ts";

export const matmulEstimateSchema = codedEstimateSchema
  .extend({
    kind: z.literal("matmul"),
  })
  .meta({ id: "MatmulEstimate" });
export type MatmulEstimate = z.infer<typeof matmulEstimateSchema>;
