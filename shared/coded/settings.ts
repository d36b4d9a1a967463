/** The settings of a coded run beside its scheme, as the submissions of its kinds have them. */
import { z } from "zod";
import { CODED_SHARDS_MAX, CODED_SHARDS_PER_VOLUNTEER_MAX } from "./limits.ts";

const volunteerCount = (least: number) => z.number().int().min(least).max(CODED_SHARDS_MAX);

/** @param hidden what colluders learn nothing of */
export function codedSettings(hidden: string) {
  return {
    dataVolunteers: volunteerCount(1).default(4).describe("K: volunteers that would do if all were quick and honest"),
    stragglers: volunteerCount(0).default(1).describe("S: so many late tabs a round are not waited for"),
    liars: volunteerCount(0).default(1).describe("M: so many lying volunteers are reckoned with"),
    /** Above 0 the job runs by invitation. */
    colluders: volunteerCount(0)
      .default(0)
      .describe(`T: so many volunteers may pool what they hold and learn nothing of ${hidden}`),
    volunteers: volunteerCount(1).optional().describe("N, where there are to be more than the code needs"),
    /** g */
    shardsPerVolunteer: z
      .number()
      .int()
      .min(1)
      .max(CODED_SHARDS_PER_VOLUNTEER_MAX)
      .default(1)
      .describe("small shards a volunteer, so that a slow one's finished part counts"),
    spareShards: z.number().int().min(0).max(64).default(0).describe("encoded ahead for whoever joins"),
  };
}
