/** Which jobs run on the ledger of rows: those whose queries are all there, that are no part, and of whose code nothing goes out but the queries as they are. */
import type { InferencePlan } from "../../core/inference-plan.ts";
import type { StoredJob } from "../../records.ts";

/**
 * Without mixtures K means nothing on the ledger, and copies of late rows go out by themselves: a code whose spares are backups is none there.
 * @param plan of its code
 * @returns false: it runs on rounds
 */
export function mayRunOnRows(
  job: Pick<StoredJob, "queriesSha256" | "part" | "codes" | "parity">,
  { scheme, verification, hasSpares, spares, endsExact }: RunnablePlan,
): boolean {
  const isWhole = job.queriesSha256 !== null && job.part === undefined && job.codes.length === 0;
  const isRawAlone = scheme.workerCount === scheme.queryCount && scheme.rawQueryOf.every((query) => query >= 0);
  const isBackedUp = hasSpares && spares === "backups" && endsExact;
  return isWhole && job.parity === null && verification !== "votes" && (isRawAlone || isBackedUp);
}

type RunnablePlan = Pick<InferencePlan, "scheme" | "verification" | "hasSpares" | "spares" | "endsExact">;
