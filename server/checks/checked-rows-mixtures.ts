/** Mixtures: one of each part is recomputed before a decoder sees any of it. */

interface MixturesOfPart {
  readonly items: readonly number[];
  readonly groups: readonly number[];
}

/**
 * Mixtures whose part was not looked at, and groups that wait for them.
 * @example
 * const mixtures = new Mixtures();
 * mixtures.came(900, { items: [900, 901], groups: [0, 1] });
 * mixtures.hold({ group: 0, missing: [3] }) // -> true
 * mixtures.wereRight(900) // -> [{ group: 0, missing: [3] }]
 */
export class Mixtures {
  /** By the item that is recomputed. */
  readonly #parts = new Map<number, MixturesOfPart>();
  /** Parts of a group that were not looked at. */
  readonly #unseen = new Map<number, number>();
  readonly #held = new Map<number, readonly number[]>();

  /** @param drawn the item of the part that the coordinator computes */
  came(drawn: number, part: MixturesOfPart): void {
    this.#parts.set(drawn, part);
    for (const group of part.groups) this.#unseen.set(group, (this.#unseen.get(group) ?? 0) + 1);
  }

  get isEmpty(): boolean {
    return this.#parts.size === 0;
  }

  get waiting(): number {
    return this.#parts.size;
  }

  /** @returns whether the group waits: mixtures of it were not looked at */
  hold({ group, missing }: { readonly group: number; readonly missing: readonly number[] }): boolean {
    if (!this.#unseen.has(group)) return false;
    this.#held.set(group, missing);
    return true;
  }

  has(drawn: number): boolean {
    return this.#parts.has(drawn);
  }

  /** @returns groups that may be decoded now */
  wereRight(drawn: number): { group: number; missing: readonly number[] }[] {
    return this.#seen(drawn).ready;
  }

  /** @returns their part: its items are no mixtures of their groups, and groups that waited for them wait for others */
  wereWrong(drawn: number): MixturesOfPart {
    const { part } = this.#seen(drawn);
    for (const group of part.groups) this.#held.delete(group);
    return part;
  }

  #seen(drawn: number): { part: MixturesOfPart; ready: { group: number; missing: readonly number[] }[] } {
    const part = this.#parts.get(drawn)!;
    this.#parts.delete(drawn);
    const ready: { group: number; missing: readonly number[] }[] = [];
    for (const group of part.groups) {
      const left = this.#unseen.get(group)! - 1;
      if (left > 0) this.#unseen.set(group, left);
      else {
        this.#unseen.delete(group);
        const missing = this.#held.get(group);
        if (missing !== undefined) ready.push({ group, missing });
      }
    }
    return { part, ready };
  }
}
