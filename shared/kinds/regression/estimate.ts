/** POST /api/estimates answers with this for a regression. */
import { z } from "zod";
import { codedEstimateSchema } from "../../coded/estimate.ts";

export const regressionEstimateSchema = codedEstimateSchema
  .extend({
    kind: z.literal("regression"),
  })
  .meta({ id: "RegressionEstimate" });
export type RegressionEstimate = z.infer<typeof regressionEstimateSchema>;
