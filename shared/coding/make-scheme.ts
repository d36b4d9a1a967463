/** The one door to the codes: by name, with checked parameters. */

import { checkArrived, checkQueries, checkResults } from "./arrivals.ts";
import { QUERIES_PER_GROUP_MAX, WORKERS_PER_ROUND_MAX } from "./code-limits.ts";
import { CodingError } from "./coding-error.ts";
import type { CodingScheme, SchemeParameters } from "./scheme.ts";
import type { CountBound, SchemeDefinition } from "./scheme-definition.ts";
import { SCHEMES, type SchemeName } from "./schemes/schemes.ts";

/**
 * N, how many workers a scheme needs for K queries, S stragglers and E liars.
 * @throws CodingError where the name is unknown, K is not in 1..QUERIES_PER_GROUP_MAX, S or E is negative, not whole or
 *   beyond the scheme's own bound, or N exceeds WORKERS_PER_ROUND_MAX
 * @example workerCountOf("systematic", { queryCount: 4, stragglerCount: 2, liarCount: 1 }) // -> 7
 */
export function workerCountOf(name: SchemeName, parameters: SchemeParameters): number {
  const definition = definitionOf(name);
  const { queryCount, stragglerCount, liarCount } = parameters;
  checkWhole(name, "queryCount", queryCount, 1, QUERIES_PER_GROUP_MAX);
  checkWhole(name, "stragglerCount", stragglerCount, 0, WORKERS_PER_ROUND_MAX);
  checkWhole(name, "liarCount", liarCount, 0, WORKERS_PER_ROUND_MAX);
  checkBound(name, "straggler", stragglerCount, definition.stragglerBound);
  checkBound(name, "liar", liarCount, definition.liarBound);
  const workerCount = definition.workerCountOf(parameters);
  if (workerCount > WORKERS_PER_ROUND_MAX) {
    const asked = `K = ${queryCount}, S = ${stragglerCount}, E = ${liarCount}`;
    throw new CodingError(
      `${name}: expected at most ${WORKERS_PER_ROUND_MAX} workers, got ${workerCount}, which ${asked} needs`,
    );
  }
  return workerCount;
}

/**
 * @throws CodingError as workerCountOf does
 * @example makeScheme("systematic", { queryCount: 4, stragglerCount: 2, liarCount: 1 }).rawQueryOf // -> [0, 1, 2, 3, -1, -1, -1]
 */
export function makeScheme(name: SchemeName, parameters: SchemeParameters): CodingScheme {
  workerCountOf(name, parameters);
  return withChecks(definitionOf(name).make(parameters));
}

/** Refuses arguments that no scheme has to expect then, as CodingScheme says. */
function withChecks(scheme: CodingScheme): CodingScheme {
  const { name, queryCount, workerCount } = scheme;
  return {
    ...scheme,
    isDecodable(arrived) {
      checkArrived(name, arrived, workerCount);
      return scheme.isDecodable(arrived);
    },
    decode(arrived, results, outputSize) {
      checkResults(name, arrived, workerCount, results, outputSize);
      return scheme.decode(arrived, results, outputSize);
    },
    estimate(queries, arrived, results, outputSize) {
      checkQueries(name, queries, queryCount);
      checkResults(name, arrived, workerCount, results, outputSize);
      return scheme.estimate(queries, arrived, results, outputSize);
    },
  };
}

function definitionOf(name: SchemeName): SchemeDefinition {
  if (!Object.hasOwn(SCHEMES, name)) {
    throw new CodingError(`makeScheme: expected one of ${Object.keys(SCHEMES).join(", ")}, got ${String(name)}`);
  }
  return SCHEMES[name];
}

function checkWhole(who: string, what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CodingError(`${who}: expected ${what} to be a whole number in ${least}..${most}, got ${value}`);
  }
}

function checkBound(who: string, what: string, count: number, bound: CountBound | null): void {
  if (bound === null || count <= bound.most) return;
  const most = `${bound.most} ${what}${bound.most === 1 ? "" : "s"}`;
  throw new CodingError(`${who}: expected at most ${most}, for ${bound.because}, got ${count}`);
}
