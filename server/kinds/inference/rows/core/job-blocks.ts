/** Which blocks of a job were opened, and whether the coordinator computes it alone. */
import type { StoredBlock } from "../work.ts";
import type { RowsJob } from "./rows-job.ts";

/** All that were opened of it, the earliest first. */
export function blocksOpened({ blocksBefore, block }: Pick<RowsJob, "blocksBefore" | "block">): readonly StoredBlock[] {
  return block === null ? blocksBefore : [...blocksBefore, block];
}

/** Its account does not carry it, and the coordinator computes all that is not there itself, or all that tabs answer. */
export function isComputedAlone({
  isOpen,
  recomputing,
  tabsFirstUntilMs,
}: Pick<RowsJob, "isOpen" | "recomputing" | "tabsFirstUntilMs">): boolean {
  if (isOpen) return tabsFirstUntilMs !== null;
  for (const rows of recomputing.values()) if (rows.some(({ why }) => why === "own")) return true;
  return false;
}
