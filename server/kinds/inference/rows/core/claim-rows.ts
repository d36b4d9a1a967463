/** [RW2] How many rows of a job a claim has at most, however fast its tab is. */
import { BATCH_BYTES_MAX } from "../../../../../shared/protocol/limits.ts";
import { CLAIM_SIZES } from "../../../../rows/claim-size.ts";
import type { StoredJob } from "../../records.ts";

const NUMBER_BYTES = 4;

/**
 * One at least. Its inputs, and its answers, fit in one message each, and all of its rows in a tab's memory.
 * @example rowsOfClaimMax({ inputSize: 3 * 224 * 224, outputSize: 1_000 }) // -> 111
 */
export function rowsOfClaimMax({
  inputSize,
  outputSize,
  tabRows = CLAIM_SIZES.rowsMax,
}: Pick<StoredJob, "inputSize" | "outputSize" | "tabRows">): number {
  const fit = Math.floor(BATCH_BYTES_MAX / (NUMBER_BYTES * Math.max(inputSize, outputSize)));
  return Math.max(1, Math.min(CLAIM_SIZES.rowsMax, fit, tabRows));
}
