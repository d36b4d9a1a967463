/** Authors and partners of a job's rows as numbers (records.ts): each volunteer is named once, in the append that first speaks of it. */
import { COORDINATOR } from "../../core/job.ts";
import { FIRST_VOLUNTEER, NO_AUTHOR, OWN, VOLUNTEERS_MAX } from "../records.ts";

export class Names {
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  #told = 0;

  /**
   * @param name of a volunteer, COORDINATOR, or null: nobody
   * @throws RangeError where a job has more volunteers than there are numbers
   */
  numberOf(name: string | null): number {
    if (name === null) return NO_AUTHOR;
    if (name === COORDINATOR) return OWN;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.#names.length >= VOLUNTEERS_MAX)
      throw new RangeError(`Names: expected at most ${VOLUNTEERS_MAX} volunteers in a job`);
    const number = FIRST_VOLUNTEER + this.#names.push(name) - 1;
    this.#numbers.set(name, number);
    return number;
  }

  /** @returns NO_AUTHOR where there is no number left: that a partner agreed is not kept, and the coordinator answers after a restart */
  partnerNumberOf(name: string | null): number {
    const isFull = this.#names.length >= VOLUNTEERS_MAX && name !== COORDINATOR;
    return isFull && name !== null && !this.#numbers.has(name) ? NO_AUTHOR : this.numberOf(name);
  }

  /** @throws RangeError where no append named it */
  nameOf(number: number): string | null {
    if (number === NO_AUTHOR) return null;
    if (number === OWN) return COORDINATOR;
    const name = this.#names[number - FIRST_VOLUNTEER];
    if (name === undefined) throw new RangeError(`Names: expected a volunteer that an append named, got ${number}`);
    return name;
  }

  /** Volunteers that no append named before: the next one does. */
  untold(): string[] {
    const names = this.#names.slice(this.#told);
    this.#told = this.#names.length;
    return names;
  }

  /** An append names these, in its turn. */
  read(names: readonly string[]): void {
    for (const name of names) this.numberOf(name);
    this.#told = this.#names.length;
  }
}
