/** The settings of a coded run beside its scheme, as the submissions of its kinds have them. */
import { z } from "zod";
import { CODED_SHARDS_MAX, CODED_SHARDS_PER_VOLUNTEER_MAX } from "./limits.ts";

const volunteerCount = (least: number) => z.number().int().min(least).max(CODED_SHARDS_MAX);

/** @param hidden what colluders learn nothing of */
export function codedSettings(hidden: string) {
  return {
    dataVolunteers: volunteerCount(1)
      .default(4)
      .describe("K: volunteers that would be enough if all were quick and honest"),
    stragglers: volunteerCount(0).default(1).describe("S: how many late tabs a round does not wait for"),
    liars: volunteerCount(0).default(1).describe("M: how many lying volunteers the code allows for"),
    /** Above 0 the job runs by invitation. */
    colluders: volunteerCount(0)
      .default(0)
      .describe(`T: how many volunteers may put their data together and still learn nothing of ${hidden}`),
    volunteers: volunteerCount(1).optional().describe("N: volunteers in all, if more than the code needs"),
    /** g */
    shardsPerVolunteer: z
      .number()
      .int()
      .min(1)
      .max(CODED_SHARDS_PER_VOLUNTEER_MAX)
      .default(1)
      .describe("small shards a volunteer, so that a slow one's finished part counts"),
    spareShards: z
      .number()
      .int()
      .min(0)
      .max(64)
      .default(0)
      .describe("shards encoded ahead for volunteers that join later"),
  };
}
