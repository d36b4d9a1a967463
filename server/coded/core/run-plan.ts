/**
 * The codes of coded runs: how many volunteers each needs and how many results decode. Pure numbers.
 *
 * K data blocks, N volunteers, S stragglers, M liars, T that collude. What a submitter sets counts volunteers; codes count
 * shards. With g shards a volunteer, a code has K g blocks and N g shards, and loses g of them with each volunteer.
 */

import { CODED_SHARDS_MAX, CODED_SHARDS_PER_VOLUNTEER_MAX } from "../../../shared/coded/limits.ts";
import type { ResultVerification } from "../../../shared/coding/coded-schemes/coded-scheme.ts";
import { CODED_SCHEMES, type CodedScheme } from "../../../shared/coding/coded-schemes/coded-schemes.ts";
import { CodingError } from "../../../shared/coding/coding-error.ts";
import { recoveryThreshold } from "../../../shared/coding/lagrange-thresholds.ts";

/** A shard times a vector is linear in the shard. */
export const PRODUCT_DEGREE = 1;

export interface RunParameters {
  readonly scheme: CodedScheme;
  /** K: volunteers that would be enough if all were quick and honest. */
  readonly dataVolunteers: number;
  /** S */
  readonly stragglers: number;
  /** M */
  readonly liars: number;
  /** T: so many volunteers may pool their shards and learn nothing of X. 0: shards are plain. */
  readonly colluders: number;
  /** g: several small shards, so that a slow volunteer's finished ones count. T > 0 allows one alone. Default 1. */
  readonly shardsPerVolunteer?: number;
  /** N, where there are more than the code needs; absent: just as many. */
  readonly volunteers?: number;
}

export interface RunPlan {
  readonly scheme: CodedScheme;
  readonly parameters: RunParameters;
  /** N */
  readonly volunteerCount: number;
  readonly shardsPerVolunteer: number;
  /** Data blocks of the code: K g. */
  readonly blockCount: number;
  /** Random blocks of the code: T. */
  readonly maskCount: number;
  /** Shards of the code: N g. */
  readonly shardCount: number;
  /** Are shards copies of blocks? Else they are points of a Lagrange code. */
  readonly holdsCopies: boolean;
  readonly verification: ResultVerification;
  /** Results of different shards that a decode is tried with; copies are counted by block instead (isDecodable). */
  readonly resultsNeeded: number;
  /** Of each block; 1 unless shards are copies. */
  readonly copies: number;
  /** Equal results of a block that decide it, where votes are counted; else 1. */
  readonly votesNeeded: number;
  /** Liars' shards that a decode may correct by itself. */
  readonly correctableShards: number;
  /** Does a decode prove which results were right, by votes or by correcting errors? */
  readonly provesByCode: boolean;
  /** Does each result pass a Freivalds check before it may enter a decode? */
  readonly isVerified: boolean;
  /** Does the code change with the crowd? */
  readonly isDynamic: boolean;
  /** May a decode go wrong without anybody knowing? Then weights are marked `unchecked`. */
  readonly believes: boolean;
  /** Work of all volunteers over that of `uncoded`: N / K. */
  readonly redundancy: number;
}

/** The least N. @throws CodingError as planRun does */
export function volunteersNeeded(parameters: RunParameters): number {
  checkParameters(parameters);
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  const threshold = recoveryThreshold(dataVolunteers, colluders, PRODUCT_DEGREE);
  return CODED_SCHEMES[scheme].volunteersNeeded({ dataVolunteers, stragglers, liars, threshold });
}

