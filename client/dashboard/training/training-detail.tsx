import type { GradientJobView } from "../../../shared/protocol/gradient-api.ts";
import { dashboard } from "../../ui/texts.ts";
import type { DashboardStore } from "../dashboard-store.ts";
import { JobEventsList } from "./job-events-list.tsx";
import { PredictionsForm } from "./predictions-form.tsx";
import { ReceiptSection } from "./receipt-section.tsx";
import { TrainingCurves } from "./training-curves.tsx";
import { VolunteersTable } from "./volunteers-table.tsx";

export function TrainingDetail({ store, job }: { store: DashboardStore; job: GradientJobView }) {
  const detail = store.detail.value;
  if (detail?.jobId !== job.jobId || detail.kind !== "gradient" || detail.history === null) {
    return <p class="hint">{dashboard.loading}</p>;
  }
  const { history, receipt } = detail;
  return (
    <div class="detail">
      <TrainingCurves jobId={job.jobId} history={history} />
      <JobEventsList history={history} isVerified={job.isVerified} />
      <VolunteersTable volunteers={history.volunteers} hasEnded={job.finishedMs !== null} />
      {job.weightsOf !== null && <PredictionsForm client={store.client} job={job} />}
      {receipt !== null && <ReceiptSection receipt={receipt} />}
    </div>
  );
}
