/** [GR14] The largest code of a run's scheme that a crowd is enough for, in the words of the command line. */
import { CodingError } from "../../../shared/coding/coding-error.ts";
import { type RunParameters, volunteersNeeded } from "./run-plan.ts";

/**
 * @param parameters of the run: no larger K is looked for. Of T > 0 it is those who were invited that are missing, whatever the code
 * @returns what to say behind "needs so many"; empty: no code of the scheme is small enough
 *
 * @example
 * const asked = { scheme: "avcc", dataVolunteers: 4, stragglers: 1, liars: 1, colluders: 0 } as const;
 * smallerCodeWords(asked, 1) // -> "; with --data-volunteers 1 --stragglers 0 --liars 0, 1 is enough"
 */
export function smallerCodeWords(parameters: RunParameters, volunteers: number): string {
  if (parameters.colluders > 0) return "";
  for (let { dataVolunteers } = parameters; dataVolunteers >= 1; dataVolunteers--) {
    const needed = neededFor({ ...parameters, dataVolunteers, stragglers: 0, liars: 0 });
    if (needed === null || needed > volunteers) continue;
    const flags = `--data-volunteers ${dataVolunteers} --stragglers 0 --liars 0`;
    return `; with ${flags}, ${needed} ${needed === 1 ? "is" : "are"} enough`;
  }
  return "";
}

/** null: there is no such code. */
function neededFor(parameters: RunParameters): number | null {
  try {
    return volunteersNeeded(parameters);
  } catch (error) {
    if (error instanceof CodingError) return null;
    throw error;
  }
}
