import { useEffect, useRef, useState } from "preact/hooks";
import type { JobView } from "../../shared/protocol/api.ts";
import { useNow } from "../ui/now.ts";
import { dashboard } from "../ui/texts.ts";
import { ago, percent } from "../ui/units.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { Downloads } from "./downloads.tsx";
import { JobDetailView } from "./job-detail.tsx";
import { MarksBar } from "./marks-bar.tsx";
import { hashOf } from "./open-job.ts";

const texts = dashboard.jobs;
const SHOWN_MAX = 25;

export function JobList({ store, openJobId }: { store: DashboardStore; openJobId: string | null }) {
  const jobs = store.jobs.value;
  const nowMs = useNow(5_000);
  const shown = jobs?.filter(({ jobId }, i) => i < SHOWN_MAX || jobId === openJobId) ?? [];
  return (
    <section class="panel" aria-labelledby="jobs-title">
      <h2 id="jobs-title">{texts.title}</h2>
      {jobs === null && <p class="hint">{dashboard.loading}</p>}
      {jobs?.length === 0 && <p class="hint">{texts.none}</p>}
      <ul class="jobs">
        {shown.map((job) => (
          <li key={job.jobId}>
            <JobCard store={store} job={job} isOpen={job.jobId === openJobId} nowMs={nowMs} />
          </li>
        ))}
      </ul>
      {jobs !== null && jobs.length > shown.length && <p class="hint">{texts.more(shown.length, jobs.length)}</p>}
    </section>
  );
}

function JobCard({
  store,
  job,
  isOpen,
  nowMs,
}: {
  store: DashboardStore;
  job: JobView;
  isOpen: boolean;
  nowMs: number;
}) {
  const { jobId, name, state, finishedMs, submittedMs } = job;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isOpen) card.current?.scrollIntoView({ block: "nearest" });
  }, [isOpen]);
  const hasAnswers = job.queryCount > job.answersByMark.missing;
  return (
    <article class="job" ref={card} aria-labelledby={`job-${jobId}`}>
      <header>
        <h3 id={`job-${jobId}`}>{name}</h3>
        <span class={`tag job-${state}`} data-testid="job-state">
          {texts.states[state]}
        </span>
      </header>
      <p class="hint">
        {texts.by(job.submitter)},{" "}
        {finishedMs === null ? texts.started(ago(submittedMs, nowMs)) : texts.took(finishedMs - submittedMs)}
        <br />
        {texts.settings(job.scheme, job.queriesPerGroup, job.stragglers, job.liars, job.workerCount)}
      </p>
      <MarksBar job={job} />
      <JobFacts job={job} />
      {job.waitingFor !== null && <p class="note warn">{texts.waiting(job.waitingFor)}</p>}
      {job.error !== null && <p class="note error">{job.error}</p>}
      <div class="job-actions">
        <a class="button small" href={isOpen ? "#" : hashOf(jobId)} aria-expanded={isOpen}>
          {isOpen ? texts.close : texts.open}
        </a>
        {finishedMs === null && <CancelButton store={store} job={job} />}
        {hasAnswers && <Downloads client={store.client} job={job} />}
      </div>
      {isOpen && <JobDetailView store={store} job={job} />}
    </article>
  );
}

function JobFacts({ job }: { job: JobView }) {
  const facts = [
    job.accuracy === null ? null : texts.accuracy(percent(job.accuracy)),
    job.auditedRows === 0 ? null : texts.audits(job.auditedRows, job.failedAudits),
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? null : <p class="job-facts">{facts.join(" · ")}</p>;
}

function CancelButton({ store, job }: { store: DashboardStore; job: JobView }) {
  const [busy, setBusy] = useState(false);
  async function cancel(): Promise<void> {
    setBusy(true);
    // A job that ended meanwhile cannot be cancelled; the list is about to say so.
    await store.client.cancel(job.jobId).catch(() => undefined);
    store.refresh();
    setBusy(false);
  }
  return (
    <button
      type="button"
      class="small"
      disabled={busy}
      aria-label={texts.cancelNamed(job.name)}
      onClick={() => void cancel()}
    >
      {texts.cancel}
    </button>
  );
}
