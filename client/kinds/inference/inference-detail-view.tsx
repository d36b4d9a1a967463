import { TimelineSection } from "../../ui/timeline/timeline-section.tsx";
import type { OpenDetail } from "../job-pages.ts";
import { AgreementSection } from "./agreement/agreement-section.tsx";
import type { InferenceDetail } from "./inference-detail.ts";
import { AnswersSection } from "./results/answers-section.tsx";
import { RoundsTable } from "./rounds-table.tsx";

export function InferenceDetailView({ detail: { timeline, ofKind } }: { detail: OpenDetail<InferenceDetail> }) {
  const { rounds, answers, queries, selection, show } = ofKind;
  return (
    <div class="detail">
      {timeline !== null && (
        <>
          <TimelineSection timeline={timeline} />
          <AgreementSection rounds={timeline.rounds} />
        </>
      )}
      <RoundsTable rounds={rounds} />
      <AnswersSection
        page={answers}
        queries={queries}
        only={selection.value.only}
        nicknames={new Map(timeline?.tabs.map(({ volunteerId, nickname }) => [volunteerId, nickname]))}
        show={show}
      />
    </div>
  );
}
