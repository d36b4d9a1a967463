import { useState } from "preact/hooks";
import type { InferenceEstimate, InferenceEstimateInput } from "../../../shared/kinds/inference/estimate.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { useAsked } from "../../ui/use-asked.ts";
import { besideTexts as texts } from "./beside-texts.ts";
import { PlainAndCodedTable } from "./plain-and-coded-table.tsx";

/** Of a job that is there: asked for by whoever wants to know, for it takes the coordinator about a second of computing. */
export function CompareCodes({ client, jobId }: { client: ParitabClient; jobId: string }) {
  const [isWanted, setWanted] = useState(false);
  const asked = useAsked(isWanted ? [client, jobId] : null, async (signal): Promise<InferenceEstimate> => {
    const submission = (await client.submission(jobId, signal)) as InferenceEstimateInput;
    return client.estimate({ ...submission, kind: "inference" }, signal);
  });
  return (
    <section class="compared" aria-label={texts.title} data-testid="plain-and-coded">
      <h2>{texts.title}</h2>
      <p class="hint">{texts.lead}</p>
      {!isWanted && (
        <button type="button" class="small" onClick={() => setWanted(true)}>
          {texts.compare}
        </button>
      )}
      {asked.kind === "asking" && <p role="status">{texts.asking}</p>}
      {asked.kind === "failed" && (
        <p class="note error" role="alert">
          {texts.failed(asked.message)}
        </p>
      )}
      {asked.kind === "there" && <PlainAndCodedTable estimate={asked.value} />}
    </section>
  );
}
