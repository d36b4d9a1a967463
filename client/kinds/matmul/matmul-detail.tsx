import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { JobEventsList } from "../../coded/job-events-list.tsx";
import { ReceiptSection } from "../../coded/receipt-section.tsx";
import { VolunteersTable } from "../../coded/volunteers-table.tsx";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";
import { dashboard } from "../../ui/texts.ts";
import { TimelineSection } from "../../ui/timeline/timeline-section.tsx";
import { matmul } from "./matmul-texts.ts";

/** Who took part and what happened: a matrix job tells it in its receipt, when it has ended. */
export function MatmulDetail({ store, job }: { store: DashboardStore; job: MatmulJobView }) {
  const detail = store.detail.value;
  if (detail?.jobId !== job.jobId || detail.kind !== "matmul") return <p class="hint">{dashboard.loading}</p>;
  const { receipt, timeline } = detail;
  return (
    <div class="detail">
      {timeline !== null && <TimelineSection kind="matmul" timeline={timeline} />}
      {job.finishedMs === null && <p class="hint">{matmul.whileItRuns}</p>}
      {receipt !== null && (
        <>
          <JobEventsList kind="matmul" history={receipt} isVerified={job.isVerified} />
          <VolunteersTable volunteers={receipt.volunteers} hasEnded />
          <ReceiptSection receipt={receipt} />
        </>
      )}
    </div>
  );
}
