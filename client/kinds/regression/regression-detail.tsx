import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { JobEventsList } from "../../coded/job-events-list.tsx";
import { ReceiptSection } from "../../coded/receipt-section.tsx";
import { VolunteersTable } from "../../coded/volunteers-table.tsx";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";
import { dashboard } from "../../ui/texts.ts";
import { TimelineSection } from "../../ui/timeline/timeline-section.tsx";
import { PredictionsForm } from "./predictions-form.tsx";
import { TrainingCurves } from "./regression-curves.tsx";

export function TrainingDetail({ store, job }: { store: DashboardStore; job: RegressionJobView }) {
  const detail = store.detail.value;
  if (detail?.jobId !== job.jobId || detail.kind !== "regression" || detail.history === null) {
    return <p class="hint">{dashboard.loading}</p>;
  }
  const { history, receipt } = detail;
  return (
    <div class="detail">
      <TrainingCurves jobId={job.jobId} history={history} />
      {detail.timeline !== null && <TimelineSection kind="regression" timeline={detail.timeline} />}
      <JobEventsList kind="regression" history={history} isVerified={job.isVerified} />
      <VolunteersTable volunteers={history.volunteers} hasEnded={job.finishedMs !== null} />
      {job.weightsOf !== null && <PredictionsForm client={store.client} job={job} />}
      {receipt !== null && <ReceiptSection receipt={receipt} />}
    </div>
  );
}
