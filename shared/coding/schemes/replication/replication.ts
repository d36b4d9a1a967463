/** The classic: every query goes to several workers. First answer wins, or with liars the majority. */
import { matrixRow } from "../../arrivals.ts";
import { type CodingScheme, DECODED_HOW, type SchemeParameters } from "../../scheme.ts";
import { unitRows } from "../../unit-rows.ts";

/**
 * Two outputs agree where max |difference| <= this * rms, and their largest entry is at the same place. Back-ends
 * differ by rounding (float16 storage by a few per cent), so equality would count honest tabs as liars.
 */
export const VOTE_TOLERANCE_DEFAULT = 5e-2;

/** N = (2E+1) K where there are liars to outvote, else (S+1) K. */
export function replicationWorkerCount({ queryCount, stragglerCount, liarCount }: SchemeParameters): number {
  return liarCount > 0 ? (2 * liarCount + 1) * queryCount : (stragglerCount + 1) * queryCount;
}

/**
 * Worker index i holds query i mod K. Called through makeScheme, which checks parameters and arguments.
 *
 * decode, E = 0: the result with the lowest worker index, `raw`.
 * decode, E > 0: the result with which most results of that query agree (the lower worker index wins a tie), if these
 * are at least E+1 with itself: `voted`, and those that do not agree with it are rejected. Else `missing`, and none is
 * rejected. Any E lies a query are outvoted once all results are in; with fewer, E+1 honest ones among them suffice.
 *
 * @param tolerance see VOTE_TOLERANCE_DEFAULT
 */
export function replicationScheme(
  parameters: SchemeParameters,
  tolerance: number = VOTE_TOLERANCE_DEFAULT,
): CodingScheme {
  const { queryCount, stragglerCount, liarCount, votesOnNumbers } = parameters;
  const workerCount = replicationWorkerCount(parameters);
  const rawQueryOf = Int32Array.from({ length: workerCount }, (_, i) => i % queryCount);
  return {
    name: "replication",
    parameters,
    queryCount,
    workerCount,
    encodeMatrix: unitRows(rawQueryOf, queryCount),
    rawQueryOf,
    // Below (E+1) K no set is decodable, however many stragglers the submitter allows for.
    resultCountTarget: Math.max(workerCount - stragglerCount, (liarCount + 1) * queryCount),

    isDecodable(arrived) {
      const counts = new Uint32Array(queryCount);
      for (const workerIndex of arrived) counts[workerIndex % queryCount]! += 1;
      return counts.every((count) => count >= liarCount + 1);
    },

    decode(arrived, results, outputSize) {
      const outputs = new Float32Array(queryCount * outputSize);
      const how = new Uint8Array(queryCount).fill(DECODED_HOW.missing);
      const rejectedWorkers: number[] = [];
      for (let query = 0; query < queryCount; query++) {
        const rows = arrived.flatMap((workerIndex, r) => (workerIndex % queryCount === query ? [r] : []));
        const votes = rows.map((r) => matrixRow(results, r, outputSize));
        const vote = liarCount > 0 ? mostAgreed(votes, tolerance, votesOnNumbers?.scaleFloor) : firstOf(votes);
        if (vote === null || vote.supporters.length < liarCount + 1) continue;
        outputs.set(matrixRow(results, rows[vote.winner]!, outputSize), query * outputSize);
        how[query] = liarCount > 0 ? DECODED_HOW.voted : DECODED_HOW.raw;
        if (liarCount > 0) {
          rejectedWorkers.push(...rows.filter((_, v) => !vote.supporters.includes(v)).map((r) => arrived[r]!));
        }
      }
      return { outputs, how, rejectedWorkers: rejectedWorkers.sort((a, b) => a - b) };
    },

    /** Every worker computes a query itself, so nothing is left to estimate from. */
    estimate: () => null,
  };
}

type VoteScale = NonNullable<SchemeParameters["votesOnNumbers"]>["scaleFloor"];

interface Vote {
  readonly winner: number;
  readonly supporters: readonly number[];
}

function firstOf(votes: readonly Float32Array[]): Vote | null {
  return votes.length > 0 ? { winner: 0, supporters: [0] } : null;
}

/** The vote with which most agree, itself among them, or null where there is none. */
function mostAgreed(votes: readonly Float32Array[], tolerance: number, scaleFloor?: VoteScale): Vote | null {
  let best: Vote | null = null;
  votes.forEach((vote, winner) => {
    const supporters = votes.flatMap((other, v) =>
      v === winner || outputsAgree(vote, other, tolerance, scaleFloor) ? [v] : [],
    );
    if (best === null || supporters.length > best.supporters.length) best = { winner, supporters };
  });
  return best;
}

/**
 * Symmetric: measured against the smaller of the two rms. Two zero outputs agree.
 * @param scaleFloor of numbers that are no classes' scores: differences are measured against at least this, and it does not
 *   matter where the largest stands; of rows of several outputs, each output against its own
 * @example outputsAgree(Float32Array.of(1, 10), Float32Array.of(1, 10.1), VOTE_TOLERANCE_DEFAULT) // -> true
 */
export function outputsAgree(a: Float32Array, b: Float32Array, tolerance: number, scaleFloor?: VoteScale): boolean {
  if (typeof scaleFloor !== "object") return rowsAgree(a, b, tolerance, scaleFloor);
  let start = 0;
  return scaleFloor.every((part) => {
    const end = start + part.size;
    const agree = rowsAgree(a.subarray(start, end), b.subarray(start, end), tolerance, part.scaleFloor);
    start = end;
    return agree;
  });
}

function rowsAgree(a: Float32Array, b: Float32Array, tolerance: number, scaleFloor?: number): boolean {
  let [largestDifference, squaresA, squaresB, argmaxA, argmaxB] = [0, 0, 0, 0, 0];
  for (let c = 0; c < a.length; c++) {
    const [x, y] = [a[c]!, b[c]!];
    largestDifference = Math.max(largestDifference, Math.abs(x - y));
    squaresA += x * x;
    squaresB += y * y;
    if (x > a[argmaxA]!) argmaxA = c;
    if (y > b[argmaxB]!) argmaxB = c;
  }
  const rms = Math.sqrt(Math.min(squaresA, squaresB) / a.length);
  if (scaleFloor === undefined) return argmaxA === argmaxB && largestDifference <= tolerance * rms;
  return largestDifference <= tolerance * Math.max(rms, scaleFloor);
}
