/** Tables of who may submit and whose things are whose, and their migration. */
import type { Kysely, Migration } from "kysely";

export interface SubmitterTables {
  access_tokens: AccessTokenRow;
  job_owners: JobOwnerRow;
  uploads: UploadRow;
}

export interface AccessTokenRow {
  token_id: string;
  /** Of the token's text: the text itself is nowhere. */
  token_sha256: string;
  submitter: string;
  /** Joined by commas. */
  scopes: string;
  created_ms: number;
  expires_ms: number | null;
  revoked_ms: number | null;
}

export interface JobOwnerRow {
  job_id: string;
  submitter: string;
}

export interface UploadRow {
  sha256: string;
  submitter: string;
  bytes: number;
  uploaded_ms: number;
}

export const SUBMITTER_MIGRATION: Migration = {
  async up(database: Kysely<SubmitterTables>) {
    await database.schema
      .createTable("access_tokens")
      .addColumn("token_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("token_sha256", "text", (column) => column.notNull().unique())
      .addColumn("submitter", "text", (column) => column.notNull())
      .addColumn("scopes", "text", (column) => column.notNull())
      .addColumn("created_ms", "double precision", (column) => column.notNull())
      .addColumn("expires_ms", "double precision")
      .addColumn("revoked_ms", "double precision")
      .execute();
    await database.schema
      .createTable("job_owners")
      .addColumn("job_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("submitter", "text", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("uploads")
      .addColumn("sha256", "text", (column) => column.notNull())
      .addColumn("submitter", "text", (column) => column.notNull())
      .addColumn("bytes", "integer", (column) => column.notNull())
      .addColumn("uploaded_ms", "double precision", (column) => column.notNull())
      .addPrimaryKeyConstraint("uploads_primary_key", ["sha256", "submitter"])
      .execute();
  },
};
