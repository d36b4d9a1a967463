import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { DashboardStore, JobDetail } from "../../dashboard/dashboard-store.ts";
import { dashboard } from "../../ui/texts.ts";
import { TimelineSection } from "../../ui/timeline/timeline-section.tsx";
import { AnswersSection } from "./results/answers-section.tsx";
import { RoundsTable } from "./rounds-table.tsx";

export function JobDetailView({ store, job }: { store: DashboardStore; job: InferenceJobView }) {
  const detail = store.detail.value;
  if (detail?.jobId !== job.jobId || detail.kind !== "inference") return <p class="hint">{dashboard.loading}</p>;
  const { timeline, rounds, answers, queries } = detail;
  return (
    <div class="detail">
      {timeline !== null && <TimelineSection kind="inference" timeline={timeline} />}
      <RoundsTable rounds={rounds} />
      <AnswersSection
        page={answers}
        queries={queries}
        only={store.selection.value.only}
        nicknames={nicknamesIn(timeline)}
        show={store.showAnswers}
      />
    </div>
  );
}

function nicknamesIn(timeline: JobDetail["timeline"]): ReadonlyMap<string, string> {
  return new Map(timeline?.tabs.map(({ volunteerId, nickname }) => [volunteerId, nickname]) ?? []);
}
