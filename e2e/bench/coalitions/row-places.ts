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
    const words = new Int32Array(rows.buffer, rows.byteOffset + 4 * row * size, size);
    // Two sums by FNV-1a, 53 bits together: no two of a hundred thousand rows are likely to share them.
    let [low, high] = [0x811c9dc5, 0x01000193];
    for (const word of words) {
      low = Math.imul(low ^ word, 0x01000193);
      high = Math.imul(high ^ ((word >>> 16) | (word << 16)), 0x01000193);
    }
    const key = (low >>> 0) * 2 ** 21 + (high >>> 11);
    const place = this.#places.get(key) ?? Math.min(this.#places.size, this.#most - 1);
    this.#places.set(key, place);
    return place;
  }
}
