import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { JobFacts, JobNotes } from "../../coded/crowd-facts.tsx";
import { CancelButton, ReceiptButton, saveReceipt } from "../../coded/job-buttons.tsx";
import { ProgressLine } from "../../coded/progress-line.tsx";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";
import { JobFrame } from "../../ui/jobs/job-frame.tsx";
import { ReceiptLink } from "../../ui/jobs/receipt-link.tsx";
import { saveFile } from "../../ui/jobs/save-file.ts";
import { useAction } from "../../ui/jobs/use-action.ts";
import { dashboard, training } from "../../ui/texts.ts";
import { ago } from "../../ui/units.ts";
import { MatmulDetail } from "./matmul-detail.tsx";
import { matmul } from "./matmul-texts.ts";

const texts = matmul.job;
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
  return (
    <JobFrame
      job={job}
      isOpen={isOpen}
      stateText={job.endKind === null ? common.states[job.state] : training.ends[job.endKind]}
      details={<MatmulDetail store={store} job={job} />}
      actions={<MatmulActions store={store} job={job} />}
    >
      <p class="hint">
        {common.by(job.submitter)},{" "}
        {finishedMs === null ? common.started(ago(submittedMs, nowMs)) : common.took(finishedMs - submittedMs)}
        <br />
        {training.job.code(job)}, {texts.shapes(job.rows, job.inner, job.columns)}
      </p>
      <ProgressLine
        label={texts.progressLabel(job.name)}
        progress={texts.progress(slicesDone, slices)}
        done={slicesDone}
        all={slices}
        job={job}
      />
      <JobFacts job={job} />
      <JobNotes job={job} />
    </JobFrame>
  );
}

function MatmulActions({ store, job }: { store: DashboardStore; job: MatmulJobView }) {
  const { client } = store;
  const { busy, problem, act } = useAction(store);
  const saveProduct = async () => {
    const bytes = await client.productFile(job.jobId);
    saveFile(new Blob([bytes], { type: "application/octet-stream" }), `${job.jobId}-product.npy`);
  };
  return (
    <>
      {job.finishedMs === null && (
        <CancelButton name={job.name} busy={busy} onClick={() => act(() => client.cancel(job.jobId))} />
      )}
      <span class="downloads">
        {job.endKind === "done" && (
          <button type="button" class="link" aria-label={texts.productNamed(job.name)} onClick={() => act(saveProduct)}>
            {texts.product}
          </button>
        )}
        {job.finishedMs !== null && (
          <>
            <ReceiptLink job={job} />
            <ReceiptButton
              name={job.name}
              onClick={() => act(async () => saveReceipt(await client.matmulReceipt(job.jobId)))}
            />
          </>
        )}
      </span>
      {problem !== null && <span role="alert">{problem}</span>}
    </>
  );
}
