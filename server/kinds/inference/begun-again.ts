/** Jobs that an earlier version had begun in rounds: they begin again on the ledger of rows. SPEC.md RS1. */
import { JUST_SUBMITTED, type StoredJob } from "./records.ts";

/**
 * A job that was at work when its coordinator was updated. Queries, labels, names, what its models make of rounding and why nothing checks it stay as they
 * were; answers of its rounds are computed anew, and credit that volunteers have for them stays theirs.
 * @param secretHex key of its coins, which nobody else knows
 * @example begunAgain({ ...job, state: "auditing" }, "ab".repeat(32)).state // -> "preparing"
 */
export function begunAgain({ roundSizes: _sizes, cuts: _cuts, ...job }: StoredJob, secretHex: string): StoredJob {
  const { sensitivity, unchecked } = job;
  return {
    ...{ ...job, ...JUST_SUBMITTED, sensitivity, unchecked, state: "preparing", rows: true },
    crossChecks: { secretHex, terms: null, anchors: 0, certificate: null },
  };
}
