/** All that is wrong with what somebody handed in, told at once. */
import { InputError } from "./input-error.ts";

export class Problems {
  readonly #told: string[] = [];
  readonly #namedMax: number;

  /** @param namedMax of more it is said how many there are */
  constructor(namedMax = Number.POSITIVE_INFINITY) {
    this.#namedMax = namedMax;
  }

  /** @returns null where the work ended in an InputError, which is a problem from then on */
  async attempt<T>(work: () => T | Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.add(error.message);
      return null;
    }
  }

  add(message: string): void {
    this.#told.push(message);
  }

  /** @throws InputError with all of them, where there is one */
  throwIfAny(): void {
    const [only, ...more] = this.#told;
    if (only === undefined) return;
    if (more.length === 0) throw new InputError(only);
    const lines = this.#told.slice(0, this.#namedMax).map((problem, i) => `(${i + 1}) ${problem}`);
    const rest = this.#told.length > this.#namedMax ? `\nand ${this.#told.length - this.#namedMax} more` : "";
    throw new InputError(`${this.#told.length} problems:\n${lines.join("\n")}${rest}`);
  }
}
