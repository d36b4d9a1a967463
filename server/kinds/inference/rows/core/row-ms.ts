/** Times of a row at the coordinator. */
import type { RowsJob } from "./rows-job.ts";

/** Multiply-adds a millisecond that it is taken to compute as long as it has measured nothing of a model. */
const OWN_MACS_PER_MS = 1e6;

/**
 * Time of one row, ms: as measured, or as models of this size usually take.
 * @param measuredMs null: the coordinator has not tried the model
 * @example [ownRowMs(2.5, 3e6), ownRowMs(null, 3e6)] // -> [2.5, 3]
 */
export function ownRowMs(measuredMs: number | null, macsPerQuery: number): number {
  return measuredMs ?? macsPerQuery / OWN_MACS_PER_MS;
}

/** Time of one row of the job, ms. */
export function rowMsOf({ rowMs, stored }: RowsJob): number {
  return ownRowMs(rowMs, stored.macsPerQuery);
}
