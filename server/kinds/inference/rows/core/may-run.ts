/** Which jobs run on the ledger of rows: all but parts of a longer job. */
import type { StoredJob } from "../../records.ts";

/** @returns false: it runs on rounds */
export function mayRunOnRows({ part }: Pick<StoredJob, "part">): boolean {
  return part === undefined;
}
