/** The tables that gradient jobs and matrix jobs had before every kind had the same (any-kind-migration.ts). */
import type { Kysely, Migration } from "kysely";

export const GRADIENT_MIGRATION: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable("gradient_jobs")
      .addColumn("job_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("submitted_ms", "double precision", (column) => column.notNull())
      .addColumn("job_json", "text", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("gradient_checkpoints")
      .addColumn("job_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("iteration", "integer", (column) => column.notNull())
      .addColumn("weights", "blob", (column) => column.notNull())
      .addColumn("lookahead", "blob", (column) => column.notNull())
      .addColumn("best_iteration", "integer")
      .addColumn("best_weights", "blob")
      .addColumn("best_lookahead", "blob")
      .execute();
  },
};
