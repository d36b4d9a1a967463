/** What the API says of a job of any kind. */
import { z } from "zod";

export const JOB_STATES = [
  "accepting",
  "preparing",
  "running",
  "auditing",
  "finishing",
  "done",
  "failed",
  "cancelled",
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Begins the reason of a job that waits for the coordinator alone; what follows changes with each row. */
export const WAITS_FOR_CHECKS = "waiting for the coordinator's checks";

/** What the view of every job says of what it waits for. */
export const waitsFields = {
  waitingFor: z.string().nullable().describe("Why nothing moves, in one sentence; null while it moves or has ended."),
  lacksTabs: z
    .enum(["any", "more"])
    .describe(
      "It waits for tabs. `any`: none is connected and ready, and whichever comes may help; `more`: those that are ready are too few, or do not suit it. Absent: it waits for something else, or for nothing.",
    )
    .exactOptional(),
};
export type Waits = z.infer<z.ZodObject<typeof waitsFields>>;

/** Meanwhile the job gets on, though no tab has anything of it to do. */
export function isWaitingForChecks({ waitingFor }: Waits): boolean {
  return waitingFor?.startsWith(WAITS_FOR_CHECKS) === true;
}

export const jobSubmittedSchema = z
  .object({
    jobId: z.string(),
    invitations: z.array(z.string()).exactOptional(),
    commitment: z
      .string()
      .exactOptional()
      .describe("sha-256 that which rows will be checked follows from; note it, and hold the receipt against it."),
    rules: z
      .string()
      .exactOptional()
      .describe("sha-256 of the numbers of the rules that bounds rest on: the receipt names the same."),
    notes: z.array(z.string()).exactOptional().describe("What the submitter should know of the data, in sentences."),
  })
  .meta({
    id: "JobSubmitted",
    description: "POST /api/jobs answers with this; `invitations` only where T > 0: one a volunteer, shown this once.",
  });
export type JobSubmitted = z.infer<typeof jobSubmittedSchema>;
