/** All that is wrong with what somebody handed in, told at once. */
import { InputError } from "./input-error.ts";

export class Problems {
  readonly #told: string[] = [];
  readonly #namedMax: number;
  /** Of those that are not told. */
  #moreCount = 0;

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
      const [all, moreCount] = error instanceof ProblemsError ? [error.told, error.moreCount] : [[error.message], 0];
      for (const one of all) this.add(one);
      this.#moreCount += moreCount;
      return null;
    }
  }

  add(message: string): void {
    if (this.#told.length < this.#namedMax) this.#told.push(message);
    else this.#moreCount++;
  }

  /** @throws InputError with all of them, where there is one */
  throwIfAny(): void {
    const [only, ...more] = this.#told;
    if (only === undefined) return;
    if (more.length === 0 && this.#moreCount === 0) throw new InputError(only);
    throw new ProblemsError(this.#told, this.#moreCount);
  }
}

/** Several at once; whoever gathers problems takes them one by one. */
class ProblemsError extends InputError {
  readonly told: readonly string[];
  readonly moreCount: number;

  constructor(told: readonly string[], moreCount: number) {
    const lines = told.map((problem, i) => `(${i + 1}) ${problem}`);
    const rest = moreCount > 0 ? `\nand ${moreCount} more` : "";
    super(`${told.length + moreCount} problems:\n${lines.join("\n")}${rest}`);
    this.told = told;
    this.moreCount = moreCount;
  }
}
