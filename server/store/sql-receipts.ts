/** Receipts in the tables of the store. */
import type { Kysely } from "kysely";
import type { FileBeside, KeyLink, Statement } from "../../shared/receipts/sealed-receipt.ts";
import { attempt } from "./attempt.ts";
import { filesOf, type ReceiptStore } from "./receipt-store.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";

export class SqlReceipts implements ReceiptStore {
  readonly #database: Kysely<Tables>;
  readonly #transact: Transact;

  constructor(database: Kysely<Tables>, transact: Transact) {
    this.#database = database;
    this.#transact = transact;
  }

  async statements(jobId: string): Promise<Statement[]> {
    const rows = await attempt("read a receipt", () =>
      this.#database
        .selectFrom("receiptStatements")
        .select("statementJson")
        .where("jobId", "=", jobId)
        .orderBy("seq")
        .execute(),
    );
    return rows.map(({ statementJson }) => JSON.parse(statementJson) as Statement);
  }

  async append(statement: Statement): Promise<void> {
    const { jobId, seq } = statement.body;
    const filesJson = JSON.stringify(filesOf(statement));
    const row = { jobId, seq, statementJson: JSON.stringify(statement), filesJson };
    await attempt("write a receipt", () =>
      this.#transact((transaction) => transaction.insertInto("receiptStatements").values(row).execute()),
    );
  }

  async filesBeside(): Promise<FileBeside[]> {
    const rows = await attempt("look for files of receipts", () =>
      this.#database.selectFrom("receiptStatements").select("filesJson").where("seq", "=", 0).execute(),
    );
    return rows.flatMap(({ filesJson }) => JSON.parse(filesJson) as FileBeside[]);
  }

  async keys(): Promise<KeyLink[]> {
    const rows = await attempt("read keys of receipts", () =>
      this.#database.selectFrom("receiptKeys").select("linkJson").orderBy("place").execute(),
    );
    return rows.map(({ linkJson }) => JSON.parse(linkJson) as KeyLink);
  }

  async addKeys(links: readonly KeyLink[]): Promise<void> {
    const known = await this.keys();
    const more = links.filter(({ publicKey }) => known.every((link) => link.publicKey !== publicKey));
    const rows = more.map((link, i) => ({
      place: known.length + i,
      publicKey: link.publicKey,
      linkJson: JSON.stringify(link),
    }));
    if (rows.length === 0) return;
    await attempt("write keys of receipts", () =>
      this.#transact((transaction) => transaction.insertInto("receiptKeys").values(rows).execute()),
    );
  }

  async jobsOf(volunteerId: string): Promise<string[]> {
    const rows = await attempt("look for jobs of a volunteer", () =>
      this.#database
        .selectFrom("contributions")
        .innerJoin("receiptStatements", "receiptStatements.jobId", "contributions.jobId")
        .select("contributions.jobId")
        .where("volunteerId", "=", volunteerId)
        .where("seq", "=", 0)
        .execute(),
    );
    return rows.map(({ jobId }) => jobId);
  }
}
