import { hashOf } from "../../ui/jobs/job-address.ts";
import { useAction } from "../../ui/jobs/use-action.ts";
import { Problem } from "../../ui/problem.tsx";
import type { Dashboard } from "../job-pages.ts";
import { inferenceTexts } from "./inference-texts.ts";

/** The built-in sample with every default, in one click. */
export function SampleButton({ dashboard }: { dashboard: Dashboard }) {
  const { busy, problem, act } = useAction(dashboard.refresh);

  async function run(): Promise<void> {
    const { jobId } = await dashboard.client.submit({
      kind: "inference",
      name: inferenceTexts.form.defaultNames.sample,
      source: { kind: "sample", sample: "mnist" },
    });
    location.hash = hashOf(jobId);
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
