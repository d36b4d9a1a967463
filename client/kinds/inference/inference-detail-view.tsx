import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { TimelineSection } from "../../ui/timeline/timeline-section.tsx";
import type { PartProps } from "../job-pages.ts";
import { AgreementSection } from "./agreement/agreement-section.tsx";
import type { InferenceDetail } from "./inference-detail.ts";
import { AnswersSection } from "./results/answers-section.tsx";
import { RoundsTable } from "./rounds-table.tsx";

type Props = PartProps<InferenceJobView, InferenceDetail>;

export function InferenceAnswers({ detail: { timeline, ofKind } }: Props) {
  const { answers, queries, selection, show } = ofKind;
  return (
    <AnswersSection
      page={answers}
      queries={queries}
      only={selection.value.only}
      nicknames={new Map(timeline?.tabs.map(({ volunteerId, nickname }) => [volunteerId, nickname]))}
      show={show}
    />
  );
}

export function InferenceProgress({ detail: { timeline, ofKind } }: Props) {
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
