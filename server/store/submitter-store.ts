/**
 * What is kept of submitters: their tokens (as hashes), which jobs are whose, and who uploaded what. Every write is durable
 * when its promise resolves.
 */
import type { Kysely } from "kysely";
import type { Scope } from "../../shared/protocol/access-api.ts";
import { attempt } from "./attempt.ts";
import type { StoredToken, StoredUpload } from "./store.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";
import { upsert } from "./upsert.ts";

export class SubmitterStore {
  readonly #database: Kysely<Tables>;
  readonly #transact: Transact;

  constructor(database: Kysely<Tables>, transact: Transact) {
    this.#database = database;
    this.#transact = transact;
  }

  async tokens(): Promise<StoredToken[]> {
    const rows = await attempt("read tokens", () =>
      this.#database.selectFrom("accessTokens").selectAll().orderBy("createdMs").orderBy("tokenId").execute(),
    );
    return rows.map((row) => ({ ...row, scopes: row.scopes.split(",") as Scope[] }));
  }

  async addToken(token: StoredToken): Promise<void> {
    const row = { ...token, scopes: token.scopes.join(",") };
    await attempt("write a token", () =>
      this.#transact((transaction) => transaction.insertInto("accessTokens").values(row).execute(), { list: "tokens" }),
    );
  }

  async revokeToken(tokenId: string, atMs: number): Promise<void> {
    await attempt("revoke a token", () =>
      this.#transact(
        (transaction) =>
          transaction.updateTable("accessTokens").set({ revokedMs: atMs }).where("tokenId", "=", tokenId).execute(),
        { list: "tokens" },
      ),
    );
  }

  async deleteToken(tokenId: string): Promise<void> {
    await attempt("delete a token", () =>
      this.#transact((transaction) => transaction.deleteFrom("accessTokens").where("tokenId", "=", tokenId).execute(), {
        list: "tokens",
      }),
    );
  }

  /** Job id to submitter. */
  async jobOwners(): Promise<Map<string, string>> {
    const rows = await attempt("read owners", () => this.#database.selectFrom("jobOwners").selectAll().execute());
    return new Map(rows.map((row) => [row.jobId, row.submitter]));
  }

  async ownJob(jobId: string, submitter: string): Promise<void> {
    await attempt("write an owner", () =>
      this.#transact(upsert("jobOwners", ["jobId"], { jobId, submitter }), { list: "owners" }),
    );
  }

  async disownJob(jobId: string): Promise<void> {
    await attempt("forget an owner", () =>
      this.#transact((transaction) => transaction.deleteFrom("jobOwners").where("jobId", "=", jobId).execute(), {
        list: "owners",
      }),
    );
  }

  async uploads(): Promise<StoredUpload[]> {
    return attempt("read uploads", () =>
      this.#database.selectFrom("uploads").selectAll().orderBy("uploadedMs").execute(),
    );
  }

  /** Again with a later time where it was there. */
  async addUpload(upload: StoredUpload): Promise<void> {
    await attempt("write an upload", () =>
      this.#transact(upsert("uploads", ["sha256", "submitter"], upload), { list: "uploads" }),
    );
  }

  async forgetUploads(uploads: readonly Pick<StoredUpload, "sha256" | "submitter">[]): Promise<void> {
    await attempt("forget uploads", () =>
      this.#transact(
        async (transaction) => {
          for (const { sha256, submitter } of uploads) {
            await transaction
              .deleteFrom("uploads")
              .where("sha256", "=", sha256)
              .where("submitter", "=", submitter)
              .execute();
          }
        },
        { list: "uploads" },
      ),
    );
  }
}
