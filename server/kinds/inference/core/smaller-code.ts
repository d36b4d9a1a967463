/** [JB2] The largest code of a scheme that a crowd is enough for, in the words of the command line. */
import { CodingError } from "../../../../shared/coding/coding-error.ts";
import { workerCountOf } from "../../../../shared/coding/make-scheme.ts";
import type { SchemeName } from "../../../../shared/coding/schemes/schemes.ts";

/**
 * @param queriesPerGroup as the job has it: no larger one is looked for
 * @returns what to say behind "needs so many"; empty: no code of the scheme is small enough
 *
 * @example
 * smallerCodeWords("replication", 4, 3) // -> "; with --queries-per-group 3 --stragglers 0 --liars 0, 3 are enough"
 */
export function smallerCodeWords(scheme: SchemeName, queriesPerGroup: number, volunteers: number): string {
  for (let queryCount = queriesPerGroup; queryCount >= 1; queryCount--) {
    const needed = workersOf(scheme, queryCount);
    if (needed === null || needed > volunteers) continue;
    const flags = `--queries-per-group ${queryCount} --stragglers 0 --liars 0`;
    return `; with ${flags}, ${needed} ${needed === 1 ? "is" : "are"} enough`;
  }
  return "";
}

/** null: there is no such code. */
function workersOf(scheme: SchemeName, queryCount: number): number | null {
  try {
    return workerCountOf(scheme, { queryCount, stragglerCount: 0, liarCount: 0 });
  } catch (error) {
    if (error instanceof CodingError) return null;
    throw error;
  }
}
