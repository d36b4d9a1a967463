/**
 * Sheets of seats, and who sits there. They are the service's, as bans are: coordinators that share a database share them, and of two keys that
 * come with one code at two coordinators the database lets one in. Every write is durable when its promise resolves.
 */
import type { Kysely } from "kysely";
import { attempt } from "./attempt.ts";
import type { StoredSeat, StoredSheet } from "./store.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";

const LIST = { list: "seats" } as const;

export class SeatRecords {
  readonly #database: Kysely<Tables>;
  readonly #transact: Transact;

  constructor(database: Kysely<Tables>, transact: Transact) {
    this.#database = database;
    this.#transact = transact;
  }

  /** The latest first. */
  async sheets(): Promise<StoredSheet[]> {
    const rows = await attempt("read sheets of seats", () =>
      this.#database.selectFrom("seatSheets").selectAll().orderBy("sinceMs", "desc").orderBy("sheetId").execute(),
    );
    return rows.map(({ believed, ...sheet }) => ({ ...sheet, believed: believed === 1 }));
  }

  /** By sheet and number. */
  seats(): Promise<StoredSeat[]> {
    return attempt("read seats", () =>
      this.#database.selectFrom("seats").selectAll().orderBy("sheetId").orderBy("number").execute(),
    );
  }

  /** @param codes of its seats, in the order of their numbers. @param nowMs sheets that ended before go */
  addSheet({ believed, ...sheet }: StoredSheet, codes: readonly string[], nowMs: number): Promise<void> {
    const { sheetId } = sheet;
    const free = { volunteerId: null, takenMs: null, revokedMs: null };
    return attempt("write a sheet of seats", () =>
      this.#transact(async (transaction) => {
        const ended = transaction.selectFrom("seatSheets").select("sheetId").where("untilMs", "<=", nowMs);
        await transaction.deleteFrom("seats").where("sheetId", "in", ended).execute();
        await transaction.deleteFrom("seatSheets").where("untilMs", "<=", nowMs).execute();
        await transaction
          .insertInto("seatSheets")
          .values({ ...sheet, believed: believed ? 1 : 0 })
          .execute();
        await transaction
          .insertInto("seats")
          .values(codes.map((code, i) => ({ sheetId, number: i + 1, code, ...free })))
          .execute();
      }, LIST),
    );
  }

  /** @returns false: another key has it, or nobody may any more */
  async take(code: string, volunteerId: string, takenMs: number): Promise<boolean> {
    const { numUpdatedRows } = await attempt("give a seat", () =>
      this.#transact(
        (transaction) =>
          transaction
            .updateTable("seats")
            .set({ volunteerId, takenMs })
            .where("code", "=", code)
            .where("volunteerId", "is", null)
            .where("revokedMs", "is", null)
            .executeTakeFirstOrThrow(),
        LIST,
      ),
    );
    return numUpdatedRows > 0n;
  }

  /** @returns false: there is no such seat, or it was revoked before */
  async revoke(sheetId: string, number: number, revokedMs: number): Promise<boolean> {
    const { numUpdatedRows } = await attempt("revoke a seat", () =>
      this.#transact(
        (transaction) =>
          transaction
            .updateTable("seats")
            .set({ revokedMs })
            .where("sheetId", "=", sheetId)
            .where("number", "=", number)
            .where("revokedMs", "is", null)
            .executeTakeFirstOrThrow(),
        LIST,
      ),
    );
    return numUpdatedRows > 0n;
  }

  /** @returns false: there is none of that id */
  async endSheet(sheetId: string): Promise<boolean> {
    const { numDeletedRows } = await attempt("end a sheet of seats", () =>
      this.#transact(async (transaction) => {
        await transaction.deleteFrom("seats").where("sheetId", "=", sheetId).execute();
        return transaction.deleteFrom("seatSheets").where("sheetId", "=", sheetId).executeTakeFirstOrThrow();
      }, LIST),
    );
    return numDeletedRows > 0n;
  }
}
