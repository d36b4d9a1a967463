/** What volunteers were told of their credit, and what they gave for it: credit is neither lost nor counted twice. */
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 50;

interface Account {
  /** The most that was ever told. */
  told: number;
  readonly answered: Set<string>;
}

export class CreditLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #onLost: (problem: string) => void;
  readonly #onDoubled: (problem: string) => void;

  constructor(onLost: (problem: string) => void, onDoubled: (problem: string) => void) {
    this.#onLost = onLost;
    this.#onDoubled = onDoubled;
  }

  /** A result is about to be sent for this token. */
  answered(volunteerId: string, token: string): void {
    this.#of(volunteerId).answered.add(token);
  }

  /** The coordinator says how many assignments it has counted. */
  told(volunteerId: string, assignments: number, where: string): void {
    const account = this.#of(volunteerId);
    const name = volunteerId.slice(0, 6);
    if (assignments < account.told) this.#onLost(`${where}: volunteer ${name} had ${account.told}, now ${assignments}`);
    if (assignments > account.answered.size) {
      this.#onDoubled(
        `${where}: volunteer ${name} gave ${account.answered.size} results, and has credit for ${assignments}`,
      );
    }
    account.told = Math.max(account.told, assignments);
  }

  /** At the end, with nothing under way. @param earned verified results, as the receipts of all jobs have them */
  balance(earned: number): void {
    const line = `receipts have ${earned} verified results in them, and volunteers have credit for ${this.total}`;
    if (this.total < earned) this.#onLost(line);
    if (this.total > earned) this.#onDoubled(line);
  }

  /** A volunteer is told of its credit once a second. @returns when so many results are told, or after so long */
  async isTold(earned: number, msMax: number): Promise<void> {
    for (const untilMs = performance.now() + msMax; this.total < earned && performance.now() < untilMs; )
      await sleep(LOOK_MS);
  }

  get total(): number {
    return [...this.#accounts.values()].reduce((sum, { told }) => sum + told, 0);
  }

  #of(volunteerId: string): Account {
    let account = this.#accounts.get(volunteerId);
    if (account === undefined) {
      account = { told: 0, answered: new Set() };
      this.#accounts.set(volunteerId, account);
    }
    return account;
  }
}
