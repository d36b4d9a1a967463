/**
 * What is kept of submitters: their tokens (as hashes), which jobs are whose, and who uploaded what. Every write is durable
 * when its promise resolves.
 */
import { type Kysely, type RawBuilder, type SqlBool, sql } from "kysely";
import type { Scope } from "../../shared/protocol/access-api.ts";
import { attempt } from "./attempt.ts";
import type { Claim, ReservationStore } from "./claim.ts";
import type { StoredToken, StoredUpload } from "./store.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";
import { upsert } from "./upsert.ts";

/** What is there, and what is reserved. [CE12] A job in parts is one; one that is durable and reserved still is one too. */
const HELD: Readonly<Record<Claim["what"], (submitter: string) => RawBuilder<{ held: number }>>> = {
  jobs: (submitter) => sql`SELECT count(*) AS held FROM (
    SELECT job_owners.job_id FROM jobs
      JOIN job_owners ON job_owners.job_id = CASE WHEN jobs.whole_id = '' THEN jobs.job_id ELSE jobs.whole_id END
      WHERE jobs.finished_ms IS NULL AND job_owners.submitter = ${submitter}
    UNION SELECT reservation_id FROM reservations WHERE submitter = ${submitter} AND what = 'jobs'
  ) AS theirs`,
  "upload-bytes": (submitter) => sql`SELECT CAST(
    coalesce((SELECT sum(bytes) FROM uploads WHERE submitter = ${submitter}), 0)
    + coalesce((SELECT sum(amount) FROM reservations WHERE submitter = ${submitter} AND what = 'upload-bytes'), 0)
    AS double precision) AS held`,
};

/** [CE15] A life of a coordinator: what it reserved counts while it lasts. */
export interface Life {
  readonly epoch: number;
  /** Of rows with an epoch. */
  readonly lives: RawBuilder<SqlBool>;
  /** Until this transaction ends no other coordinator reserves anything for this submitter. */
  inTurn(transaction: Kysely<Tables>, submitter: string): Promise<void>;
}

export class SubmitterStore implements ReservationStore {
  readonly #database: Kysely<Tables>;
  readonly #transact: Transact;
  readonly #life: Life;

  constructor(database: Kysely<Tables>, transact: Transact, life: Life) {
    this.#database = database;
    this.#transact = transact;
    this.#life = life;
  }

  async reserve({ id, submitter, what, amount, most }: Claim): Promise<number | null> {
    const { epoch, lives, inTurn } = this.#life;
    return attempt("reserve", () =>
      this.#transact(async (transaction) => {
        await inTurn(transaction, submitter);
        await sql`DELETE FROM reservations WHERE submitter = ${submitter} AND NOT (${lives})`.execute(transaction);
        const { rows } = await HELD[what](submitter).execute(transaction);
        const held = Number(rows[0]!.held);
        if (held + amount > most) return held;
        await upsert("reservations", ["reservationId"], { reservationId: id, submitter, what, amount, epoch })(
          transaction,
        );
        return null;
      }),
    );
  }

  async release(ids: readonly string[]): Promise<void> {
    await attempt("release", () =>
      this.#transact((transaction) =>
        transaction
          .deleteFrom("reservations")
          .where("reservationId", "in", [...ids])
          .execute(),
      ),
    );
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
