/**
 * Which worker index gets which place of a group. Queries of a group lie on a path of neighbours; a lost worker that
 * always held the same place would lose the same, perhaps the worst, place of every group. So places are dealt anew for
 * each group, by a secret draw. Parities stay where they are.
 *
 * "Position" is a worker index as the scheme counts it, "worker index" the batch it travels in.
 */
import { shuffle } from "../random/draws.ts";
import type { RandomSource } from "../random/random.ts";
import { CodingError } from "./coding-error.ts";

/**
 * The placement of one group.
 * @param random secret in production: a volunteer that knew the places could lie where estimates are weakest
 * @returns K entries, a permutation: position p (path place p) travels with worker index placement[p]
 * @example placement(simulationRandom(1), 4) // -> [3, 0, 2, 1]
 */
export function placement(random: RandomSource, queryCount: number): Uint32Array {
  return shuffle(
    Uint32Array.from({ length: queryCount }, (_, p) => p),
    random,
  );
}

/**
 * @returns G x K, row-major: one placement for each group
 * @example placements(simulationRandom(1), 2, 3) // -> [2, 0, 1, 2, 1, 0]
 */
export function placements(random: RandomSource, groupCount: number, queryCount: number): Uint32Array {
  const all = new Uint32Array(groupCount * queryCount);
  for (let g = 0; g < groupCount; g++) all.set(placement(random, queryCount), g * queryCount);
  return all;
}

/** What arrived, as the scheme counts positions. */
export interface ArrivedPositions {
  /** Strictly increasing, ready for CodingScheme.decode and estimate. */
  readonly positions: readonly number[];
  /** For each position the place in `arrived` of the worker index that it travelled with. */
  readonly arrivedRows: readonly number[];
}

/**
 * @param arrived strictly increasing worker indices
 * @param ofGroup one group's placement (K entries); worker indices from K on are positions as they are
 * @example arrivedPositions([0, 2, 3, 5], Uint32Array.of(2, 0, 1, 3)) // -> { positions: [0, 1, 3, 5], arrivedRows: [1, 0, 2, 3] }
 */
export function arrivedPositions(arrived: readonly number[], ofGroup: Uint32Array): ArrivedPositions {
  const positionOf = new Map<number, number>();
  ofGroup.forEach((workerIndex, position) => {
    positionOf.set(workerIndex, position);
  });
  const pairs = arrived.map((workerIndex, r) => ({ position: positionOf.get(workerIndex) ?? workerIndex, r }));
  pairs.sort((a, b) => a.position - b.position);
  return { positions: pairs.map(({ position }) => position), arrivedRows: pairs.map(({ r }) => r) };
}

/**
 * @throws CodingError unless there is one placement, a permutation of 0..K-1, for each group
 * @example checkPlacements("decodeGroups", Uint32Array.of(0, 0), 1, 2) // throws expected a permutation of 0..1, got 0, 0
 */
export function checkPlacements(who: string, all: Uint32Array, groupCount: number, queryCount: number): void {
  if (all.length !== groupCount * queryCount) {
    throw new CodingError(`${who}: expected ${groupCount} x ${queryCount} placements, got ${all.length} entries`);
  }
  for (let g = 0; g < groupCount; g++) {
    const ofGroup = all.subarray(g * queryCount, (g + 1) * queryCount);
    if (new Set(ofGroup).size < queryCount || ofGroup.some((workerIndex) => workerIndex >= queryCount)) {
      throw new CodingError(`${who}: expected a permutation of 0..${queryCount - 1}, got ${ofGroup.join(", ")}`);
    }
  }
}
