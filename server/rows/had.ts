/**
 * Rule 7: who had an item before, and gave no answer that stands. Kept of items that came back alone, so that it is small.
 * A volunteer that began an item is not asked for it again. One that only saw the item in a claim may be, but gives no second word: it would know the row.
 */
export class Had {
  /** By item and volunteer: did the volunteer begin it? */
  readonly #by = new Map<number, Map<number, boolean>>();

  note(item: number, volunteer: number, hasBegun: boolean): void {
    const had = this.#by.get(item) ?? new Map<number, boolean>();
    this.#by.set(item, had.set(volunteer, hasBegun || had.get(volunteer) === true));
  }

  hasBegun(item: number, volunteer: number): boolean {
    return this.#by.get(item)?.get(volunteer) === true;
  }

  hasSeen(item: number, volunteer: number): boolean {
    return this.#by.get(item)?.has(volunteer) === true;
  }

  /**
   * Did all that are here begin it? Then it may come back to one of them.
   * @param shutOut volunteers that may not have it, for what they have of its group: nobody waits for them
   */
  hasEverybodyBegun(
    item: number,
    presentCount: number,
    isPresent: (volunteer: number) => boolean,
    shutOut: readonly number[] = [],
  ): boolean {
    const had = this.#by.get(item);
    if (had === undefined || had.size + shutOut.length < presentCount) return false;
    const gone = new Set(shutOut);
    for (const [volunteer, hasBegun] of had) if (hasBegun) gone.add(volunteer);
    let count = 0;
    for (const volunteer of gone) if (isPresent(volunteer)) count++;
    return count >= presentCount;
  }
}
