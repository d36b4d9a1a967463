/** What route 1 knows of the volunteers of a block: rows that the coordinator found right, and second words, row by row. */
import type { VolunteerFacts } from "./checked-rows-words.ts";

/**
 * Second words that agreed, and trusted rows that were right.
 * @example
 * const facts = new BlockFacts();
 * facts.foundRight("a");
 * facts.vouched(3, 0, "a", "b");
 * facts.of("a", [3], () => 0) // -> { standing: 1, trustedRight: 1, secondWords: new Map([["b", 1]]) }
 */
export class BlockFacts {
  readonly #trustedRight = new Map<string, number>();
  /** Partners by place, of its latest attempt that has any. */
  readonly #words = new Map<
    number,
    { readonly attempt: number; readonly author: string; readonly partners: string[] }
  >();
  readonly #named = new Set<string>();

  foundRight(volunteerId: string): void {
    this.#trustedRight.set(volunteerId, (this.#trustedRight.get(volunteerId) ?? 0) + 1);
  }

  vouched(place: number, attempt: number, author: string, partner: string): void {
    const words = this.#words.get(place);
    if (words?.attempt === attempt) words.partners.push(partner);
    else if (words === undefined || words.attempt < attempt)
      this.#words.set(place, { attempt, author, partners: [partner] });
  }

  /** Its second words count for nobody. */
  named(volunteerId: string): void {
    this.#named.add(volunteerId);
  }

  /**
   * @param standing places whose answer is the volunteer's, not final
   * @param attemptOf of a place
   */
  of(volunteerId: string, standing: Iterable<number>, attemptOf: (place: number) => number): VolunteerFacts {
    const secondWords = new Map<string, number>();
    let count = 0;
    for (const place of standing) {
      count++;
      const words = this.#words.get(place);
      if (words === undefined || words.attempt !== attemptOf(place)) continue;
      for (const partner of words.partners) {
        if (!this.#named.has(partner)) secondWords.set(partner, (secondWords.get(partner) ?? 0) + 1);
      }
    }
    return { standing: count, trustedRight: this.#trustedRight.get(volunteerId) ?? 0, secondWords };
  }
}
