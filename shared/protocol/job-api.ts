/** What the API says of a job of any kind. */

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

/** POST /api/jobs answers with this; `invitations` only where T > 0: one a volunteer, shown this once. */
export interface JobSubmitted {
  jobId: string;
  invitations?: string[];
}
