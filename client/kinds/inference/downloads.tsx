import { useState } from "preact/hooks";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { JobState } from "../../../shared/protocol/job-api.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { ReceiptLink } from "../../ui/jobs/receipt-link.tsx";
import { saveFile } from "../../ui/jobs/save-file.ts";
import { dashboard } from "../../ui/texts.ts";

const texts = dashboard.jobs;
/** From then on there is a receipt. */
const ENDED: readonly JobState[] = ["done", "failed", "cancelled"];

/** Every answer of a job as a file, and what stands behind them. */
export function Downloads({ client, job }: { client: ParitabClient; job: InferenceJobView }) {
  const [error, setError] = useState<string | null>(null);

  // JSON comes in pages, which are put together here.
  async function saveJson(): Promise<void> {
    try {
      const bytes = await client.answersFile(job.jobId, "json");
      saveFile(new Blob([bytes], { type: "application/json" }), `${job.jobId}-answers.json`);
      setError(null);
    } catch (failure) {
      setError((failure as Error).message);
    }
  }

  return (
    <span class="downloads">
      {texts.download}
      {(["npy", "csv"] as const).map((format) => (
        <a
          key={format}
          href={client.answersUrl(job.jobId, format)}
          download
          aria-label={texts.downloadNamed(job.name, format)}
        >
          .{format}
        </a>
      ))}
      <button
        type="button"
        class="link"
        aria-label={texts.downloadNamed(job.name, "json")}
        onClick={() => void saveJson()}
      >
        .json
      </button>
      {ENDED.includes(job.state) && (
        <>
          <ReceiptLink job={job} />
          <a href={client.receiptUrl(job.jobId)} download aria-label={texts.receiptNamed(job.name)}>
            {texts.receipt}
          </a>
        </>
      )}
      {error !== null && <span role="alert">{error}</span>}
    </span>
  );
}
