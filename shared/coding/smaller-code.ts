/** The largest code that a crowd is enough for, in the words of the command line. */
import { CodingError } from "./coding-error.ts";

/**
 * @param flag of K
 * @param largest K as the job has it: no larger one is looked for
 * @param here how many different volunteers are there
 * @param neededFor so many different volunteers for that K, with S and the liars 0; may throw CodingError where there is no such code
 * @returns what to say behind "needs so many"; empty: no such code is small enough
 *
 * @example
 * smallerCodeWords("--k", 4, 1, (k) => k) // -> "; with --k 1 --stragglers 0 --liars 0, 1 is enough"
 */
export function smallerCodeWords(
  flag: string,
  largest: number,
  here: number,
  neededFor: (dataVolunteers: number) => number,
): string {
  for (let size = largest; size >= 1; size--) {
    const needed = neededOrNull(() => neededFor(size));
    if (needed === null || needed > here) continue;
    return `; with ${flag} ${size} --stragglers 0 --liars 0, ${needed} ${needed === 1 ? "is" : "are"} enough`;
  }
  return "";
}

function neededOrNull(needed: () => number): number | null {
  try {
    return needed();
  } catch (error) {
    if (error instanceof CodingError) return null;
    throw error;
  }
}
