import type { InferenceJobView } from "../../shared/protocol/api.ts";
import { dashboard } from "../ui/texts.ts";
import { AnswersTable } from "./answers-table.tsx";
import type { DashboardStore } from "./dashboard-store.ts";
import { RoundsTable } from "./rounds-table.tsx";

export function JobDetailView({ store, job }: { store: DashboardStore; job: InferenceJobView }) {
  const detail = store.detail.value;
  if (detail?.jobId !== job.jobId || detail.kind !== "inference") return <p class="hint">{dashboard.loading}</p>;
  return (
    <div class="detail">
      <RoundsTable rounds={detail.rounds} />
      <AnswersTable page={detail.answers} showFrom={store.showAnswersFrom} />
    </div>
  );
}
