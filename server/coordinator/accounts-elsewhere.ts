/** [CK2] Accounts that other coordinators of the service book on too: what this one knows of that. */
import type { Account } from "../checks/words.ts";
import type { CoordinatorState } from "./state.ts";

/** What others have booked on an account since this coordinator began. */
export interface AccountNews {
  readonly key: string;
  readonly account: Account;
}

/**
 * The account as all have booked it, from now on.
 * @example
 * hearOfAccount(state, { key: "0.001 of ada", account: { answerBound: 1e-3, places: 1_000, routeOne: 0, charged: 0, held: 1 } });
 * state.accounts.get("0.001 of ada").held // -> 1
 */
export function hearOfAccount({ accounts, accountsNews }: CoordinatorState, { key, account: news }: AccountNews): void {
  const { answerBound } = news;
  const nothing: Account = { answerBound, places: 0, routeOne: 0, charged: 0, held: 0 };
  const [known, before] = [accounts.get(key) ?? nothing, accountsNews.get(key) ?? nothing];
  accountsNews.set(key, news);
  const sum = (of: "places" | "routeOne" | "charged" | "held") => known[of] + news[of] - before[of];
  accounts.set(key, {
    answerBound,
    ...{ places: sum("places"), routeOne: sum("routeOne"), charged: sum("charged"), held: sum("held") },
  });
}
