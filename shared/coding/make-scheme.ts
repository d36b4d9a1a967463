/** The one door to the codes: by name, with checked parameters. */
import { QUERIES_PER_GROUP_MAX, WORKERS_PER_ROUND_MAX } from "../protocol/limits.ts";
import { CodingError } from "./coding-error.ts";
import type { CodingScheme, SchemeName, SchemeParameters } from "./scheme.ts";
import { approxiferScheme, approxiferWorkerCount } from "./schemes/approxifer/approxifer.ts";
import { parmScheme, parmWorkerCount } from "./schemes/parm/parm.ts";
import { replicationScheme, replicationWorkerCount } from "./schemes/replication/replication.ts";
import { splineScheme, splineWorkerCount } from "./schemes/spline/spline.ts";
import { systematicScheme, systematicWorkerCount } from "./schemes/systematic/systematic.ts";
import { uncodedScheme, uncodedWorkerCount } from "./schemes/uncoded/uncoded.ts";

interface SchemeMaker {
  readonly workerCountOf: (parameters: SchemeParameters) => number;
  readonly make: (parameters: SchemeParameters) => CodingScheme;
}

const MAKERS: Readonly<Record<SchemeName, SchemeMaker>> = {
  uncoded: { workerCountOf: uncodedWorkerCount, make: uncodedScheme },
  replication: { workerCountOf: replicationWorkerCount, make: (parameters) => replicationScheme(parameters) },
  parm: { workerCountOf: parmWorkerCount, make: parmScheme },
  approxifer: { workerCountOf: approxiferWorkerCount, make: approxiferScheme },
  spline: { workerCountOf: splineWorkerCount, make: (parameters) => splineScheme(parameters) },
  systematic: { workerCountOf: systematicWorkerCount, make: systematicScheme },
};

/**
 * N, how many workers a scheme needs for K queries, S stragglers and E liars.
 * @throws CodingError where the name is unknown, K is not in 1..QUERIES_PER_GROUP_MAX, S or E is negative or not whole,
 *   N exceeds WORKERS_PER_ROUND_MAX, or the code has no parity models for so many stragglers
 */
export function workerCountOf(name: SchemeName, parameters: SchemeParameters): number {
  const maker = makerOf(name);
  const { queryCount, stragglerCount, liarCount } = parameters;
  checkWhole(name, "queryCount", queryCount, 1, QUERIES_PER_GROUP_MAX);
  checkWhole(name, "stragglerCount", stragglerCount, 0, WORKERS_PER_ROUND_MAX);
  checkWhole(name, "liarCount", liarCount, 0, WORKERS_PER_ROUND_MAX);
  const workerCount = maker.workerCountOf(parameters);
  if (workerCount > WORKERS_PER_ROUND_MAX) {
    const asked = `K = ${queryCount}, S = ${stragglerCount}, E = ${liarCount}`;
    throw new CodingError(
      `${name}: expected at most ${WORKERS_PER_ROUND_MAX} workers, got ${workerCount}, which ${asked} needs`,
    );
  }
  return workerCount;
}

/** @throws CodingError as workerCountOf does */
export function makeScheme(name: SchemeName, parameters: SchemeParameters): CodingScheme {
  workerCountOf(name, parameters);
  return makerOf(name).make(parameters);
}

function makerOf(name: SchemeName): SchemeMaker {
  if (!Object.hasOwn(MAKERS, name)) {
    throw new CodingError(`makeScheme: expected one of ${Object.keys(MAKERS).join(", ")}, got ${String(name)}`);
  }
  return MAKERS[name];
}

function checkWhole(who: string, what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CodingError(`${who}: expected ${what} to be a whole number in ${least}..${most}, got ${value}`);
  }
}
