/** What becomes of answers that a code can only estimate. */
import type { InferencePlan } from "./inference-plan.ts";

/** May a row without an answer be asked again, of a worker that computes its query as it is, and be checked? */
export function redoesLostRows(plan: InferencePlan): boolean {
  const { rawQueryOf, queryCount } = plan.scheme;
  return plan.verification === "audits" && new Set(rawQueryOf.filter((query) => query >= 0)).size === queryCount;
}

/** Are estimates that are not sure enough told to nobody? */
export function withholdsEstimates(plan: InferencePlan): boolean {
  return plan.estimates === "withheld";
}
