/** What the job in the form would cost, asked for anew a moment after it has changed. */
import { useEffect, useState } from "preact/hooks";
import type { GradientEstimate } from "../../../shared/protocol/gradient-api.ts";

const SETTLE_MS = 300;

export type EstimateState =
  | { readonly kind: "unknown" }
  | { readonly kind: "asking" }
  | { readonly kind: "known"; readonly estimate: GradientEstimate }
  /** In the coordinator's words. */
  | { readonly kind: "refused"; readonly message: string };

/**
 * @param ask the same function at every drawing
 * @param submission null: the form holds none yet
 * @param crowd asked again where this changes: how many tabs are ready
 */
export function useEstimate<Submission extends object>(
  ask: (submission: Submission, signal: AbortSignal) => Promise<GradientEstimate>,
  submission: Submission | null,
  crowd: number | null,
): EstimateState {
  const [state, setState] = useState<EstimateState>({ kind: "unknown" });
  // Names cost nothing.
  const question = submission === null ? null : JSON.stringify({ ...submission, name: "-", submitter: "-" });
  useEffect(() => {
    if (question === null) {
      setState({ kind: "unknown" });
      return;
    }
    const giveUp = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const estimate = await ask(JSON.parse(question) as Submission, giveUp.signal);
        setState({ kind: "known", estimate });
      } catch (error) {
        if (!giveUp.signal.aborted) setState({ kind: "refused", message: (error as Error).message });
      }
    }, SETTLE_MS);
    // What is known stays while the next is asked for, so that the page does not flicker.
    setState((before) => (before.kind === "known" ? before : { kind: "asking" }));
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [ask, question, crowd]);
  return state;
}
