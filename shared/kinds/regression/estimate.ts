/** POST /api/estimates answers with this for a regression. */
import { z } from "zod";
import { codedEstimateSchema } from "../../coded/estimate.ts";
import { regressionRoundingSchema } from "./rounding.ts";

export const regressionEstimateSchema = codedEstimateSchema
  .extend({
    kind: z.literal("regression"),
    rounding: regressionRoundingSchema,
  })
  .meta({ id: "RegressionEstimate" });
export type RegressionEstimate = z.infer<typeof regressionEstimateSchema>;
