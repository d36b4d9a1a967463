/** Who is lost, in which group: the same for every scheme with as many workers. */
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";

const LOSS_DRAW = 30;
const PLACEMENT_DRAW = 31;
const HELD_OUT_DRAW = 32;

/** Worker indices that answer in this group, strictly increasing: all but S, drawn by seed, K, S and group. */
export function arrivedIn(seed: number, queryCount: number, stragglerCount: number, group: number): number[] {
  const workers = Array.from({ length: queryCount + stragglerCount }, (_, i) => i);
  shuffle(workers, randomAt(seed, LOSS_DRAW, queryCount, stragglerCount, group));
  return workers.slice(stragglerCount).sort((a, b) => a - b);
}

/** K entries: the path place that worker index i holds in this group. */
export function placesIn(seed: number, queryCount: number, group: number): Uint32Array {
  return shuffle(
    Uint32Array.from({ length: queryCount }, (_, p) => p),
    randomAt(seed, PLACEMENT_DRAW, queryCount, group),
  );
}

/** One of the raw workers that answered, to be left out as if it had not. */
export function heldOutIn(seed: number, arrivedRaw: readonly number[], group: number): number | undefined {
  if (arrivedRaw.length === 0) return undefined;
  return arrivedRaw[randomAt(seed, HELD_OUT_DRAW, group).integer(arrivedRaw.length)];
}
