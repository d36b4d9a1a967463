/** Which jobs run on the ledger of rows: those whose queries are all there, and that are no part. */
import type { StoredJob } from "../../records.ts";

/** @returns false: it runs on rounds */
export function mayRunOnRows({ queriesSha256, part }: Pick<StoredJob, "queriesSha256" | "part">): boolean {
  return queriesSha256 !== null && part === undefined;
}
