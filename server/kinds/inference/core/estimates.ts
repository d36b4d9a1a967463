/** What becomes of answers that a round can only estimate. */
import type { StoredJob } from "../records.ts";
import { canBeRedoneInPart, type InferencePlan } from "./inference-plan.ts";

/** May a row without an answer be asked again, of a worker that computes its query as it is, and be checked? */
export function redoesLostRows(plan: InferencePlan): boolean {
  return plan.verification === "audits" && canBeRedoneInPart(plan);
}

/**
 * [SC5] Is likeness sought before anything is computed? Where nothing is mixed it serves suspicion alone (VF2), which rows under coins do not
 * need, and what nobody checks has not.
 */
export function seeksLikeness(
  { groupsByLikeness, isPlain }: Pick<InferencePlan, "groupsByLikeness" | "isPlain">,
  { crossChecks, unchecked }: Pick<StoredJob, "crossChecks" | "unchecked">,
): boolean {
  return groupsByLikeness && !(isPlain && (crossChecks !== null || unchecked !== null));
}

/** Are estimates that are not sure enough told to nobody? */
export function withholdsEstimates(plan: InferencePlan): boolean {
  return plan.estimates === "withheld";
}
