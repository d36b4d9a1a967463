import { useState } from "preact/hooks";
import type { MatmulJobView } from "../../shared/protocol/matmul-api.ts";
import { dashboard, training } from "../ui/texts.ts";
import { ago } from "../ui/units.ts";
import type { DashboardStore } from "./dashboard-store.ts";
import { JobFrame } from "./job-frame.tsx";
import { saveFile } from "./save-file.ts";

const texts = training.matmul;
const common = dashboard.jobs;

interface MatmulCardProps {
  readonly store: DashboardStore;
  readonly job: MatmulJobView;
  readonly isOpen: boolean;
  readonly nowMs: number;
}

/** A matrix job in the list: how many slices of the product are there, and what can be done with it. */
export function MatmulCard({ store, job, isOpen, nowMs }: MatmulCardProps) {
  const { submittedMs, finishedMs, slices, slicesDone } = job;
  const { trust, name: scheme } = training.schemes[job.scheme];
  const progress = texts.progress(slicesDone, slices);
  return (
    <JobFrame
      job={job}
      isOpen={isOpen}
      stateText={job.endKind === null ? common.states[job.state] : training.ends[job.endKind]}
      details={<MatmulFacts job={job} />}
      actions={<MatmulActions store={store} job={job} />}
    >
      <p class="hint">
        {common.by(job.submitter)},{" "}
        {finishedMs === null ? common.started(ago(submittedMs, nowMs)) : common.took(finishedMs - submittedMs)}
        <br />
        {texts.shapes(job.rows, job.inner, job.columns)}, {scheme}
      </p>
      <div class="marks">
        <div
          role="progressbar"
          aria-label={texts.progressLabel(job.name)}
          aria-valuemin={0}
          aria-valuemax={slices}
          aria-valuenow={slicesDone}
          aria-valuetext={progress}
        >
          <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="segment mark-exact" width={(100 * slicesDone) / slices} height="1" />
          </svg>
        </div>
        <p class="progress-text">
          {finishedMs === null ? `${progress}, ${training.job.remaining(job.remainingMs)}` : progress}
        </p>
      </div>
      {job.waitingFor !== null && <p class="note warn">{common.waiting(job.waitingFor)}</p>}
      {job.error !== null && <p class="note error">{job.error}</p>}
      {trust !== null && <p class="note warn">{trust}</p>}
    </JobFrame>
  );
}

function MatmulFacts({ job }: { job: MatmulJobView }) {
  const { facts } = training.job;
  const said = [
    job.finishedMs === null ? facts.tabs(job.volunteersAtWork) : null,
    job.code !== null ? facts.shards(job.code.shardsHeld, job.code.shards) : null,
    job.liarsNamed === 0 ? null : facts.liars(job.liarsNamed),
    job.codeChanges === 0 ? null : facts.codes(job.codeChanges),
    ...job.notes,
  ].filter((fact) => fact !== null);
  return (
    <div class="detail">
      <p class="job-facts">{said.length === 0 ? training.events.none : said.join(" · ")}</p>
    </div>
  );
}

function MatmulActions({ store, job }: { store: DashboardStore; job: MatmulJobView }) {
  const { client } = store;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function act(action: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (error) {
      setProblem((error as Error).message);
    }
    store.refresh();
    setBusy(false);
  }

  const saveProduct = async () => {
    const bytes = await client.productFile(job.jobId);
    saveFile(new Blob([bytes], { type: "application/octet-stream" }), `${job.jobId}-product.npy`);
  };
  return (
    <>
      {job.finishedMs === null && (
        <button
          type="button"
          class="small"
          disabled={busy}
          aria-label={common.cancelNamed(job.name)}
          onClick={() => void act(() => client.cancel(job.jobId))}
        >
          {common.cancel}
        </button>
      )}
      {job.finishedMs !== null && job.slicesDone === job.slices && (
        <button
          type="button"
          class="link"
          aria-label={texts.productNamed(job.name)}
          onClick={() => void act(saveProduct)}
        >
          {texts.product}
        </button>
      )}
      {problem !== null && <span role="alert">{problem}</span>}
    </>
  );
}
