/**
 * Words that nobody had asked for and that differ from what stands: of a claim that was late there are many, and each would cost the coordinator a row. One
 * at a time of a volunteer is looked at: who was wrong there is not believed in the others.
 */
import type { WordsCompared } from "./checked-rows-words.ts";

/** A word that waits. @property author of the answer that stands; null: the coordinator */
export interface DoubtedWord {
  readonly place: number;
  readonly attempt: number;
  readonly author: string | null;
  readonly what: WordsCompared;
}

/**
 * @example
 * const doubts = new Doubts();
 * doubts.begins("ann", 3);
 * doubts.waits("ann", { place: 4, attempt: 0, author: "bob", what: "differ" }) // -> true
 * doubts.endAt(3) // -> [{ second: "ann", waiting: [{ place: 4, ... }] }]
 */
export class Doubts {
  readonly #bySecond = new Map<string, { readonly place: number; readonly waiting: DoubtedWord[] }>();

  /** The coordinator computes this row for it. */
  begins(second: string, place: number): void {
    this.#bySecond.set(second, { place, waiting: [] });
  }

  /** @returns false: nothing of this volunteer is being looked at */
  waits(second: string, word: DoubtedWord): boolean {
    const doubt = this.#bySecond.get(second);
    doubt?.waiting.push(word);
    return doubt !== undefined;
  }

  /** The coordinator has computed the row. */
  endAt(place: number): { readonly second: string; readonly waiting: readonly DoubtedWord[] }[] {
    const ended = [...this.#bySecond].filter(([, doubt]) => doubt.place === place);
    for (const [second] of ended) this.#bySecond.delete(second);
    return ended.map(([second, { waiting }]) => ({ second, waiting }));
  }
}
