/** Coins that were tossed and wait for a second word, and words that wait to be compared: nothing of their window is final before. */

/** A coin, a draw of the sample or a difference: somebody is to say whether this answer is right. */
export interface OpenCheck {
  readonly place: number;
  readonly attempt: number;
  readonly author: string;
  /** Answers that are certified together have the same number. */
  readonly window: number;
  /** null: the coordinator. */
  partner: string | null;
  /** All that were drawn for it. */
  readonly drawn: string[];
  /** Was the coordinator asked? */
  isAsked: boolean;
  /** Rows of the coordinator that came without a word about this answer. */
  misses: number;
  /** Whose answer differed first. */
  differs: string | null;
}

/**
 * All open checks of a block.
 * @example
 * const words = new SecondWords();
 * words.open({ place: 3, attempt: 0, author: "a", window: 0, partner: null, drawn: [], isAsked: false, misses: 0, differs: null });
 * words.handTo(words.find(3, 0), "b");
 * [words.openOf(0), words.partners] // -> [1, 1]
 * words.close(words.find(3, 0));
 * words.openOf(0) // -> 0
 */
export class SecondWords {
  /** Hardly ever more than one a place: attempts that were taken out. */
  readonly #ofPlace = new Map<number, OpenCheck[]>();
  readonly #ofWindow = new Map<number, number>();
  /** Windows of answers that are being compared: no check is open of a surplus answer. */
  readonly #comparing = new Map<string, number>();
  #partners = 0;
  #size = 0;

  /** Checks whose partner is a volunteer. */
  get partners(): number {
    return this.#partners;
  }

  get coordinator(): number {
    return this.#size - this.#partners;
  }

  get comparisons(): number {
    return this.#comparing.size;
  }

  get isEmpty(): boolean {
    return this.#size === 0 && this.#comparing.size === 0;
  }

  open(check: OpenCheck): void {
    const others = this.#ofPlace.get(check.place);
    if (others === undefined) this.#ofPlace.set(check.place, [check]);
    else others.push(check);
    this.#size++;
    if (check.partner !== null) this.#partners++;
    this.#count(check.window, 1);
  }

  find(place: number, attempt: number): OpenCheck | undefined {
    return this.#ofPlace.get(place)?.find((check) => check.attempt === attempt);
  }

  /** All that are open now. */
  all(): OpenCheck[] {
    return [...this.#ofPlace.values()].flat();
  }

  at(place: number): readonly OpenCheck[] {
    return this.#ofPlace.get(place) ?? [];
  }

  /** Another partner, or the coordinator. */
  handTo(check: OpenCheck, partner: string | null): void {
    if (check.partner !== null) this.#partners--;
    if (partner !== null) {
      this.#partners++;
      check.drawn.push(partner);
    }
    check.partner = partner;
  }

  close(check: OpenCheck): void {
    const others = this.#ofPlace.get(check.place)!;
    if (others.length === 1) this.#ofPlace.delete(check.place);
    else others.splice(others.indexOf(check), 1);
    this.#size--;
    if (check.partner !== null) this.#partners--;
    this.#count(check.window, -1);
  }

  /** The answer of `second` is being compared. @returns false where it is already */
  compare(place: number, attempt: number, second: string, window: number): boolean {
    const key = `${place}:${attempt}:${second}`;
    if (this.#comparing.has(key)) return false;
    this.#comparing.set(key, window);
    this.#count(window, 1);
    return true;
  }

  /** @returns false where nobody had asked */
  compared(place: number, attempt: number, second: string): boolean {
    const key = `${place}:${attempt}:${second}`;
    const window = this.#comparing.get(key);
    if (window === undefined) return false;
    this.#comparing.delete(key);
    this.#count(window, -1);
    return true;
  }

  /** Checks and comparisons that hold this window back. */
  openOf(window: number): number {
    return this.#ofWindow.get(window) ?? 0;
  }

  #count(window: number, by: 1 | -1): void {
    const count = this.openOf(window) + by;
    if (count === 0) this.#ofWindow.delete(window);
    else this.#ofWindow.set(window, count);
  }
}
