/** Which jobs run on the ledger of rows: those whose queries are all there, that are no part, and go out as they are. */
import type { InferencePlan } from "../../core/inference-plan.ts";
import type { StoredJob } from "../../records.ts";

/**
 * @param plan of its code
 * @returns false: it runs on rounds
 */
export function mayRunOnRows(
  job: Pick<StoredJob, "queriesSha256" | "part" | "codes" | "parity">,
  { scheme, verification }: Pick<InferencePlan, "scheme" | "verification">,
): boolean {
  const isWhole = job.queriesSha256 !== null && job.part === undefined;
  const isPlain = scheme.queryCount === 1 && scheme.workerCount === 1 && job.parity === null;
  return isWhole && isPlain && job.codes.length === 0 && verification !== "votes";
}
