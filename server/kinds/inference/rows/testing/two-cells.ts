/** Coordinators on one database, as far as an account goes: each writes what it books, and is refused what others have taken before. */
import { free, newAccount } from "../../../../checks/account.ts";
import type { Account } from "../../../../checks/words.ts";
import type { CoreRecord } from "../../../../coordinator/effects.ts";
import type { RowsRecord } from "../work.ts";
import { RowsStory, type RowsStoryOptions } from "./rows-story.ts";

function sumOf(one: Account, other: Account, sign: 1 | -1): Account {
  return {
    answerBound: one.answerBound,
    places: one.places + sign * other.places,
    routeOne: one.routeOne + sign * other.routeOne,
    charged: one.charged + sign * other.charged,
    held: one.held + sign * other.held,
  };
}

/** What each has booked since both began, as the database does it (PostgresStore). */
export class TwoCells {
  readonly before: Account;
  readonly own = new Map<string, Account>();
  refusals = 0;

  constructor(placesBefore: number) {
    this.before = { ...newAccount(1e-3), places: placesBefore };
  }

  get account(): Account {
    return [...this.own.values()].reduce((sum, one) => sumOf(sum, one, 1), this.before);
  }

  of(name: string, key: string, options: RowsStoryOptions = {}): RowsStory {
    this.own.set(name, newAccount(1e-3));
    const story = new RowsStory({ ...options, taken: (records) => this.#write(name, records) });
    story.state.accounts.set(key, this.before);
    story.crowd(6);
    return story;
  }

  othersOf(name: string): Account {
    return sumOf(sumOf(this.account, this.own.get(name)!, -1), this.before, -1);
  }

  #write(name: string, records: readonly CoreRecord[]): { key: string; account: Account } | null {
    const was = this.own.get(name)!;
    for (const record of records) {
      const own = record.kind === "job" ? (record.record as RowsRecord) : null;
      if (own?.type !== "account") continue;
      const known = sumOf(this.before, own.news ?? newAccount(1e-3), 1);
      this.own.set(name, sumOf(own.account.account, known, -1));
      if (!own.takes || free(this.account) >= -1e-6) continue;
      this.own.set(name, was);
      this.refusals++;
      return { key: own.account.key, account: this.othersOf(name) };
    }
    return null;
  }
}
