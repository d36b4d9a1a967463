/** What a row takes the coordinator. */
import type { RowsJob } from "./rows-job.ts";

/** Multiply-adds a millisecond that it is taken to compute as long as it has measured nothing of a model. */
export const OWN_MACS_PER_MS = 1e6;
export function rowMsOf({ rowMs, stored }: RowsJob): number {
  return rowMs ?? stored.macsPerQuery / OWN_MACS_PER_MS;
}
