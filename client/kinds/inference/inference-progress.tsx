import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { TimelineSection } from "../../ui/timeline/timeline-later.tsx";
import type { PartProps } from "../job-pages.ts";
import { AgreementSection } from "./agreement/agreement-section.tsx";
import type { InferenceDetail } from "./inference-detail.ts";
import { RoundsTable } from "./rounds-table.tsx";

export function InferenceProgress({ detail: { timeline, ofKind } }: PartProps<InferenceJobView, InferenceDetail>) {
  return (
    <>
      {timeline !== null && (
        <>
          <TimelineSection timeline={timeline} />
          <AgreementSection rounds={timeline.rounds} />
        </>
      )}
      <RoundsTable rounds={ofKind.rounds} />
    </>
  );
}
