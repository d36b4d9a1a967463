/** What a submitter may name in place of a code: a time with a confidence, or a budget. The coordinator picks K, S, E and the batches. */
import { z } from "zod";
import { AIM_BYTES_MAX, AIM_CONFIDENCE_DEFAULT, AIM_MACS_MAX, AIM_MS_MAX, AIM_MS_MIN } from "../../protocol/limits.ts";

/** Of a submission; exactly one of the first three. */
export const aimSchema = z
  .strictObject({
    /** The job is to have ended so long after it was submitted; the cheapest code that does it is taken. */
    finishWithinMs: z.number().int().min(AIM_MS_MIN).max(AIM_MS_MAX).optional(),
    /** Multiply-adds that tabs may be asked for in all; the fastest code within it is taken. */
    budgetMacs: z.number().positive().max(AIM_MACS_MAX).optional(),
    /** Bytes to and from tabs in all; the fastest code within it is taken. */
    budgetBytes: z.number().positive().max(AIM_BYTES_MAX).optional(),
    /** How sure the aim is to be met: .9 means nine jobs of ten. */
    confidence: z.number().min(0.5).max(0.99).default(AIM_CONFIDENCE_DEFAULT),
  })
  .refine(
    ({ finishWithinMs, budgetMacs, budgetBytes }) =>
      [finishWithinMs, budgetMacs, budgetBytes].filter((value) => value !== undefined).length === 1,
    { error: "expected exactly one of finishWithinMs, budgetMacs and budgetBytes" },
  );
export type Aim = z.infer<typeof aimSchema>;

/** Settings that an aim stands in place of. */
export const CHOSEN_BY_AIM = [
  "scheme",
  "queriesPerGroup",
  "stragglers",
  "liars",
  "locator",
  "groupsPerRound",
  "roundsInFlight",
  "spares",
] as const;
