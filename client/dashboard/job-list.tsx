import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import type { JobView } from "../../shared/kinds/kinds.ts";
import { CancelButton } from "../coded/job-buttons.tsx";
import { Downloads } from "../kinds/inference/downloads.tsx";
import { JobDetailView } from "../kinds/inference/inference-detail.tsx";
import { MarksBar } from "../kinds/inference/marks-bar.tsx";
import { MatmulCard } from "../kinds/matmul/matmul-card.tsx";
import { TrainingCard } from "../kinds/regression/regression-card.tsx";
import { JobFrame } from "../ui/jobs/job-frame.tsx";
import { useAction } from "../ui/jobs/use-action.ts";
import { useNow } from "../ui/now.ts";
import { dashboard } from "../ui/texts.ts";
import { ago, percent } from "../ui/units.ts";
import type { DashboardStore } from "./dashboard-store.ts";

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

interface JobCardProps<View extends JobView> {
  readonly store: DashboardStore;
  readonly job: View;
  readonly isOpen: boolean;
  readonly nowMs: number;
}

function JobCard({ job, ...props }: JobCardProps<JobView>) {
  if (job.kind === "regression") return <TrainingCard job={job} {...props} />;
  return job.kind === "matmul" ? <MatmulCard job={job} {...props} /> : <InferenceCard job={job} {...props} />;
}

function InferenceCard({ store, job, isOpen, nowMs }: JobCardProps<InferenceJobView>) {
  const { state, finishedMs, submittedMs, stream, answersByMark } = job;
  const hasAnswers = job.queryCount > answersByMark.missing;
  const takesQueries = stream?.isOpen === true;
  return (
    <JobFrame
      job={job}
      isOpen={isOpen}
      stateText={takesQueries && state === "running" ? texts.stream.state : texts.states[state]}
      details={<JobDetailView store={store} job={job} />}
      actions={
        <>
          {finishedMs === null && <EndButtons store={store} job={job} />}
          {hasAnswers && <Downloads client={store.client} job={job} />}
        </>
      }
    >
      <p class="hint">
        {texts.by(job.submitter)},{" "}
        {finishedMs === null ? texts.started(ago(submittedMs, nowMs)) : texts.took(finishedMs - submittedMs)}
        <br />
        {texts.settings(job.scheme, job.queriesPerGroup, job.stragglers, job.liars, job.workerCount)}
        {takesQueries && (
          <>
            <br />
            {texts.stream.settings(stream.closeAfterMs, stream.idleMs)}
          </>
        )}
      </p>
      <MarksBar job={job} />
      <JobFacts job={job} />
      {job.waitingFor !== null && (
        <p class={takesQueries && answersByMark.missing === 0 ? "note" : "note warn"}>
          {texts.waiting(job.waitingFor)}
        </p>
      )}
      {job.error !== null && <p class="note error">{job.error}</p>}
    </JobFrame>
  );
}

function JobFacts({ job }: { job: InferenceJobView }) {
  const facts = [
    job.accuracy === null ? null : texts.accuracy(percent(job.accuracy)),
    job.auditedRows === 0 ? null : texts.audits(job.auditedRows, job.failedAudits),
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? null : <p class="job-facts">{facts.join(" · ")}</p>;
}

/** What ends a job before its time: a stream may be closed, every job cancelled. */
function EndButtons({ store, job }: { store: DashboardStore; job: InferenceJobView }) {
  const { client } = store;
  const { busy, problem, act } = useAction(store);
  return (
    <>
      {job.stream?.isOpen && (
        <button
          type="button"
          class="small"
          disabled={busy}
          title={texts.stream.closeHint}
          aria-label={texts.stream.closeNamed(job.name)}
          onClick={() => act(() => client.stop(job.jobId))}
        >
          {texts.stream.close}
        </button>
      )}
      <CancelButton name={job.name} busy={busy} onClick={() => act(() => client.cancel(job.jobId))} />
      {problem !== null && <span role="alert">{problem}</span>}
    </>
  );
}
