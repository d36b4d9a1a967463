import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { JobEventsList } from "../../coded/job-events-list.tsx";
import { VolunteersTable } from "../../coded/volunteers-table.tsx";
import { TimelineSection } from "../../ui/timeline/timeline-later.tsx";
import type { PartProps } from "../job-pages.ts";
import { EvaluationSection } from "./evaluation/evaluation-section.tsx";
import { PredictionsForm } from "./predictions-form.tsx";
import { RegressionCurves } from "./regression-curves.tsx";
import type { RegressionDetail } from "./regression-detail.ts";
import { REGRESSION_WORDS } from "./regression-receipt.ts";

type Props = PartProps<RegressionJobView, RegressionDetail | null>;

export function RegressionAnswers({ dashboard, job, detail: { ofKind } }: Props) {
  return (
    <>
      {ofKind !== null && ofKind.evaluation !== null && <EvaluationSection evaluation={ofKind.evaluation} />}
      {job.weightsOf !== null && <PredictionsForm client={dashboard.client} job={job} />}
      {ofKind !== null && <RegressionCurves jobId={job.jobId} history={ofKind.history} />}
    </>
  );
}

export function RegressionProgress({ job, detail: { timeline, ofKind } }: Props) {
  return (
    <>
      {timeline !== null && <TimelineSection timeline={timeline} />}
      {ofKind !== null && (
        <>
          <JobEventsList words={REGRESSION_WORDS} history={ofKind.history} isVerified={job.isVerified} />
          <VolunteersTable volunteers={ofKind.history.volunteers} hasEnded={job.finishedMs !== null} />
        </>
      )}
    </>
  );
}
