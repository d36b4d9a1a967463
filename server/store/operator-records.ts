/**
 * What the operator said by hand: who is kept out, and whether new jobs are taken. It is the service's: coordinators that share a database
 * share it too. Every write is durable when its promise resolves.
 */
import type { Kysely } from "kysely";
import type { BanView } from "../../shared/protocol/bans-api.ts";
import type { IntakeView } from "../../shared/protocol/house-api.ts";
import { attempt } from "./attempt.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";
import { upsert } from "./upsert.ts";

export class OperatorRecords {
  readonly #database: Kysely<Tables>;
  readonly #transact: Transact;

  constructor(database: Kysely<Tables>, transact: Transact) {
    this.#database = database;
    this.#transact = transact;
  }

  /** The latest first. */
  async bans(): Promise<BanView[]> {
    const rows = await attempt("read bans", () =>
      this.#database.selectFrom("bans").selectAll().orderBy("sinceMs", "desc").orderBy("banId").execute(),
    );
    return rows.map(({ whoJson, ...ban }) => ({ ...ban, who: JSON.parse(whoJson) as BanView["who"] }));
  }

  /** @param nowMs those that ended before go */
  async addBan({ who, ...ban }: BanView, nowMs: number): Promise<void> {
    const row = { ...ban, whoJson: JSON.stringify(who) };
    await attempt("write a ban", () =>
      this.#transact(
        async (transaction) => {
          await transaction.deleteFrom("bans").where("untilMs", "<=", nowMs).execute();
          await upsert("bans", ["banId"], row)(transaction);
        },
        { list: "bans" },
      ),
    );
  }

  /** @returns false: there is none of that id */
  async liftBan(banId: string): Promise<boolean> {
    const { numDeletedRows } = await attempt("lift a ban", () =>
      this.#transact(
        (transaction) => transaction.deleteFrom("bans").where("banId", "=", banId).executeTakeFirstOrThrow(),
        { list: "bans" },
      ),
    );
    return numDeletedRows > 0n;
  }

  /** null: nothing was said yet. */
  async intake(): Promise<IntakeView | null> {
    const row = await attempt("read whether jobs are taken", () =>
      this.#database.selectFrom("intake").select(["pausedFor", "sinceMs"]).executeTakeFirst(),
    );
    return row ?? null;
  }

  async setIntake(intake: IntakeView): Promise<void> {
    await attempt("write whether jobs are taken", () =>
      this.#transact(upsert("intake", ["place"], { place: 0, ...intake }), { list: "intake" }),
    );
  }
}
