/** Rows whose answer the coordinator has: devices are measured by them. All that it computed of the block are such rows. */
import type { RandomSource } from "../../shared/random/random.ts";

/** Of a block's rows the coordinator computes one in so many before its first device is measured, */
const ROWS_PER_KNOWN = 25;
/** at least so many, of which a back-end that is unmeasured gets all, */
const KNOWN_MIN = 2;
/** and at most these: as few as that would be known to everybody soon, but each that is recomputed later is one more. */
const KNOWN_MAX = 8;
/** Rows that are looked at before a volunteer waits for one that it had not. */
const TRIES = 16;

/**
 * How many rows are computed so.
 * @example [knownRowsOf(1), knownRowsOf(48), knownRowsOf(10_000)] // -> [1, 2, 8]
 */
export function knownRowsOf(rows: number): number {
  return Math.min(rows, KNOWN_MAX, Math.max(KNOWN_MIN, Math.ceil(rows / ROWS_PER_KNOWN)));
}

/**
 * The known rows of a block, and who had which.
 * @example
 * const known = new KnownRows(simulationRandom(1));
 * known.add(3, ["a"]);
 * [known.pick("a"), known.pick("b"), known.pick("b")] // -> [null, 3, null]
 */
export class KnownRows {
  readonly #places: number[] = [];
  readonly #had = new Map<number, Set<string>>();

  constructor(private readonly random: RandomSource) {}

  get size(): number {
    return this.#places.length;
  }

  /** @param had volunteers that answered it before */
  add(place: number, had: Iterable<string>): void {
    if (this.#had.has(place)) return;
    this.#places.push(place);
    this.#had.set(place, new Set(had));
  }

  /** @returns one that the volunteer never had, and now has; null: there is none, or none was met */
  pick(volunteerId: string): number | null {
    const { size } = this;
    if (size === 0) return null;
    const from = this.random.integer(size);
    for (let step = 0; step < Math.min(size, TRIES); step++) {
      const place = this.#places[(from + step) % size]!;
      const had = this.#had.get(place)!;
      if (had.has(volunteerId)) continue;
      had.add(volunteerId);
      return place;
    }
    return null;
  }
}
