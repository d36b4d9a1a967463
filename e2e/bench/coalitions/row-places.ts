import { rowKey } from "../../crowd/fnv.ts";

/** Rows by their numbers: a coalition knows a row again, whoever of it is asked. */
export class RowPlaces {
  readonly #places = new Map<number, number>();
  readonly #most: number;
  readonly #jobRows: number;

  /**
   * @param most so many different rows are told apart; later ones share the last place
   * @param jobRows rows of the job, of which `progress` is told
   */
  constructor(most: number, jobRows: number) {
    this.#most = most;
    this.#jobRows = jobRows;
  }

  /** Share of the job's rows that somebody has computed. */
  get progress(): number {
    return Math.min(1, this.#places.size / this.#jobRows);
  }

  /** @param rows rowCount rows of the same size. @returns the row's place, 0 for the first one that was seen */
  placeOf(rows: Float32Array, row: number, rowCount: number): number {
    const size = rows.length / rowCount;
    const key = rowKey(rows.subarray(row * size, (row + 1) * size));
    const place = this.#places.get(key) ?? Math.min(this.#places.size, this.#most - 1);
    this.#places.set(key, place);
    return place;
  }
}
