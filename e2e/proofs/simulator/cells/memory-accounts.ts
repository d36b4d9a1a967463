/** [CK2] Accounts in the database that simulated coordinators share: what each life has booked is its own, as in server/store/postgres-store.ts. */
import { withBooked } from "../../../../server/store/row-store.ts";
import { type AccountRecord, AccountTakenError, type StoreRecord } from "../../../../server/store/store.ts";

type AccountWrite = Extract<StoreRecord, { kind: "account" }>;

/** Sums of reserves are exact to less than that. */
const ROUNDING = 1e-6;
/** Others book nothing on the account of a strict job. */
const OF_STRICT_JOB = " of job ";

export class MemoryAccounts {
  /** By account and epoch. */
  readonly #booked = new Map<string, Map<number, AccountRecord>>();
  /** By epoch and account, what others had booked when that life read it. */
  readonly #elsewhere = new Map<number, Map<string, AccountRecord>>();
  /** By epoch and account, what that life was told last. */
  readonly #told = new Map<number, Map<string, string>>();

  /** As a life reads them when it begins. */
  readBy(epoch: number): AccountRecord[] {
    const others = this.#besides(epoch);
    this.#elsewhere.set(epoch, new Map(others.map((account) => [account.accountKey, account])));
    return this.#besides(null);
  }

  /** What others have booked since, as far as that life was not told it. */
  newsFor(epoch: number): AccountRecord[] {
    const told = this.#told.get(epoch) ?? new Map<string, string>();
    this.#told.set(epoch, told);
    return this.#besides(epoch).flatMap((others) => {
      const json = JSON.stringify(others);
      if (others.accountKey.includes(OF_STRICT_JOB) || told.get(others.accountKey) === json) return [];
      told.set(others.accountKey, json);
      return [this.#since(epoch, others)];
    });
  }

  /**
   * One transaction's.
   * @returns them as all lives together have booked them then
   * @throws AccountTakenError where others have booked what one of them takes; then nothing is written
   */
  written(epoch: number, writes: readonly AccountWrite[]): AccountWrite[] {
    const own = writes.map(({ account, news, opens = false }) => {
      const { accountKey } = account;
      const booked = this.#since(epoch, news === undefined ? account : withBooked(account, news, -1));
      const others = this.#besides(epoch).find((other) => other.accountKey === accountKey);
      const sum = others === undefined ? booked : withBooked(booked, others, 1);
      const { answerBound, places, routeOne, charged, held } = sum;
      if (opens && others !== undefined && answerBound * places - routeOne - charged - held < -ROUNDING)
        throw new AccountTakenError(this.#since(epoch, others));
      return { booked, sum };
    });
    return own.map(({ booked, sum }) => {
      const byEpoch = this.#booked.get(booked.accountKey) ?? new Map<number, AccountRecord>();
      this.#booked.set(booked.accountKey, byEpoch.set(epoch, booked));
      return { kind: "account", account: sum };
    });
  }

  /** Without what others had booked when that life began. */
  #since(epoch: number, account: AccountRecord): AccountRecord {
    const before = this.#elsewhere.get(epoch)?.get(account.accountKey);
    return before === undefined ? account : withBooked(account, before, -1);
  }

  /** Sums over all lives but that one. @param epoch null: over all */
  #besides(epoch: number | null): AccountRecord[] {
    return [...this.#booked.values()].flatMap((byEpoch) => {
      const [first, ...others] = [...byEpoch].flatMap(([life, booked]) => (life === epoch ? [] : [booked]));
      return first === undefined ? [] : [others.reduce((sum, booked) => withBooked(sum, booked, 1), first)];
    });
  }
}
