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

export const jobSubmittedSchema = z
  .object({
    jobId: z.string(),
    invitations: z.array(z.string()).exactOptional(),
    commitment: z
      .string()
      .exactOptional()
      .describe("sha-256 that which rows will be checked follows from; note it, and hold the receipt against it."),
    notes: z.array(z.string()).exactOptional().describe("What the submitter should know of the data, in sentences."),
  })
  .meta({
    id: "JobSubmitted",
    description: "POST /api/jobs answers with this; `invitations` only where T > 0: one a volunteer, shown this once.",
  });
export type JobSubmitted = z.infer<typeof jobSubmittedSchema>;
