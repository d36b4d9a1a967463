import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { TimelineSection } from "../../ui/timeline/timeline-later.tsx";
import type { PartProps } from "../job-pages.ts";
import { AgreementSection } from "./agreement/agreement-section.tsx";
import { CompareCodes } from "./compare-codes.tsx";
import type { InferenceDetail } from "./inference-detail.ts";
import { RowsSection } from "./rows-section.tsx";

export function InferenceProgress({
  dashboard,
  job,
  detail: { timeline },
}: PartProps<InferenceJobView, InferenceDetail>) {
  const { rows } = job;
  return (
    <>
      {rows !== undefined && <RowsSection job={job} rows={rows} />}
      {rows !== undefined && dashboard.mayChange && mayBeCoded(job) && (
        <CompareCodes client={dashboard.client} jobId={job.jobId} />
      )}
      {timeline !== null && (
        <>
          <TimelineSection timeline={timeline} />
          {rows === undefined && <AgreementSection rounds={timeline.rounds} />}
        </>
      )}
    </>
  );
}

/** Of rows that are answered each by itself, and to the bit, no code is worth a look. */
function mayBeCoded({ completion, stragglers, liars }: InferenceJobView): boolean {
  return completion === "fast" || stragglers > 0 || liars > 0;
}
