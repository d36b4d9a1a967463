import type { AnswerView } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { loadedLater } from "../../ui/loaded-later.tsx";
import type { PartProps } from "../job-pages.ts";
import { broughtTexts } from "./brought/brought-texts.ts";
import { useBrought } from "./brought/use-brought.ts";
import type { InferenceDetail } from "./inference-detail.ts";
import { AnswersSection, giverOf } from "./results/answers-section.tsx";

type Props = PartProps<InferenceJobView, InferenceDetail>;

const BroughtSection = loadedLater(async () => (await import("./brought/brought-section.tsx")).BroughtSection);

export function InferenceAnswers({ dashboard, job, detail: { timeline, ofKind } }: Props) {
  const { answers, queries, selection, show } = ofKind;
  const found = useBrought(dashboard.client, job);
  const nicknames = new Map(timeline?.tabs.map(({ volunteerId, nickname }) => [volunteerId, nickname]));
  const whoGave = (answer: AnswerView) => giverOf(answer, nicknames);
  if (found === undefined) return null;
  const { brought, problem } = found;
  return (
    <AnswersSection
      page={answers}
      named={
        brought === null || answers === null ? null : (
          <BroughtSection
            client={dashboard.client}
            jobId={job.jobId}
            brought={brought}
            staysWithJob={job.keepsNames === true}
            page={answers}
            queries={queries}
            whoGave={whoGave}
          />
        )
      }
      note={problem === null ? null : <p class="note error">{broughtTexts.cannotShow(problem)}</p>}
      queries={brought?.kind === "texts" ? null : queries}
      only={selection.value.only}
      whoGave={whoGave}
      show={show}
    />
  );
}