/** @throws CodingError where the parameters make no code; the message says which one, what it may be and what it was */
export function planRun(parameters: RunParameters): RunPlan {
  const least = volunteersNeeded(parameters);
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  const volunteerCount = parameters.volunteers ?? least;
  checkVolunteers(parameters, volunteerCount, least);
  const shardsPerVolunteer = parameters.shardsPerVolunteer ?? 1;
  const shardCount = volunteerCount * shardsPerVolunteer;
  checkWhole(scheme, "the number of shards", shardCount, 1, CODED_SHARDS_MAX);
  const blockCount = dataVolunteers * shardsPerVolunteer;
  const lostToLiars = liars * shardsPerVolunteer;
  const threshold = recoveryThreshold(blockCount, colluders, PRODUCT_DEGREE);
  const { shards, verification, isDynamic } = CODED_SCHEMES[scheme];
  const holdsCopies = shards === "copies";
  const isVerified = verification === "freivalds";
  const corrects = verification === "reed-solomon";
  const votesNeeded = verification === "votes" ? liars + 1 : 1;
  return {
    scheme,
    parameters,
    volunteerCount,
    shardsPerVolunteer,
    blockCount,
    maskCount: colluders,
    shardCount,
    holdsCopies,
    verification,
    // Reed-Solomon decoding spends two results on each error, and waits for all but the S stragglers.
    resultsNeeded: corrects ? Math.max(threshold, shardCount - stragglers * shardsPerVolunteer) : threshold,
    copies: holdsCopies ? volunteerCount / dataVolunteers : 1,
    votesNeeded,
    correctableShards: corrects ? lostToLiars : 0,
    provesByCode: corrects || votesNeeded > 1,
    isVerified,
    isDynamic,
    believes: !isVerified,
    redundancy: volunteerCount / dataVolunteers,
  };
}

/** Right results from which a code of so many blocks decodes: (K+T-1) deg + 1. */
export function thresholdOf(blockCount: number, maskCount: number): number {
  return recoveryThreshold(blockCount, maskCount, PRODUCT_DEGREE);
}

function checkParameters(parameters: RunParameters): void {
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  if (!Object.hasOwn(CODED_SCHEMES, scheme)) {
    throw new CodingError(`planRun: expected one of ${Object.keys(CODED_SCHEMES).join(", ")}, got ${String(scheme)}`);
  }
  checkWhole(scheme, "dataVolunteers (K)", dataVolunteers, 1, CODED_SHARDS_MAX);
  checkWhole(scheme, "stragglers (S)", stragglers, 0, CODED_SHARDS_MAX);
  checkWhole(scheme, "liars (M)", liars, 0, CODED_SHARDS_MAX);
  checkWhole(scheme, "colluders (T)", colluders, 0, CODED_SHARDS_MAX);
  const { shardsPerVolunteer = 1 } = parameters;
  checkWhole(scheme, "shardsPerVolunteer", shardsPerVolunteer, 1, CODED_SHARDS_PER_VOLUNTEER_MAX);
  if (colluders > 0 && shardsPerVolunteer > 1) {
    throw new CodingError(
      `${scheme}: expected one shard a volunteer where T > 0, got ${shardsPerVolunteer}: each shard would reveal a further share of X`,
    );
  }
  const { shards, hasSlack } = CODED_SCHEMES[scheme];
  if (shards === "copies" && colluders > 0) {
    throw new CodingError(`${scheme}: expected T = 0, got ${colluders}: its volunteers hold the data itself`);
  }
  if (!hasSlack && (stragglers > 0 || liars > 0)) {
    throw new CodingError(
      `${scheme}: expected S = 0 and M = 0, got S = ${stragglers}, M = ${liars}: it waits for all tabs and believes all of them`,
    );
  }
}

function checkVolunteers(parameters: RunParameters, volunteerCount: number, least: number): void {
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  const { shards, hasSlack } = CODED_SCHEMES[scheme];
  const asked = `K = ${dataVolunteers}, S = ${stragglers}, M = ${liars}, T = ${colluders}`;
  if (!Number.isInteger(volunteerCount) || volunteerCount < least) {
    throw new CodingError(`${scheme}: expected at least ${least} volunteers for ${asked}, got ${volunteerCount}`);
  }
  if (!hasSlack && volunteerCount !== least) {
    throw new CodingError(
      `${scheme}: expected exactly ${least} volunteers, got ${volunteerCount}: it has no use for more`,
    );
  }
  if (shards === "copies" && volunteerCount % dataVolunteers !== 0) {
    throw new CodingError(
      `${scheme}: expected a multiple of K = ${dataVolunteers} volunteers, got ${volunteerCount}: blocks have equal copies`,
    );
  }
}

function checkWhole(who: string, what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CodingError(`${who}: expected ${what} to be a whole number in ${least}..${most}, got ${value}`);
  }
}
