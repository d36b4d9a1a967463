/**
 * Every coding scheme, one line each. Submissions, OpenAPI, the dashboard's form, the command line, docs and benches take
 * names, facts and words from here. A new scheme is a folder beside this file and a line in it.
 */
import type { SchemeDefinition } from "../scheme-definition.ts";
import { approxifer } from "./approxifer/definition.ts";
import { berrutSystematic } from "./berrut-systematic/definition.ts";
import { parm } from "./parm/definition.ts";
import { replication } from "./replication/definition.ts";
import { spline } from "./spline/definition.ts";
import { systematic } from "./systematic/definition.ts";
import { uncoded } from "./uncoded/definition.ts";

export const SCHEMES = {
  uncoded,
  replication,
  parm,
  approxifer,
  "berrut-systematic": berrutSystematic,
  spline,
  systematic,
} as const satisfies Readonly<Record<string, SchemeDefinition>>;

export type SchemeName = keyof typeof SCHEMES;
export const SCHEME_NAMES = Object.keys(SCHEMES) as [SchemeName, ...SchemeName[]];

/** Of a submission that names none; audited, so an aim is met with it too. */
export const DEFAULT_SCHEME = "systematic" satisfies SchemeName;

/**
 * The names of the schemes of which something is true, as a sentence has them: "a or b".
 * @example schemesThat(({ needsDistinctVolunteers }) => needsDistinctVolunteers) // -> "replication or approxifer"
 */
export function schemesThat(isTrue: (scheme: SchemeDefinition) => boolean): string {
  return SCHEME_NAMES.filter((name) => isTrue(SCHEMES[name])).join(" or ");
}
