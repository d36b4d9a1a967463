import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { useAction } from "../../ui/jobs/use-action.ts";
import { loadedLater } from "../../ui/loaded-later.tsx";
import { Problem } from "../../ui/problem.tsx";
import type { Dashboard, JobPages } from "../job-pages.ts";
import { inferenceAsked } from "./inference-asked.ts";
import { type InferenceDetail, openInferenceDetail } from "./inference-detail.ts";
import { InferenceAnswers } from "./inference-detail-view.tsx";
import { InferenceHead } from "./inference-head.tsx";
import { InferenceReceiptView } from "./inference-receipt.tsx";
import { inferenceTexts } from "./inference-texts.ts";

/** The built-in sample with every default, in one click. */
function SampleButton({ dashboard }: { dashboard: Dashboard }) {
  const { busy, problem, act } = useAction(dashboard.refresh);

  async function run(): Promise<void> {
    const { jobId } = await dashboard.client.submit({
      kind: "inference",
      name: inferenceTexts.form.defaultNames.sample,
      source: { kind: "sample", sample: "mnist" },
    });
    dashboard.submitted({ jobId, name: inferenceTexts.form.defaultNames.sample });
  }

  return (
    <section class="panel" aria-labelledby="sample-title">
      <h2 id="sample-title">{inferenceTexts.sample.title}</h2>
      <p class="hint">{inferenceTexts.sample.text}</p>
      <button type="button" class="primary wide" disabled={busy} onClick={() => act(run)}>
        {inferenceTexts.sample.button}
      </button>
      <Problem message={problem} />
    </section>
  );
}

export const inferencePages: JobPages<InferenceJobView, InferenceDetail, InferenceReceipt> = {
  Form: loadedLater(async () => (await import("./form/inference-form-view.tsx")).InferenceForm),
  FirstStep: SampleButton,
  Head: InferenceHead,
  Answers: InferenceAnswers,
  Progress: loadedLater(async () => (await import("./inference-progress.tsx")).InferenceProgress),
  openDetail: openInferenceDetail,
  Receipt: InferenceReceiptView,
  endOf: ({ state }) => state,
  asked: inferenceAsked,
};
