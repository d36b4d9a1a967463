import { useState } from "preact/hooks";
import type { DashboardStore } from "../../dashboard/dashboard-store.ts";
import { hashOf } from "../../dashboard/open-job.ts";
import { dashboard as texts } from "../../ui/texts.ts";

/** The built-in sample with every default, in one click. */
export function SampleButton({ store }: { store: DashboardStore }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function run(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const { jobId } = await store.client.submitInference({
        kind: "inference",
        name: texts.form.defaultNames.sample,
        source: { kind: "sample", sample: "mnist" },
      });
      location.hash = hashOf(jobId);
      store.refresh();
    } catch (failure) {
      setError((failure as Error).message);
    }
    setBusy(false);
  }

  return (
    <section class="panel" aria-labelledby="sample-title">
      <h2 id="sample-title">{texts.sample.title}</h2>
      <p class="hint">{texts.sample.text}</p>
      <button type="button" class="primary wide" disabled={busy} onClick={() => void run()}>
        {texts.sample.button}
      </button>
      {error !== null && (
        <p class="note error" role="alert">
          {error}
        </p>
      )}
    </section>
  );
}
