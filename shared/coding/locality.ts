/**
 * Orders queries so that neighbours are alike, and cuts the order into groups: mixtures of similar queries stay near
 * the data, and a lost answer is better estimated from them. It knows nothing of the model.
 */

import type { RandomSource } from "../random/random.ts";
import { CodingError } from "./coding-error.ts";
import { nearestNeighbourPath } from "./nearest-path.ts";
import { principalDirection, principalProjection } from "./principal-components.ts";
import type { QueryNumbers } from "./query-numbers.ts";

/**
 * Projects the queries on at most 24 principal components, splits them recursively at the median of the first principal
 * direction into halves whose sizes are multiples of K, and orders each leaf (at most K queries) by a greedy
 * nearest-neighbour path. O(n log n) for a given D and K.
 *
 * @param queries n x D, row-major, finite
 * @param random for the sample and the pivots; the same source gives the same order
 * @returns a permutation of 0..n-1; each K in a row, counted from the front, are a leaf, so only the last may be short
 * @throws CodingError where the length is not n x D, or a count is not a whole number from 1 on
 * @example localityOrder(Float32Array.of(0, 9, 1, 8), 4, 1, 2, simulationRandom(1)) // -> [3, 1, 2, 0]
 */
export function localityOrder(
  queries: QueryNumbers,
  queryCount: number,
  inputSize: number,
  groupSize: number,
  random: RandomSource,
): Uint32Array {
  for (const count of [queryCount, inputSize, groupSize]) {
    if (!Number.isInteger(count) || count < 1) {
      throw new CodingError(`localityOrder: expected whole numbers from 1 on, got ${count}`);
    }
  }
  if (queries.length !== queryCount * inputSize) {
    const shape = `${queryCount} x ${inputSize}`;
    throw new CodingError(`localityOrder: expected ${shape} entries, got ${queries.length}`);
  }

  const { projected, componentCount } = principalProjection(queries, queryCount, inputSize, random);
  return localityOrderOf(projected, componentCount, queryCount, groupSize, random);
}

/**
 * As localityOrder, of queries that have been projected.
 * @param projected queryCount x componentCount, row-major
 * @example localityOrderOf(Float32Array.of(0, 9, 1, 8), 1, 4, 2, simulationRandom(1)) // -> [0, 2, 3, 1]
 */
export function localityOrderOf(
  projected: Float32Array,
  componentCount: number,
  queryCount: number,
  groupSize: number,
  random: RandomSource,
): Uint32Array {
  const order = Uint32Array.from({ length: queryCount }, (_, q) => q);
  const heights = new Float64Array(queryCount);

  // A stack instead of recursion; parts are disjoint, so their order does not matter to the result's shape.
  const parts = [order];
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part.length <= groupSize) {
      nearestNeighbourPath(part, projected, componentCount);
      continue;
    }
    const direction = principalDirection(projected, componentCount, part);
    for (const query of part) {
      let height = 0;
      for (let c = 0; c < componentCount; c++) height += direction[c]! * projected[query * componentCount + c]!;
      heights[query] = height;
    }
    const lowCount = groupSize * Math.floor(Math.ceil(part.length / groupSize) / 2);
    selectSmallest(part, heights, lowCount, random);
    parts.push(part.subarray(lowCount), part.subarray(0, lowCount));
  }
  return order;
}

export interface QueryGroups {
  readonly groupCount: number;
  /**
   * groupCount x K, row-major: query numbers. The last group is filled up with its own last query, so entries from
   * index order.length on are padding: their answers are dropped.
   */
  readonly members: Uint32Array;
}

/**
 * @param order query numbers, at least one
 * @throws CodingError where there is no query, or K is not a whole number from 1 on
 * @example groupsInOrder(Uint32Array.of(3, 1, 2), 2) // -> { groupCount: 2, members: [3, 1, 2, 2] }
 */
export function groupsInOrder(order: Uint32Array, groupSize: number): QueryGroups {
  if (!Number.isInteger(groupSize) || groupSize < 1 || order.length === 0) {
    throw new CodingError(`groupsOf: expected queries and K from 1 on, got ${order.length} queries, K = ${groupSize}`);
  }
  const groupCount = Math.ceil(order.length / groupSize);
  const members = new Uint32Array(groupCount * groupSize).fill(order.at(-1)!);
  members.set(order);
  return { groupCount, members };
}

/**
 * Moves the `count` items with the smallest keys to the front, in no order (Hoare's quickselect with random pivots:
 * linear on average, whatever the input; equal keys on both sides of a pivot keep the parts balanced).
 *
 * @param items numbers that index `keys`; reordered in place
 * @example
 * const items = Uint32Array.of(0, 1, 2, 3);
 * selectSmallest(items, Float64Array.of(7, 1, 9, 2), 2, simulationRandom(1));
 * [...items.subarray(0, 2)].sort() // -> [1, 3]
 */
export function selectSmallest(items: Uint32Array, keys: Float64Array, count: number, random: RandomSource): void {
  let [from, to] = [0, items.length - 1];
  while (from < to) {
    const pivot = keys[items[from + random.integer(to - from + 1)]!]!;
    let [low, high] = [from, to];
    while (low <= high) {
      while (keys[items[low]!]! < pivot) low++;
      while (keys[items[high]!]! > pivot) high--;
      if (low > high) break;
      const held = items[low]!;
      items[low++] = items[high]!;
      items[high--] = held;
    }
    // Now items up to `high` are <= pivot, those from `low` on are >= pivot, and any between equal it.
    if (count <= high) to = high;
    else if (count > low) from = low;
    else return;
  }
}
