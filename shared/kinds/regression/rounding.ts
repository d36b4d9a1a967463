/** How a regression rounds its numbers, in the estimate and the receipt. */
import { z } from "zod";

const vectorParts = z.object({
  limbs: z.number().describe("Numbers that each entry is cut into, so that it keeps its bits."),
  chunks: z.number().describe("Parts that sums are cut into, so that they stay exact."),
});

export const regressionRoundingSchema = z
  .object({
    featureBits: z.number().describe("A column's usual largest entry is 2^featureBits steps."),
    limbBits: z.number().describe("Bits of each number that a feature is cut into, but of the highest."),
    featureLimbs: z.number().describe("Numbers that each feature is cut into: so many times the data."),
    vectorBits: z.number().describe("Of weights and residuals, in their root mean square."),
    forward: vectorParts.describe("Of the weights."),
    backward: vectorParts.describe("Of the residuals."),
    notes: z.array(z.string()).describe("What this means for the data at hand, in sentences."),
  })
  .meta({ id: "RegressionRounding" });
export type RegressionRounding = z.infer<typeof regressionRoundingSchema>;
