/** What the job in the form would take, asked for anew a moment after it has changed. */
import { useEffect, useState } from "preact/hooks";

const SETTLE_MS = 300;

export type EstimateState<Estimate> =
  | { readonly kind: "unknown" }
  | { readonly kind: "asking" }
  /** isStale: another one is being asked for */
  | { readonly kind: "known"; readonly estimate: Estimate; readonly isStale: boolean }
  /** In the coordinator's words. */
  | { readonly kind: "refused"; readonly message: string };

/**
 * @param ask the same function at every drawing
 * @param submission null: the form holds none yet
 * @param crowd asked again where this changes: how many tabs are ready
 */
export function useEstimate<Submission extends object, Estimate>(
  ask: (submission: Submission, signal: AbortSignal) => Promise<Estimate>,
  submission: Submission | null,
  crowd: number | null,
): EstimateState<Estimate> {
  const [state, setState] = useState<EstimateState<Estimate>>({ kind: "unknown" });
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
        setState({ kind: "known", estimate, isStale: false });
      } catch (error) {
        if (!giveUp.signal.aborted) setState({ kind: "refused", message: (error as Error).message });
      }
    }, SETTLE_MS);
    // What is known stays while the next is asked for, so that the page does not flicker.
    setState((before) => (before.kind === "known" ? { ...before, isStale: true } : { kind: "asking" }));
    return () => {
      clearTimeout(timer);
      giveUp.abort();
    };
  }, [ask, question, crowd]);
  return state;
}
