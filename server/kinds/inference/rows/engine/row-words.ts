/** Answers beside the one that stands: second words, and answers that were taken out, until their job ends. */
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";

/** What somebody said of a row. */
export interface RowSaid {
  readonly volunteerId: string;
  /** Of the row, when it was said. */
  readonly attempt: number;
  readonly precision: BackendClass;
  /** C */
  readonly said: Float32Array;
}

export class RowWords {
  /** By place, and in it by who said it in which attempt. */
  readonly #words = new Map<number, RowSaid[]>();

  /** A word of the same volunteer in the same attempt gives way. */
  keep(place: number, word: RowSaid): void {
    const others = (this.#words.get(place) ?? []).filter(
      ({ volunteerId, attempt }) => volunteerId !== word.volunteerId || attempt !== word.attempt,
    );
    this.#words.set(place, [...others, word]);
  }

  /** In the order in which they came. */
  at(place: number): readonly RowSaid[] {
    return this.#words.get(place) ?? [];
  }
}
