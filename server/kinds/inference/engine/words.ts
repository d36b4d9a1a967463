/**
 * [CC5] What a second volunteer said of a row while it agreed with the first. Should the first be named, whoever answers the row anew says
 * whether the second one had covered a lie. Kept in memory alone, while the job runs.
 */
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";

export interface Word {
  readonly volunteerId: string;
  readonly precision: BackendClass;
  /** C */
  readonly said: Float32Array;
}

export class Words {
  /** By query. */
  readonly #words = new Map<number, Word[]>();

  keep(query: number, word: Word): void {
    const others = this.#words.get(query)?.filter(({ volunteerId }) => volunteerId !== word.volunteerId) ?? [];
    this.#words.set(query, [...others, word]);
  }

  of(query: number): readonly Word[] {
    return this.#words.get(query) ?? [];
  }
}
