/** Cells of a table that hold nothing: counted, and filled with their column's mean where that is asked for. */

/** What programs write where nothing is known. */
const NOTHING = new Set(["", "na", "n/a", "nan", "null", "none", "?"]);

export class Gaps {
  readonly #places: number[] = [];

  get count(): number {
    return this.#places.length;
  }

  static isOne(cell: string): boolean {
    return NOTHING.has(cell.toLowerCase());
  }

  /** @param place in the array of all rows, one after the other */
  add(place: number): void {
    this.#places.push(place);
  }

  /** Fills each with the mean of what is known of its column; 0 where nothing is. @returns what was done, in words */
  fill(data: Float32Array | Float64Array, columns: number): string {
    const isGap = new Set(this.#places);
    const touched = new Set(this.#places.map((place) => place % columns));
    for (const column of touched) {
      let [sum, known] = [0, 0];
      for (let at = column; at < data.length; at += columns) {
        if (isGap.has(at)) continue;
        sum += data[at] ?? 0;
        known++;
      }
      const mean = known === 0 ? 0 : sum / known;
      for (let at = column; at < data.length; at += columns) if (isGap.has(at)) data[at] = mean;
    }
    return `${this.inWords(columns)}: filled with the mean of the column`;
  }

  inWords(columns: number): string {
    const touched = new Set(this.#places.map((place) => place % columns)).size;
    return `${this.count} empty ${this.count === 1 ? "cell" : "cells"} in ${touched} ${touched === 1 ? "column" : "columns"}`;
  }
}
