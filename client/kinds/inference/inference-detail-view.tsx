import type { KeptNames } from "../../../shared/hub/kept-names.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { loadedLater } from "../../ui/loaded-later.tsx";
import type { PartProps } from "../job-pages.ts";
import { broughtTexts } from "./brought/brought-texts.ts";
import { useBrought } from "./brought/use-brought.ts";
import type { InferenceDetail } from "./inference-detail.ts";
import { AnswersSection } from "./results/answers-section.tsx";

type Props = PartProps<InferenceJobView, InferenceDetail>;

const BroughtSection = loadedLater(async () => (await import("./brought/brought-section.tsx")).BroughtSection);

export function InferenceAnswers({ dashboard, job, detail: { timeline, ofKind } }: Props) {
  const { answers, queries, selection, show } = ofKind;
  const { brought, problem } = useBrought(dashboard.client, job);
  return (
    <AnswersSection
      page={answers}
      named={
        problem !== null ? (
          <p class="note error">{broughtTexts.cannotShow(problem)}</p>
        ) : (
          brought !== null &&
          answers !== null && (
            <BroughtSection
              client={dashboard.client}
              jobId={job.jobId}
              brought={brought}
              staysWithJob={job.keepsNames === true}
              answers={answers.answers}
              queries={queries}
            />
          )
        )
      }
      labelNames={labelNamesOf(brought)}
      queries={brought?.kind === "texts" ? null : queries}
      only={selection.value.only}
      nicknames={new Map(timeline?.tabs.map(({ volunteerId, nickname }) => [volunteerId, nickname]))}
      show={show}
    />
  );
}

/** Of whole answers: of what names tokens a label is none of an answer. */
function labelNamesOf(brought: KeptNames | null): readonly string[] {
  if (brought === null || brought.kind === "rows" || brought.labels === null) return [];
  return brought.kind === "texts" && (brought.gives !== "labels" || brought.candidates !== null)
    ? []
    : brought.labels.names;
}
