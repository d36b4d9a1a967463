/** The tables as SQL sees them, and their numbered migrations. A migration that has been released never changes. */
import type { Kysely, Migration } from "kysely";
import { ANY_KIND_MIGRATION } from "./any-kind-migration.ts";
import { CONTRIBUTION_MIGRATION, type ContributionTables } from "./contribution-rows.ts";
import { GRADIENT_MIGRATION } from "./gradient-migration.ts";
import { SENSITIVITY_MIGRATION } from "./sensitivity-migration.ts";
import { SUBMITTER_MIGRATION, type SubmitterTables } from "./submitter-tables.ts";

export interface Tables extends SubmitterTables, ContributionTables {
  jobs: JobRow;
  checkpoints: CheckpointRow;
  checkpoint_arrays: CheckpointArrayRow;
  rounds: RoundRow;
  pieces: PieceRow;
  volunteers: VolunteerRow;
}

/** Of any kind; nothing of the JSON is looked for. */
export interface JobRow {
  job_id: string;
  kind: string;
  state: string;
  submitted_ms: number;
  finished_ms: number | null;
  facts_json: string;
  data_json: string;
}

export interface CheckpointRow {
  job_id: string;
  facts_json: string;
}

/** Float64 in little-endian order. */
export interface CheckpointArrayRow {
  job_id: string;
  name: string;
  array_values: Uint8Array;
}

/** Typed arrays are BLOBs in little-endian order. */
export interface RoundRow {
  job_id: string;
  round_index: number;
  generation: number;
  query_indices: Uint8Array;
  outputs: Uint8Array;
  marks: Uint8Array;
  sources: Uint8Array;
  volunteers_json: string;
  first_labels: Uint8Array;
  first_marks: Uint8Array;
  plan: Uint8Array;
  first_ms: number | null;
  exact_ms: number | null;
  estimated_at_first: number;
  redispatched: number;
}

export interface PieceRow {
  job_id: string;
  first_query: number;
  query_count: number;
  /** Name of a typed array. */
  dtype: string;
  query_values: Uint8Array;
}

export interface VolunteerRow {
  volunteer_id: string;
  nickname: string;
  credit_macs: number;
  credit_assignments: number;
  audits_passed: number;
  audits_failed: number;
  quarantine_json: string | null;
  team: string;
  released_json: string | null;
}

/** By number, ascending; the store applies those that a database lacks when it is opened. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001_jobs_rounds_volunteers": {
    async up(database: Kysely<Tables>) {
      await database.schema
        .createTable("jobs")
        .addColumn("job_id", "text", (column) => column.primaryKey().notNull())
        .addColumn("submission_json", "text", (column) => column.notNull())
        .addColumn("model_sha256", "text", (column) => column.notNull())
        .addColumn("queries_sha256", "text", (column) => column.notNull())
        .addColumn("labels_sha256", "text")
        .addColumn("query_count", "integer", (column) => column.notNull())
        .addColumn("input_size", "integer", (column) => column.notNull())
        .addColumn("output_size", "integer", (column) => column.notNull())
        .addColumn("macs_per_query", "double precision", (column) => column.notNull())
        .addColumn("input_scale", "double precision", (column) => column.notNull())
        .addColumn("state", "text", (column) => column.notNull())
        .addColumn("error", "text")
        .addColumn("submitted_ms", "double precision", (column) => column.notNull())
        .addColumn("finished_ms", "double precision")
        .addColumn("order_sha256", "text")
        .addColumn("audited_rows", "integer", (column) => column.notNull())
        .addColumn("failed_audits", "integer", (column) => column.notNull())
        .addColumn("held_out_agreed", "integer", (column) => column.notNull())
        .addColumn("held_out_total", "integer", (column) => column.notNull())
        .addColumn("liar_share", "double precision")
        .execute();
      await database.schema
        .createTable("rounds")
        .addColumn("job_id", "text", (column) => column.notNull())
        .addColumn("round_index", "integer", (column) => column.notNull())
        .addColumn("generation", "integer", (column) => column.notNull())
        .addColumn("query_indices", "blob", (column) => column.notNull())
        .addColumn("outputs", "blob", (column) => column.notNull())
        .addColumn("marks", "blob", (column) => column.notNull())
        .addColumn("sources", "blob", (column) => column.notNull())
        .addColumn("volunteers_json", "text", (column) => column.notNull())
        .addColumn("first_labels", "blob", (column) => column.notNull())
        .addColumn("first_marks", "blob", (column) => column.notNull())
        .addColumn("plan", "blob", (column) => column.notNull())
        .addColumn("first_ms", "double precision")
        .addColumn("exact_ms", "double precision")
        .addColumn("estimated_at_first", "integer", (column) => column.notNull())
        .addColumn("redispatched", "integer", (column) => column.notNull())
        .addPrimaryKeyConstraint("rounds_primary_key", ["job_id", "round_index"])
        .execute();
      await database.schema
        .createTable("volunteers")
        .addColumn("volunteer_id", "text", (column) => column.primaryKey().notNull())
        .addColumn("nickname", "text", (column) => column.notNull())
        .addColumn("credit_macs", "double precision", (column) => column.notNull())
        .addColumn("credit_assignments", "integer", (column) => column.notNull())
        .addColumn("audits_passed", "integer", (column) => column.notNull())
        .addColumn("audits_failed", "integer", (column) => column.notNull())
        .addColumn("quarantine_json", "text")
        .execute();
    },
  },
  "0002_gradient_jobs": GRADIENT_MIGRATION,
  "0003_submitters": SUBMITTER_MIGRATION,
  "0004_contributions": CONTRIBUTION_MIGRATION,
  "0005_teams_and_releases": {
    async up(database: Kysely<Tables>) {
      await database.schema
        .alterTable("volunteers")
        .addColumn("team", "text", (column) => column.notNull().defaultTo(""))
        .execute();
      await database.schema.alterTable("volunteers").addColumn("released_json", "text").execute();
    },
  },
  "0006_codes_in_force": {
    async up(database: Kysely<Tables>) {
      await database.schema.alterTable("jobs").addColumn("codes_json", "text").execute();
    },
  },
  "0007_output_parts": {
    async up(database: Kysely<Tables>) {
      await database.schema.alterTable("jobs").addColumn("output_parts_json", "text").execute();
    },
  },
  "0008_streams": {
    async up(database: Kysely<Tables>) {
      await database.schema
        .alterTable("jobs")
        .addColumn("is_open", "integer", (column) => column.notNull().defaultTo(0))
        .execute();
      await database.schema
        .createTable("pieces")
        .addColumn("job_id", "text", (column) => column.notNull())
        .addColumn("first_query", "integer", (column) => column.notNull())
        .addColumn("query_count", "integer", (column) => column.notNull())
        .addColumn("dtype", "text", (column) => column.notNull())
        .addColumn("query_values", "blob", (column) => column.notNull())
        .addPrimaryKeyConstraint("pieces_primary_key", ["job_id", "first_query"])
        .execute();
    },
  },
  "0009_jobs_of_any_kind": ANY_KIND_MIGRATION,
  "0010_sensitivity": SENSITIVITY_MIGRATION,
};
