/** What a count of primes sends to a tab: a range to count them in. */
import { z } from "zod";
import { assignmentBase } from "../../protocol/messages.ts";

export const rangeAssignmentSchema = z.object({
  ...assignmentBase,
  kind: z.literal("primes"),
  work: z.literal("range"),
  first: z.number().int().min(0),
  end: z.number().int().min(0),
});
export type RangeAssignment = z.infer<typeof rangeAssignmentSchema>;
