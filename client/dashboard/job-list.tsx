import { useNow } from "../ui/now.ts";
import { dashboard as texts } from "../ui/texts.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { pagesOf } from "./loaded-kinds.ts";

const SHOWN_MAX = 25;

export function JobList({ store, openJobId }: { store: DashboardStore; openJobId: string | null }) {
  const jobs = store.jobs.value;
  const detail = store.detail.value;
  const nowMs = useNow(5_000);
  const shown = jobs?.filter(({ jobId }, i) => i < SHOWN_MAX || jobId === openJobId) ?? [];
  return (
    <section class="panel" aria-labelledby="jobs-title">
      <h2 id="jobs-title">{texts.jobs.title}</h2>
      {jobs === null && <p class="hint">{texts.loading}</p>}
      {jobs?.length === 0 && <p class="hint">{texts.jobs.none}</p>}
      <ul class="jobs">
        {shown.map((job) => {
          const { Card } = pagesOf(job);
          return (
            <li key={job.jobId}>
              <Card
                dashboard={store}
                job={job}
                isOpen={job.jobId === openJobId}
                nowMs={nowMs}
                detail={detail?.jobId === job.jobId ? detail : null}
              />
            </li>
          );
        })}
      </ul>
      {jobs !== null && jobs.length > shown.length && <p class="hint">{texts.jobs.more(shown.length, jobs.length)}</p>}
    </section>
  );
}
