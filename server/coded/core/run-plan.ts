/**
 * The codes of gradient jobs: how many volunteers each needs and how many results decode. Pure numbers.
 *
 * K data blocks, N volunteers, S stragglers, M liars, T that collude. What a submitter sets counts volunteers; codes count
 * shards. With g shards a volunteer, a code has K g blocks and N g shards, and loses g of them with each volunteer.
 */

import { CODED_SCHEMES, type CodedScheme } from "../../../shared/coded/settings.ts";
import { CodingError } from "../../../shared/coding/coding-error.ts";
import { avccWorkerCount, lccWorkerCount, recoveryThreshold } from "../../../shared/coding/lagrange-thresholds.ts";
import { GRADIENT_SHARDS_MAX, GRADIENT_SHARDS_PER_VOLUNTEER_MAX } from "../../../shared/protocol/limits.ts";

export { CODED_SCHEMES, type CodedScheme };

/** A shard times a vector is linear in the shard. */
export const PRODUCT_DEGREE = 1;

export interface RunParameters {
  readonly scheme: CodedScheme;
  /** K: volunteers that would do if all were quick and honest. */
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
  /** Results of different shards that a decode is tried with; replication counts by block instead (isDecodable). */
  readonly resultsNeeded: number;
  /** Of each block; 1 unless replication. */
  readonly copies: number;
  /** Equal results of a block that decide it, in replication; else 1. */
  readonly votesNeeded: number;
  /** Liars' shards that a decode may correct by itself (lcc). */
  readonly correctableShards: number;
  /** Does each result pass a Freivalds check before it may enter a decode? */
  readonly isVerified: boolean;
  /** Does the code change with the crowd? */
  readonly isDynamic: boolean;
  /** May a decode go wrong without anybody knowing? Then weights are marked `unchecked`. */
  readonly believes: boolean;
  /** Work of all volunteers over that of `uncoded`: N / K. */
  readonly redundancy: number;
}

/**
 * The least N of each scheme:
 *   uncoded       K
 *   replication   (S+2M+1) K: with S copies of a block gone and M wrong, M+1 equal ones are left
 *   lcc           (K+T-1) deg + S + 2M + 1   (Yu et al., arXiv 1806.00939, theorem 1)
 *   avcc          (K+T-1) deg + S + M + 1    (Tang et al., arXiv 2107.12958, section 4)
 */
export function volunteersNeeded(parameters: RunParameters): number {
  checkParameters(parameters);
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  const threshold = recoveryThreshold(dataVolunteers, colluders, PRODUCT_DEGREE);
  const budget = { stragglerCount: stragglers, liarCount: liars };
  switch (scheme) {
    case "uncoded":
      return dataVolunteers;
    case "replication":
      return copiesNeeded(parameters) * dataVolunteers;
    case "lcc":
      return lccWorkerCount(threshold, budget);
    case "avcc":
    case "avcc-static":
      return avccWorkerCount(threshold, budget);
  }
}

/** @throws CodingError where the parameters make no code; the message says which one, what it may be and what it was */
export function planRun(parameters: RunParameters): RunPlan {
  const least = volunteersNeeded(parameters);
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  const volunteerCount = parameters.volunteers ?? least;
  checkVolunteers(parameters, volunteerCount, least);
  const shardsPerVolunteer = parameters.shardsPerVolunteer ?? 1;
  const shardCount = volunteerCount * shardsPerVolunteer;
  checkWhole(scheme, "the number of shards", shardCount, 1, GRADIENT_SHARDS_MAX);
  const blockCount = dataVolunteers * shardsPerVolunteer;
  const lostToLiars = liars * shardsPerVolunteer;
  const threshold = recoveryThreshold(blockCount, colluders, PRODUCT_DEGREE);
  const isVerified = scheme === "avcc" || scheme === "avcc-static";
  return {
    scheme,
    parameters,
    volunteerCount,
    shardsPerVolunteer,
    blockCount,
    maskCount: colluders,
    shardCount,
    // Reed-Solomon decoding spends two results on each error; lcc waits for all but its S stragglers.
    resultsNeeded: scheme === "lcc" ? Math.max(threshold, shardCount - stragglers * shardsPerVolunteer) : threshold,
    copies: scheme === "replication" ? volunteerCount / dataVolunteers : 1,
    votesNeeded: scheme === "replication" ? liars + 1 : 1,
    correctableShards: scheme === "lcc" ? lostToLiars : 0,
    isVerified,
    isDynamic: scheme === "avcc",
    believes: !isVerified,
    redundancy: volunteerCount / dataVolunteers,
  };
}

