/** What becomes of answers that a round can only estimate. */
import { canBeRedoneInPart, type InferencePlan } from "./inference-plan.ts";

/** May a row without an answer be asked again, of a worker that computes its query as it is, and be checked? */
export function redoesLostRows(plan: InferencePlan): boolean {
  return plan.verification === "audits" && canBeRedoneInPart(plan);
}

/** Are estimates that are not sure enough told to nobody? */
export function withholdsEstimates(plan: InferencePlan): boolean {
  return plan.estimates === "withheld";
}
