import type { HelpedJob } from "./helped-jobs.ts";
import { volunteerTexts } from "./texts/texts.ts";

/** A job's name, which leads to its page. */
export function HelpedJobLink({ job: { jobId, name } }: { job: Pick<HelpedJob, "jobId" | "name"> }) {
  return (
    <a href={`/dashboard#jobs/${encodeURIComponent(jobId)}`} aria-label={volunteerTexts().helped.follow(name)}>
      {name}
    </a>
  );
}
