/**
 * The one interface of every inference code. A scheme maps arrays to arrays: it has never heard of sockets, sessions
 * or rounds. "Which worker" is an index.
 *
 * All matrices are row-major. K = queryCount, N = workerCount, C = outputSize of the model.
 */

/** What the submitter sets. Each count is of volunteers. */
export interface SchemeParameters {
  /** K, queries that are encoded together. */
  readonly queryCount: number;
  /** S, results that may be missing. */
  readonly stragglerCount: number;
  /** E, results that may be wrong. */
  readonly liarCount: number;
  /** Of a scheme that locates liars itself: how wrong results are found; by the published locator where it is absent. */
  readonly locator?: LocatorName;
  /**
   * Of a scheme that counts votes: are outputs compared as numbers alone, and against which scale at least (see outputsAgree)?
   * Where it is absent their labels must be the same too.
   */
  readonly votesOnNumbers?: { readonly scaleFloor: number | readonly { size: number; scaleFloor: number }[] };
}

export const LOCATOR_NAMES = ["published", "null-vector"] as const;
export type LocatorName = (typeof LOCATOR_NAMES)[number];

/** How one decoded answer came about. */
export const DECODED_HOW = {
  /** The model's own output for this query, from one worker. */
  raw: 0,
  /** The model's own output for this query, on which a majority of workers agree. */
  voted: 1,
  /** Interpolated from coded results. */
  estimated: 2,
  /** Not answered: the results do not suffice for this query. */
  missing: 3,
} as const;

export interface DecodedGroup {
  /** K x C; row j answers query j. Rows that are `missing` are zero. */
  readonly outputs: Float32Array;
  /** K entries of DECODED_HOW. */
  readonly how: Uint8Array;
  /** Worker indices whose results the scheme itself dropped or outvoted, ascending. */
  readonly rejectedWorkers: readonly number[];
}

export interface CodingScheme {
  /** Of the scheme's line in schemes/schemes.ts. */
  readonly name: string;
  readonly parameters: SchemeParameters;
  readonly queryCount: number;
  readonly workerCount: number;
  /** N x K: coded query i = sum_j encodeMatrix[i*K + j] * query j. */
  readonly encodeMatrix: Float64Array;
  /** N entries: the query that worker i computes as it is, or -1 if its coded query is a mixture. */
  readonly rawQueryOf: Int32Array;
  /**
   * N entries: which model worker i runs; 0 is the job's own, m the m-th parity model. Where it is absent every worker
   * runs the job's own.
   */
  readonly modelOf?: Uint8Array;
  /**
   * N entries, different: where worker i samples the function that encodes, so that honest results lie near one curve over
   * these points and suspects can be located. Where it is absent the scheme has no such function, or all its points are one.
   */
  readonly evaluationPoints?: Float64Array;
  /** So many results are worth waiting for: N - S. Fewer may decode already (see isDecodable). */
  readonly resultCountTarget: number;
  /** Do results of just these worker indices (strictly increasing) give every query an answer? */
  isDecodable(arrived: readonly number[]): boolean;
  /**
   * @param arrived strictly increasing worker indices
   * @param results |arrived| x C; row r belongs to worker index arrived[r]; all entries finite
   * @throws CodingError where `arrived` is not strictly increasing, out of range, or the length of results is wrong
   */
  decode(arrived: readonly number[], results: Float32Array, outputSize: number): DecodedGroup;
  /**
   * Estimates of the answers to `queries` from coded results, never from the workers that computed those queries
   * themselves; what suspicion and confidence are measured with.
   * @returns |queries| x C, or null where the scheme cannot estimate from these results
   */
  estimate(
    queries: readonly number[],
    arrived: readonly number[],
    results: Float32Array,
    outputSize: number,
  ): Float32Array | null;
}
