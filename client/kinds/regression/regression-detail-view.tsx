import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { JobEventsList } from "../../coded/job-events-list.tsx";
import { ReceiptSection } from "../../coded/receipt-section.tsx";
import { VolunteersTable } from "../../coded/volunteers-table.tsx";
import { TimelineSection } from "../../ui/timeline/timeline-section.tsx";
import type { Dashboard, OpenDetail } from "../job-pages.ts";
import { PredictionsForm } from "./predictions-form.tsx";
import { RegressionCurves } from "./regression-curves.tsx";
import type { RegressionDetail } from "./regression-detail.ts";
import { REGRESSION_WORDS, regressionReceiptParts } from "./regression-receipt.ts";

interface RegressionDetailProps {
  readonly dashboard: Dashboard;
  readonly job: RegressionJobView;
  readonly detail: OpenDetail<RegressionDetail>;
}

export function RegressionDetailView({ dashboard, job, detail: { timeline, ofKind } }: RegressionDetailProps) {
  const { history, receipt } = ofKind;
  return (
    <div class="detail">
      <RegressionCurves jobId={job.jobId} history={history} />
      {timeline !== null && <TimelineSection timeline={timeline} />}
      <JobEventsList words={REGRESSION_WORDS} history={history} isVerified={job.isVerified} />
      <VolunteersTable volunteers={history.volunteers} hasEnded={job.finishedMs !== null} />
      {job.weightsOf !== null && <PredictionsForm client={dashboard.client} job={job} />}
      {receipt !== null && <ReceiptSection receipt={receipt} parts={regressionReceiptParts(receipt)} />}
    </div>
  );
}
