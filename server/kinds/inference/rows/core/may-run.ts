/** Which jobs run on the ledger of rows: those whose queries are all there, parts of a longer job among them. */
import type { StoredJob } from "../../records.ts";

/** @returns false: it runs on rounds */
export function mayRunOnRows({ queriesSha256 }: Pick<StoredJob, "queriesSha256">): boolean {
  return queriesSha256 !== null;
}
