/** Which jobs run on the ledger of rows: those that are no part, streams among them, and whose code is one of those that were brought over. */
import type { InferencePlan } from "../../core/inference-plan.ts";
import type { StoredJob } from "../../records.ts";
import { type CodedPlan, wayOut } from "./group-rules.ts";

/**
 * Without mixtures K means nothing on the ledger, and copies of late rows go out by themselves: a code whose spares are backups is none there.
 * @param plan of its code
 * @returns false: it runs on rounds
 */
export function mayRunOnRows(
  job: Pick<StoredJob, "part" | "codes" | "parity" | "inputs">,
  plan: RunnablePlan,
): boolean {
  const isWhole = job.part === undefined && job.codes.length === 0;
  return isWhole && job.parity === null && isCodeThere(plan, job.inputs !== undefined);
}

type RunnablePlan = CodedPlan & Pick<InferencePlan, "scheme">;

/** @param hasInputs are its rows made of several inputs, or of whole numbers? Nothing mixes those here. */
function isCodeThere(plan: RunnablePlan, hasInputs: boolean): boolean {
  const { verification, endsExact, scheme } = plan;
  switch (wayOut(plan)) {
    case "rows":
      return verification !== "votes";
    case "copies":
      return true;
    case "beside":
      // Every row ends with an answer of its own: estimates are told on the way.
      return endsExact && verification === "audits" && scheme.modelOf === undefined && !hasInputs;
    case "mixtures":
      return verification !== "votes" && scheme.modelOf === undefined && !hasInputs;
  }
}
