/** Rows whose answer the coordinator has: devices are measured by them. All that it computed of the block are such rows. */
import type { RandomSource } from "../../shared/random/random.ts";
import { CLASS_ROWS_MIN } from "../../shared/verify/model-class.ts";
import type { RowLedger } from "../rows/ledger.ts";
import type { Outbox } from "./checked-rows-outbox.ts";

/** Of a block's rows the coordinator computes one in so many before its first device is measured, */
const ROWS_PER_KNOWN = 25;
/** at least so many, of which a back-end that is unmeasured gets all, */
const KNOWN_MIN = CLASS_ROWS_MIN;
/** and at most these: as few as that would be known to everybody soon, but each that is recomputed later is one more. */
const KNOWN_MAX = 8;
/** Rows that are looked at before a volunteer waits for one that it had not. */
const TRIES = 16;

/**
 * How many rows are computed so.
 * @example [knownRowsOf(1), knownRowsOf(48), knownRowsOf(10_000)] // -> [1, 3, 8]
 */
export function knownRowsOf(rows: number): number {
  return Math.min(rows, KNOWN_MAX, Math.max(KNOWN_MIN, Math.ceil(rows / ROWS_PER_KNOWN)));
}

/**
 * The known rows of a block, and who had which.
 * @example
 * known.add(3, ["a"]);
 * [known.queue("a", 1), known.queue("b", 1)] // -> [0, 1]: the coordinator is asked for one that "a" never had
 */
export class KnownRows {
  readonly #places: number[] = [];
  readonly #had = new Map<number, Set<string>>();
  readonly #asked = new Set<number>();

  constructor(
    private readonly ledger: RowLedger,
    private readonly outbox: Outbox,
    private readonly random: RandomSource,
  ) {}

  /** Rows that the coordinator is computing to be known. */
  get asked(): number {
    return this.#asked.size;
  }

  /** The coordinator has computed the row. @param had volunteers that answered it before, or may still be asked a word about it */
  add(place: number, had: Iterable<string>): void {
    this.#asked.delete(place);
    if (this.#had.has(place)) return;
    this.#places.push(place);
    this.#had.set(place, new Set(had));
  }

  /** Known rows for the volunteer's next claim. @returns how many there were; for others the coordinator is asked */
  queue(volunteerId: string, wanted: number): number {
    for (let count = 0; count < wanted; count++) {
      const place = this.#pick(volunteerId);
      if (place === null) {
        this.#askFor(this.#places.length === 0 ? knownRowsOf(this.ledger.counts.rows) : 1);
        return count;
      }
      this.ledger.know(place, volunteerId);
    }
    return wanted;
  }

  /** Those that a block begins with: keys cost nothing, and each that comes would cost the coordinator a row. */
  ask(): void {
    if (this.#places.length === 0) this.#askFor(knownRowsOf(this.ledger.counts.rows));
  }

  /** Rows that wait, from a place that nobody knows. They are computed whatever else is said of them. */
  #askFor(wanted: number): void {
    const { ledger } = this;
    const { rows } = ledger.counts;
    if (this.asked > 0 || rows === 0) return;
    const from = this.random.integer(rows);
    for (let step = 0; step < rows && this.asked < wanted; step++) {
      const place = (from + step) % rows;
      if (ledger.stateOf(place) !== "waiting") continue;
      this.#asked.add(place);
      this.outbox.wantRow({ place, attempt: ledger.attemptOf(place), why: "known" });
    }
  }

  /** @returns one that the volunteer never had, and now has; null: there is none, or none was met */
  #pick(volunteerId: string): number | null {
    const size = this.#places.length;
    const from = size === 0 ? 0 : this.random.integer(size);
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
