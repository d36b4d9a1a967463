/** What a submitter may name in place of a code: a time with a confidence, or a budget. The coordinator picks K, S and E. */
import { z } from "zod";
import { AIM_BYTES_MAX, AIM_CONFIDENCE_DEFAULT, AIM_MACS_MAX, AIM_MS_MAX, AIM_MS_MIN } from "../../protocol/limits.ts";

/** Of a submission; exactly one of the first three. */
export const aimSchema = z
  .strictObject({
    finishWithinMs: z
      .number()
      .int()
      .min(AIM_MS_MIN)
      .max(AIM_MS_MAX)
      .optional()
      .describe("the job is to end so many milliseconds after it was submitted, at the least cost"),
    budgetMacs: z
      .number()
      .positive()
      .max(AIM_MACS_MAX)
      .optional()
      .describe("the most multiply-adds of all tabs together; the fastest code within it"),
    budgetBytes: z
      .number()
      .positive()
      .max(AIM_BYTES_MAX)
      .optional()
      .describe("bytes to and from tabs in all; the fastest code within it"),
    confidence: z
      .number()
      .min(0.5)
      .max(0.99)
      .default(AIM_CONFIDENCE_DEFAULT)
      .describe("how sure the aim is to be met: .9 means nine jobs of ten"),
  })
  .refine(
    ({ finishWithinMs, budgetMacs, budgetBytes }) =>
      [finishWithinMs, budgetMacs, budgetBytes].filter((value) => value !== undefined).length === 1,
    { error: "expected exactly one of finishWithinMs, budgetMacs and budgetBytes" },
  );
export type Aim = z.infer<typeof aimSchema>;

/** Settings that an aim stands in place of. */
export const CHOSEN_BY_AIM = ["scheme", "queriesPerGroup", "stragglers", "liars", "locator", "spares"] as const;

/** @returns what is wrong where a posted submission names an aim and, beside it, a setting that the aim stands in place of */
export function aimProblem(posted: object): string | null {
  if (!("aim" in posted) || posted.aim === undefined) return null;
  const beside = CHOSEN_BY_AIM.filter((setting) => setting in posted);
  if (beside.length === 0) return null;
  return `aim: expected none of ${CHOSEN_BY_AIM.join(", ")} beside it, because the coordinator picks them; got ${beside.join(", ")}`;
}