/** Right results from which a code of so many blocks decodes: (K+T-1) deg + 1. */
export function thresholdOf(blockCount: number, maskCount: number): number {
  return recoveryThreshold(blockCount, maskCount, PRODUCT_DEGREE);
}

function copiesNeeded({ stragglers, liars }: RunParameters): number {
  return stragglers + 2 * liars + 1;
}

function checkParameters(parameters: RunParameters): void {
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  if (!CODED_SCHEMES.includes(scheme)) {
    throw new CodingError(`planRun: expected one of ${CODED_SCHEMES.join(", ")}, got ${String(scheme)}`);
  }
  checkWhole(scheme, "dataVolunteers (K)", dataVolunteers, 1, GRADIENT_SHARDS_MAX);
  checkWhole(scheme, "stragglers (S)", stragglers, 0, GRADIENT_SHARDS_MAX);
  checkWhole(scheme, "liars (M)", liars, 0, GRADIENT_SHARDS_MAX);
  checkWhole(scheme, "colluders (T)", colluders, 0, GRADIENT_SHARDS_MAX);
  const { shardsPerVolunteer = 1 } = parameters;
  checkWhole(scheme, "shardsPerVolunteer", shardsPerVolunteer, 1, GRADIENT_SHARDS_PER_VOLUNTEER_MAX);
  if (colluders > 0 && shardsPerVolunteer > 1) {
    throw new CodingError(
      `${scheme}: expected one shard a volunteer where T > 0, got ${shardsPerVolunteer}: each is a further share of X`,
    );
  }
  const isCoded = scheme !== "uncoded" && scheme !== "replication";
  if (!isCoded && colluders > 0) {
    throw new CodingError(`${scheme}: expected T = 0, got ${colluders}: its volunteers hold the data itself`);
  }
  if (scheme === "uncoded" && (stragglers > 0 || liars > 0)) {
    throw new CodingError(
      `uncoded: expected S = 0 and M = 0, got S = ${stragglers}, M = ${liars}: it waits for all and believes all`,
    );
  }
}

function checkVolunteers(parameters: RunParameters, volunteerCount: number, least: number): void {
  const { scheme, dataVolunteers, stragglers, liars, colluders } = parameters;
  const asked = `K = ${dataVolunteers}, S = ${stragglers}, M = ${liars}, T = ${colluders}`;
  if (!Number.isInteger(volunteerCount) || volunteerCount < least) {
    throw new CodingError(`${scheme}: expected at least ${least} volunteers for ${asked}, got ${volunteerCount}`);
  }
  if (scheme === "uncoded" && volunteerCount !== least) {
    throw new CodingError(
      `uncoded: expected exactly ${least} volunteers, got ${volunteerCount}: it has no use for more`,
    );
  }
  if (scheme === "replication" && volunteerCount % dataVolunteers !== 0) {
    throw new CodingError(
      `replication: expected a multiple of K = ${dataVolunteers} volunteers, got ${volunteerCount}: blocks have equal copies`,
    );
  }
}

function checkWhole(who: string, what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new CodingError(`${who}: expected ${what} to be a whole number in ${least}..${most}, got ${value}`);
  }
}
