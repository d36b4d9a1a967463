import { useState } from "preact/hooks";
import { hashOf } from "../../ui/jobs/job-address.ts";
import { Problem } from "../../ui/problem.tsx";
import type { Dashboard } from "../job-pages.ts";
import { inferenceTexts } from "./inference-texts.ts";

/** The built-in sample with every default, in one click. */
export function SampleButton({ dashboard }: { dashboard: Dashboard }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function run(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const { jobId } = await dashboard.client.submitInference({
        kind: "inference",
        name: inferenceTexts.form.defaultNames.sample,
        source: { kind: "sample", sample: "mnist" },
      });
      location.hash = hashOf(jobId);
      dashboard.refresh();
    } catch (failure) {
      setError((failure as Error).message);
    }
    setBusy(false);
  }

  return (
    <section class="panel" aria-labelledby="sample-title">
      <h2 id="sample-title">{inferenceTexts.sample.title}</h2>
      <p class="hint">{inferenceTexts.sample.text}</p>
      <button type="button" class="primary wide" disabled={busy} onClick={() => void run()}>
        {inferenceTexts.sample.button}
      </button>
      <Problem message={error} />
    </section>
  );
}
