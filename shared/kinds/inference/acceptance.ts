/** When an answer is good enough to be given out while its job still runs. */
import type { AnswerView } from "./answers.ts";

/**
 * When the job is done, every answer is good enough; before that:
 *   first     whatever there is, estimates too; it may change later
 *   verified  the model's own answer that was checked (`audited`, `exact`), or in a baseline the only one there is;
 *             it is taken back only where its volunteer is caught later
 *   final     it is not taken back any more
 */
export const ACCEPTANCES = ["first", "verified", "final"] as const;
export type Acceptance = (typeof ACCEPTANCES)[number];

/** Unless whoever reads says otherwise. */
export function acceptanceOf({ completion }: { readonly completion: "fast" | "exact" }): Acceptance {
  return completion === "fast" ? "first" : "verified";
}

export function isReady({ mark, final }: Pick<AnswerView, "mark" | "final">, accept: Acceptance): boolean {
  if (accept === "first") return mark !== "missing";
  if (accept === "final") return final;
  return mark !== "missing" && mark !== "estimated";
}
