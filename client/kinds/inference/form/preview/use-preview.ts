/** The preview of what the form holds, read anew a moment after that has changed. */
import { useEffect, useState } from "preact/hooks";
import type { ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import { loadPreview, type PreviewSource, type PreviewState } from "./preview-data.ts";

const SETTLE_MS = 250;

export function usePreview(client: ParitabClient, of: PreviewSource): PreviewState {
  const [state, setState] = useState<PreviewState>({ kind: "nothing" });
  const { source, queryStart, queryCount, queriesFile, labelsFile } = of;
  useEffect(() => {
    const giveUp = new AbortController();
    const timer = setTimeout(async () => {
      // What is shown stays until the next is there, so that the page does not flicker.
      setState((before) => (before.kind === "there" ? before : { kind: "reading" }));
      try {
        const asked = { source, queryStart, queryCount, queriesFile, labelsFile };
        const next = await loadPreview(client, asked, giveUp.signal);
        if (!giveUp.signal.aborted) setState(next);
      } catch (error) {
        if (!giveUp.signal.aborted) setState({ kind: "failed", message: (error as Error).message });
      }
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [client, source, queryStart, queryCount, queriesFile, labelsFile]);
  return state;
}
