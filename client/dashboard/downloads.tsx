import { useState } from "preact/hooks";
import type { JobView } from "../../shared/protocol/api.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { dashboard } from "../ui/texts.ts";

const texts = dashboard.jobs;

/** Every answer of a job as a file. */
export function Downloads({ client, job }: { client: ParitabClient; job: JobView }) {
  const [error, setError] = useState<string | null>(null);

  // JSON comes in pages, which are put together here.
  async function saveJson(): Promise<void> {
    try {
      const bytes = await client.answersFile(job.jobId, "json");
      save(new Blob([bytes], { type: "application/json" }), `${job.jobId}-answers.json`);
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
      {error !== null && <span role="alert">{error}</span>}
    </span>
  );
}

function save(content: Blob, fileName: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The browser has taken hold of the content by the next turn, some only a little later.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
