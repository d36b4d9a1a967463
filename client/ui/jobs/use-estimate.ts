import { type Asked, useAsked } from "../use-asked.ts";

const SETTLE_MS = 300;

/**
 * What the job in the form would take.
 * @param ask the same function at every drawing
 * @param submission null: the form holds none yet
 * @param crowd asked again where this changes: how many tabs are ready
 */
export function useEstimate<Submission extends object, Estimate>(
  ask: (submission: Submission, signal: AbortSignal) => Promise<Estimate>,
  submission: Submission | null,
  crowd: number | null,
): Asked<Estimate> {
  // Names cost nothing.
  const question = submission === null ? null : JSON.stringify({ ...submission, name: "-", submitter: "-" });
  return useAsked(
    question === null ? null : [ask, question, crowd],
    (signal) => ask(JSON.parse(question!) as Submission, signal),
    { settleMs: SETTLE_MS, keeps: true },
  );
}
