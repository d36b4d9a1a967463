/**
 * Texts by length: a job's rows have one length, and what is padded is computed for nothing. Each bucket is a job of its own, and a
 * model of its own size for every volunteer that helps, so there are few.
 */
import { LENGTH_BUCKETS_MAX } from "../protocol/limits.ts";

export interface LengthBucket {
  /** Tokens of each row. */
  readonly length: number;
  /** Places of its texts among all, in order. */
  readonly places: readonly number[];
}

/** Lengths are multiples of this. */
export const LENGTH_STEP = 8;
const SHORTEST_COARSE = 16;

/** Every length of one corpus: as little padding as there can be. */
const fineLength = (count: number) => Math.ceil(count / LENGTH_STEP) * LENGTH_STEP;

/** Powers of two, for texts that come request by request: they meet models that are uploaded and that volunteers have. */
export const coarseLength = (count: number) => Math.max(SHORTEST_COARSE, 2 ** Math.ceil(Math.log2(count)));
/** Texts of a bucket of its own: of fewer the model would cost more than their padding. */
const TEXTS_MIN = 64;

/**
 * Lengths are chosen so that all rows together have the fewest tokens (dynamic programming over the lengths that there are), with at
 * most LENGTH_BUCKETS_MAX buckets, each of at least TEXTS_MIN texts where there are several.
 * @param counts tokens of each text, at least 1
 * @param countMax no row is longer than this
 * @param roundUp which lengths there may be
 * @returns the shortest first; all texts are in one of them
 */
export function lengthBuckets(
  counts: readonly number[],
  countMax: number,
  roundUp: (count: number) => number = fineLength,
): LengthBucket[] {
  if (counts.length === 0) return [];
  const rounded = counts.map((count) => Math.min(countMax, roundUp(count)));
  const lengths = [...new Set(rounded)].sort((a, b) => a - b);
  const atMost = lengths.map((length) => rounded.filter((one) => one <= length).length);
  const ends = bestEnds(lengths, atMost);
  const buckets = ends.map((end) => ({ length: lengths[end]!, places: [] as number[] }));
  rounded.forEach((length, place) => {
    buckets.find((bucket) => length <= bucket.length)!.places.push(place);
  });
  return buckets;
}

interface Plan {
  readonly cost: number;
  readonly ends: readonly number[];
}

/** @param atMost how many texts are no longer than each length @returns places of the lengths that end a bucket */
function bestEnds(lengths: readonly number[], atMost: readonly number[]): readonly number[] {
  // best[n]: of texts up to each length, with at most n + 1 buckets.
  let best: (Plan | null)[] = lengths.map((length, end) => ({ cost: length * atMost[end]!, ends: [end] }));
  for (let more = 1; more < LENGTH_BUCKETS_MAX; more++) {
    const before = best;
    best = lengths.map((length, end) => {
      let plan = before[end]!;
      for (let start = 0; start < end; start++) {
        const texts = atMost[end]! - atMost[start]!;
        const head = before[start];
        if (head === null || head === undefined || texts < TEXTS_MIN || atMost[start]! < TEXTS_MIN) continue;
        const cost = head.cost + length * texts;
        if (plan === null || cost < plan.cost) plan = { cost, ends: [...head.ends, end] };
      }
      return plan;
    });
  }
  return best.at(-1)!.ends;
}
