import { NEW_JOB_HASH } from "../ui/jobs/job-address.ts";
import { loadedLater } from "../ui/loaded-later.tsx";
import { useNow } from "../ui/now.ts";
import { dashboard } from "../ui/texts.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { JOBS_SHOWN } from "./dashboard-store.ts";
import { pageTexts } from "./dashboard-texts.ts";
import { JobFilterForm } from "./job-filter-form.tsx";
import { JobRowView } from "./job-row-view.tsx";
import { PageHeading } from "./page-heading.tsx";
import { type JobsShown, jobsHash } from "./route.ts";
import { StatusStrip } from "./status-strip.tsx";

const texts = pageTexts.jobs;
const FirstSteps = loadedLater(async () => (await import("./first-steps.tsx")).FirstSteps);

/** All jobs, the latest first. */
export function JobsPage({ store, shown }: { store: DashboardStore; shown: JobsShown }) {
  const page = store.list.value;
  const nowMs = useNow(5_000);
  const isEverything = shown.show === "all" && shown.search === "" && shown.offset === 0;
  return (
    <>
      <div class="intro">
        <PageHeading title={texts.title}>{texts.title}</PageHeading>
        <p class="lead">{texts.lead}</p>
      </div>
      <StatusStrip status={store.status.value} />
      {page === null && store.problem.value === null && <p class="hint">{dashboard.loading}</p>}
      {page !== null && page.matching === 0 && isEverything && (
        <div class="column first-steps">
          <p class="note">
            {texts.none} <a href={NEW_JOB_HASH}>{texts.new}</a>
          </p>
          <FirstSteps dashboard={store} />
        </div>
      )}
      {page !== null && (page.matching > 0 || !isEverything) && (
        <section class="panel job-list" aria-label={texts.title}>
          <div class="job-list-top">
            <JobFilterForm shown={shown} />
            <a class="button primary" href={NEW_JOB_HASH}>
              {texts.new}
            </a>
          </div>
          {page.jobs.length === 0 && <p class="hint">{texts.noneSuch}</p>}
          <ul class="job-rows">
            {page.jobs.map((row) => (
              <JobRowView key={row.jobId} row={row} nowMs={nowMs} dashboard={store} />
            ))}
          </ul>
          {(page.matching > page.jobs.length || page.offset > 0) && (
            <Pager shown={shown} offset={page.offset} count={page.jobs.length} matching={page.matching} />
          )}
        </section>
      )}
    </>
  );
}

interface PagerProps {
  readonly shown: JobsShown;
  readonly offset: number;
  readonly count: number;
  readonly matching: number;
}

function Pager({ shown, offset, count, matching }: PagerProps) {
  const hasOlder = offset + count < matching;
  return (
    <nav class="pager" aria-label={texts.title}>
      {count > 0 && <p class="hint">{texts.range(offset + 1, offset + count, matching)}</p>}
      <div class="buttons">
        {offset > 0 && (
          <a class="button small" href={jobsHash({ ...shown, offset: Math.max(0, offset - JOBS_SHOWN) })}>
            {texts.previous}
          </a>
        )}
        {hasOlder && (
          <a class="button small" href={jobsHash({ ...shown, offset: offset + JOBS_SHOWN })}>
            {texts.next}
          </a>
        )}
      </div>
    </nav>
  );
}
