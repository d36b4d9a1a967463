/** Which jobs run on the ledger of rows: those that did not begin in rounds. */
import type { StoredJob } from "../../records.ts";

/** @returns false: it runs on rounds */
export function mayRunOnRows(_job: Pick<StoredJob, "queriesSha256">): boolean {
  return true;
}
