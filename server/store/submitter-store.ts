/**
 * What is kept of submitters: their tokens (as hashes), which jobs are whose, and who uploaded what. Every write is durable
 * when its promise resolves.
 */
import type { Kysely } from "kysely";
import type { Scope } from "../../shared/protocol/access-api.ts";
import { attempt } from "./attempt.ts";
import type { Tables } from "./tables.ts";

export interface StoredToken {
  tokenId: string;
  /** Lower-case hex. */
  tokenSha256: string;
  submitter: string;
  scopes: Scope[];
  createdMs: number;
  expiresMs: number | null;
  revokedMs: number | null;
}

export interface StoredUpload {
  sha256: string;
  submitter: string;
  bytes: number;
  uploadedMs: number;
}

export class SubmitterStore {
  readonly #database: Kysely<Tables>;

  constructor(database: Kysely<Tables>) {
    this.#database = database;
  }

  async tokens(): Promise<StoredToken[]> {
    const rows = await attempt("read tokens", () =>
      this.#database.selectFrom("access_tokens").selectAll().orderBy("created_ms").orderBy("token_id").execute(),
    );
    return rows.map((row) => ({
      tokenId: row.token_id,
      tokenSha256: row.token_sha256,
      submitter: row.submitter,
      scopes: row.scopes.split(",") as Scope[],
      createdMs: row.created_ms,
      expiresMs: row.expires_ms,
      revokedMs: row.revoked_ms,
    }));
  }

  async addToken(token: StoredToken): Promise<void> {
    const row = {
      token_id: token.tokenId,
      token_sha256: token.tokenSha256,
      submitter: token.submitter,
      scopes: token.scopes.join(","),
      created_ms: token.createdMs,
      expires_ms: token.expiresMs,
      revoked_ms: token.revokedMs,
    };
    await attempt("write a token", () => this.#database.insertInto("access_tokens").values(row).execute());
  }

  async revokeToken(tokenId: string, atMs: number): Promise<void> {
    await attempt("revoke a token", () =>
      this.#database.updateTable("access_tokens").set({ revoked_ms: atMs }).where("token_id", "=", tokenId).execute(),
    );
  }

  /** Job id to submitter. */
  async jobOwners(): Promise<Map<string, string>> {
    const rows = await attempt("read owners", () => this.#database.selectFrom("job_owners").selectAll().execute());
    return new Map(rows.map((row) => [row.job_id, row.submitter]));
  }

  async ownJob(jobId: string, submitter: string): Promise<void> {
    const row = { job_id: jobId, submitter };
    await attempt("write an owner", () =>
      this.#database
        .insertInto("job_owners")
        .values(row)
        .onConflict((conflict) => conflict.column("job_id").doUpdateSet(row))
        .execute(),
    );
  }

  async disownJob(jobId: string): Promise<void> {
    await attempt("forget an owner", () =>
      this.#database.deleteFrom("job_owners").where("job_id", "=", jobId).execute(),
    );
  }

  async uploads(): Promise<StoredUpload[]> {
    const rows = await attempt("read uploads", () =>
      this.#database.selectFrom("uploads").selectAll().orderBy("uploaded_ms").execute(),
    );
    return rows.map(({ sha256, submitter, bytes, uploaded_ms }) => ({
      sha256,
      submitter,
      bytes,
      uploadedMs: uploaded_ms,
    }));
  }

  /** Again with a later time where it was there. */
  async addUpload({ sha256, submitter, bytes, uploadedMs }: StoredUpload): Promise<void> {
    const row = { sha256, submitter, bytes, uploaded_ms: uploadedMs };
    await attempt("write an upload", () =>
      this.#database
        .insertInto("uploads")
        .values(row)
        .onConflict((conflict) => conflict.columns(["sha256", "submitter"]).doUpdateSet(row))
        .execute(),
    );
  }

  async forgetUploads(uploads: readonly Pick<StoredUpload, "sha256" | "submitter">[]): Promise<void> {
    await attempt("forget uploads", () =>
      this.#database.transaction().execute(async (transaction) => {
        for (const { sha256, submitter } of uploads) {
          await transaction
            .deleteFrom("uploads")
            .where("sha256", "=", sha256)
            .where("submitter", "=", submitter)
            .execute();
        }
      }),
    );
  }
}
