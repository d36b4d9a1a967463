/** Volunteers of one ledger, by the number that stands for their name in all tables: a name is one volunteer, whatever its sessions. */

/** Rows that a volunteer may give back before it is asked whether it answers as many. */
const GAVE_BACK_ROWS_MIN = 8;

export interface LedgerVolunteer {
  readonly name: string;
  sessions: number;
  /** Items, since it was last sent to rest. */
  answered: number;
  gaveBack: number;
  /** Its latest claim was late, or it has not yet answered one after such a claim. */
  isSilent: boolean;
}

export class Volunteers {
  readonly #numbers = new Map<string, number>();
  readonly #all: LedgerVolunteer[] = [];
  #present = 0;

  /** How many volunteers have a session. */
  get presentCount(): number {
    return this.#present;
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#all.length);
    return this.#all.push({ name, sessions: 0, answered: 0, gaveBack: 0, isSilent: false }) - 1;
  }

  /** @returns null: the ledger never heard of it */
  find(name: string): number | null {
    return this.#numbers.get(name) ?? null;
  }

  at(volunteer: number): LedgerVolunteer {
    return this.#all[volunteer]!;
  }

  sessionJoined(volunteer: number): void {
    if (this.at(volunteer).sessions++ === 0) this.#present++;
  }

  /** @returns whether it was the volunteer's last one */
  sessionLeft(volunteer: number): boolean {
    const isLast = --this.at(volunteer).sessions === 0;
    if (isLast) this.#present--;
    return isLast;
  }

  /**
   * [AS7] Giving rows back is not free, or a volunteer could choose its rows.
   * @returns whether it has to rest, for it gave back more than it answered
   */
  gaveBackItems(volunteer: number, count: number): boolean {
    const one = this.at(volunteer);
    one.gaveBack += count;
    if (one.gaveBack < GAVE_BACK_ROWS_MIN || one.gaveBack <= one.answered) return false;
    one.gaveBack = 0;
    one.answered = 0;
    return true;
  }
}
