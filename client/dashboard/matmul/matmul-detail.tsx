import type { MatmulJobView } from "../../../shared/protocol/matmul-api.ts";
import { matmul } from "../../ui/matmul-texts.ts";
import { dashboard } from "../../ui/texts.ts";
import { JobEventsList } from "../coded/job-events-list.tsx";
import { ReceiptSection } from "../coded/receipt-section.tsx";
import { VolunteersTable } from "../coded/volunteers-table.tsx";
import type { DashboardStore } from "../dashboard-store.ts";

/** Who took part and what happened: a matrix job tells it in its receipt, when it has ended. */
export function MatmulDetail({ store, job }: { store: DashboardStore; job: MatmulJobView }) {
  if (job.finishedMs === null) return <p class="hint">{matmul.whileItRuns}</p>;
  const detail = store.detail.value;
  if (detail?.jobId !== job.jobId || detail.kind !== "matmul" || detail.receipt === null) {
    return <p class="hint">{dashboard.loading}</p>;
  }
  const { receipt } = detail;
  return (
    <div class="detail">
      <JobEventsList kind="matmul" history={receipt} isVerified={job.isVerified} />
      <VolunteersTable volunteers={receipt.volunteers} hasEnded />
      <ReceiptSection receipt={receipt} />
    </div>
  );
}
