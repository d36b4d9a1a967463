import { CROWD_HASH, JOBS_HASH, MODELS_HASH, NEW_JOB_HASH } from "../ui/jobs/job-address.ts";
import { pageTexts } from "./dashboard-texts.ts";
import type { Route } from "./route.ts";

/** Links to the dashboard's parts. */
export function PageParts({ page }: Pick<Route, "page">) {
  const { label, jobs, new: newJob, models, crowd } = pageTexts.parts;
  const parts = [
    [JOBS_HASH, jobs, page === "jobs" || page === "job"],
    [NEW_JOB_HASH, newJob, page === "new"],
    [MODELS_HASH, models, page === "models"],
    [CROWD_HASH, crowd, page === "crowd"],
  ] as const;
  return (
    <nav class="parts" aria-label={label}>
      {parts.map(([hash, words, isHere]) => (
        <a key={hash} href={hash} aria-current={isHere ? "true" : undefined}>
          {words}
        </a>
      ))}
    </nav>
  );
}
