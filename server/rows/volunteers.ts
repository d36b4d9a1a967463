/** Volunteers of one ledger, by the number that stands for their name in all tables: a name is one volunteer, whatever its sessions. */

/** Rows that a volunteer may give back before it is asked whether it answers as many. */
const GAVE_BACK_ROWS_MIN = 8;

interface Volunteer {
  readonly name: string;
  sessions: number;
  /** Answers of it that stand. */
  standing: number;
  /** Items, since it was last sent to rest. */
  answered: number;
  gaveBack: number;
  /** Its latest claim was late, or it has not yet answered one after such a claim. */
  isSilent: boolean;
}

export class Volunteers {
  readonly #numbers = new Map<string, number>();
  readonly #all: Volunteer[] = [];
  #present = 0;

  /** How many volunteers have a session. */
  get presentCount(): number {
    return this.#present;
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const fresh = { standing: 0, answered: 0, gaveBack: 0, isSilent: false };
    this.#numbers.set(name, this.#all.length);
    this.#all.push({ name, sessions: 0, ...fresh });
    return this.#all.length - 1;
  }

  /** @returns null: the ledger never heard of it */
  find(name: string): number | null {
    return this.#numbers.get(name) ?? null;
  }

  nameOf(volunteer: number): string {
    return this.#all[volunteer]!.name;
  }

  isPresent(volunteer: number): boolean {
    return this.#all[volunteer]!.sessions > 0;
  }

  isSilent(volunteer: number): boolean {
    return this.#all[volunteer]!.isSilent;
  }

  setSilent(volunteer: number, isSilent: boolean): void {
    this.#all[volunteer]!.isSilent = isSilent;
  }

  standingOf(volunteer: number): number {
    return this.#all[volunteer]!.standing;
  }

  sessionJoined(volunteer: number): void {
    if (this.#all[volunteer]!.sessions++ === 0) this.#present++;
  }

  /** @returns whether it was the volunteer's last one */
  sessionLeft(volunteer: number): boolean {
    const isLast = --this.#all[volunteer]!.sessions === 0;
    if (isLast) this.#present--;
    return isLast;
  }

  /** So many more answers of this author stand. Of the coordinator and of the code nobody counts. */
  stands(author: number, more: number): void {
    if (author >= 0) this.#all[author]!.standing += more;
  }

  answeredItems(volunteer: number, count: number): void {
    this.#all[volunteer]!.answered += count;
  }

  /**
   * [AS7] Giving rows back is not free, or a volunteer could choose its rows.
   * @returns whether it has to rest, for it gave back more than it answered
   */
  gaveBackItems(volunteer: number, count: number): boolean {
    const one = this.#all[volunteer]!;
    one.gaveBack += count;
    if (one.gaveBack < GAVE_BACK_ROWS_MIN || one.gaveBack <= one.answered) return false;
    one.gaveBack = 0;
    one.answered = 0;
    return true;
  }
}
