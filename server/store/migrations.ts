/**
 * The numbered migrations, ascending; the store applies those that a database lacks when it is opened. The tables that a
 * released migration makes never change. One ladder for all engines, in SQLite's words: `integer` of 64 bits and `blob` are what
 * PostgreSQL calls bigint and bytea (postgres-words.ts).
 */
import { type Migration, sql } from "kysely";
import { ANY_KIND_MIGRATION } from "./any-kind-migration.ts";
import { columnAdded } from "./column-added.ts";
import { JOB_ENDS_MIGRATION } from "./job-ends-migration.ts";
import { jobFactsAdded } from "./job-facts-migration.ts";
import { JOB_NAMES_MIGRATION } from "./job-names-migration.ts";

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001_jobs_rounds_volunteers": inSql(
    `CREATE TABLE jobs (
      job_id text NOT NULL PRIMARY KEY, submission_json text NOT NULL,
      model_sha256 text NOT NULL, queries_sha256 text NOT NULL, labels_sha256 text,
      query_count integer NOT NULL, input_size integer NOT NULL, output_size integer NOT NULL,
      macs_per_query double precision NOT NULL, input_scale double precision NOT NULL,
      state text NOT NULL, error text, submitted_ms double precision NOT NULL, finished_ms double precision,
      order_sha256 text, audited_rows integer NOT NULL, failed_audits integer NOT NULL,
      held_out_agreed integer NOT NULL, held_out_total integer NOT NULL, liar_share double precision
    )`,
    `CREATE TABLE rounds (
      job_id text NOT NULL, round_index integer NOT NULL, generation integer NOT NULL,
      query_indices blob NOT NULL, outputs blob NOT NULL, marks blob NOT NULL, sources blob NOT NULL,
      volunteers_json text NOT NULL, first_labels blob NOT NULL, first_marks blob NOT NULL, plan blob NOT NULL,
      first_ms double precision, exact_ms double precision,
      estimated_at_first integer NOT NULL, redispatched integer NOT NULL,
      CONSTRAINT rounds_primary_key PRIMARY KEY (job_id, round_index)
    )`,
    `CREATE TABLE volunteers (
      volunteer_id text NOT NULL PRIMARY KEY, nickname text NOT NULL,
      credit_macs double precision NOT NULL, credit_assignments integer NOT NULL,
      audits_passed integer NOT NULL, audits_failed integer NOT NULL, quarantine_json text
    )`,
  ),
  // Of gradient and matrix jobs, before 0009 gave every kind the same.
  "0002_gradient_jobs": inSql(
    `CREATE TABLE gradient_jobs (
      job_id text NOT NULL PRIMARY KEY, submitted_ms double precision NOT NULL, job_json text NOT NULL
    )`,
    `CREATE TABLE gradient_checkpoints (
      job_id text NOT NULL PRIMARY KEY, iteration integer NOT NULL, weights blob NOT NULL, lookahead blob NOT NULL,
      best_iteration integer, best_weights blob, best_lookahead blob
    )`,
  ),
  "0003_submitters": inSql(
    `CREATE TABLE access_tokens (
      token_id text NOT NULL PRIMARY KEY, token_sha256 text NOT NULL UNIQUE, submitter text NOT NULL,
      scopes text NOT NULL, created_ms double precision NOT NULL,
      expires_ms double precision, revoked_ms double precision
    )`,
    "CREATE TABLE job_owners (job_id text NOT NULL PRIMARY KEY, submitter text NOT NULL)",
    `CREATE TABLE uploads (
      sha256 text NOT NULL, submitter text NOT NULL, bytes integer NOT NULL, uploaded_ms double precision NOT NULL,
      CONSTRAINT uploads_primary_key PRIMARY KEY (sha256, submitter)
    )`,
  ),
  "0004_contributions": inSql(
    `CREATE TABLE contributions (
      job_id text NOT NULL, volunteer_id text NOT NULL, contribution_json text NOT NULL,
      CONSTRAINT contributions_primary_key PRIMARY KEY (job_id, volunteer_id)
    )`,
    "ALTER TABLE jobs ADD COLUMN parity_json text",
    "ALTER TABLE jobs ADD COLUMN output_scale double precision",
  ),
  "0005_teams_and_releases": inSql(
    "ALTER TABLE volunteers ADD COLUMN team text DEFAULT '' NOT NULL",
    "ALTER TABLE volunteers ADD COLUMN released_json text",
  ),
  "0006_codes_in_force": inSql("ALTER TABLE jobs ADD COLUMN codes_json text"),
  "0007_output_parts": inSql("ALTER TABLE jobs ADD COLUMN output_parts_json text"),
  "0008_streams": inSql(
    "ALTER TABLE jobs ADD COLUMN is_open integer DEFAULT 0 NOT NULL",
    `CREATE TABLE pieces (
      job_id text NOT NULL, first_query integer NOT NULL, query_count integer NOT NULL,
      dtype text NOT NULL, query_values blob NOT NULL,
      CONSTRAINT pieces_primary_key PRIMARY KEY (job_id, first_query)
    )`,
  ),
  "0009_jobs_of_any_kind": ANY_KIND_MIGRATION,
  // Models were not tried for what they make of rounding.
  "0010_sensitivity": jobFactsAdded("inference", { sensitivity: null, unchecked: null, suspended: null }),
  // Jobs end under the audits that they began with.
  "0011_cross_checks": jobFactsAdded("inference", { crossChecks: null }),
  "0012_signed_receipts": inSql(
    `CREATE TABLE IF NOT EXISTS receipt_statements (
      job_id text NOT NULL, seq integer NOT NULL, statement_json text NOT NULL, files_json text NOT NULL,
      CONSTRAINT receipt_statements_primary_key PRIMARY KEY (job_id, seq)
    )`,
    `CREATE TABLE IF NOT EXISTS receipt_keys (
      place integer NOT NULL PRIMARY KEY, public_key text NOT NULL UNIQUE, link_json text NOT NULL
    )`,
    "CREATE INDEX IF NOT EXISTS contributions_by_volunteer ON contributions (volunteer_id)",
  ),
  "0013_job_links": columnAdded("access_tokens", "job_id", "text"),
  // Who has a record is a newcomer to cross-checks: of rows that came before nobody knows which were checked.
  "0014_crowd_lately": {
    async up(database) {
      await columnAdded("volunteers", "rows_taken", "integer DEFAULT 0 NOT NULL").up(database);
      await sql
        .raw("CREATE TABLE IF NOT EXISTS crowd (place integer NOT NULL PRIMARY KEY, crowd_json text NOT NULL)")
        .execute(database);
    },
  },
  "0015_job_names": JOB_NAMES_MIGRATION,
  // [WC2] Until now nobody could choose.
  "0016_choices": columnAdded("volunteers", "chose_until_ms", "double precision"),
  // For several coordinators on one server; an embedded database has one, and leaves them empty.
  "0017_cells": inSql(
    `CREATE TABLE IF NOT EXISTS cells (
      epoch integer NOT NULL PRIMARY KEY, place text NOT NULL, address text NOT NULL, until_ms double precision NOT NULL
    )`,
    "CREATE TABLE IF NOT EXISTS cell_epochs (place integer NOT NULL PRIMARY KEY, last integer NOT NULL)",
    "INSERT INTO cell_epochs (place, last) SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM cell_epochs)",
    "CREATE TABLE IF NOT EXISTS job_leases (job_id text NOT NULL PRIMARY KEY, epoch integer NOT NULL)",
    `CREATE TABLE IF NOT EXISTS volunteer_shares (
      volunteer_id text NOT NULL, epoch integer NOT NULL, changed_ms double precision NOT NULL,
      credit_macs double precision NOT NULL, credit_assignments integer NOT NULL,
      audits_passed integer NOT NULL, audits_failed integer NOT NULL, rows_taken integer NOT NULL,
      CONSTRAINT volunteer_shares_primary_key PRIMARY KEY (volunteer_id, epoch)
    )`,
    "CREATE INDEX IF NOT EXISTS volunteer_shares_by_change ON volunteer_shares (changed_ms)",
    "CREATE TABLE IF NOT EXISTS list_versions (list text NOT NULL PRIMARY KEY, version integer NOT NULL)",
  ),
  // [DV1] Until now every device had a name of its own.
  "0018_devices": columnAdded("volunteers", "owner_id", "text"),
  // Until now in files of each coordinator, which are taken in when they are found (former-file.ts).
  "0019_bans_and_intake": inSql(
    `CREATE TABLE IF NOT EXISTS bans (
      ban_id text NOT NULL PRIMARY KEY, who_json text NOT NULL, reason text NOT NULL,
      since_ms double precision NOT NULL, until_ms double precision
    )`,
    "CREATE TABLE IF NOT EXISTS intake (place integer NOT NULL PRIMARY KEY, paused_for text, since_ms double precision)",
  ),
  // [CE8] Coordinators of before are called nothing, and nobody is pointed to them.
  "0020_load_of_cells": {
    async up(database) {
      await columnAdded("cells", "name", "text DEFAULT '' NOT NULL").up(database);
      await columnAdded("cells", "jobs", "integer DEFAULT 0 NOT NULL").up(database);
      await columnAdded("cells", "tabs", "integer DEFAULT 0 NOT NULL").up(database);
    },
  },
  // [CE10] Jobs of before are in one piece.
  "0021_wholes": {
    async up(database) {
      await inSql(
        `CREATE TABLE IF NOT EXISTS wholes (
          whole_id text NOT NULL PRIMARY KEY, kind text NOT NULL, name text NOT NULL, submitter text NOT NULL,
          submitted_ms double precision NOT NULL, submission_json text NOT NULL, parts_json text NOT NULL, statement_json text
        )`,
      ).up(database);
      await columnAdded("jobs", "whole_id", "text DEFAULT '' NOT NULL").up(database);
      await inSql("CREATE INDEX IF NOT EXISTS jobs_of_whole ON jobs (whole_id)").up(database);
    },
  },
  "0022_job_ends": JOB_ENDS_MIGRATION,
  // [CE8] Coordinators of before have no share, and no tab is placed while one of them is there.
  "0023_homes_of_tabs": {
    async up(database) {
      await columnAdded("cells", "share", "double precision").up(database);
      await columnAdded("cell_epochs", "placing_key", "text").up(database);
    },
  },
  // [CE3] Coordinators of before look at the leases of others alone.
  "0024_steady_leases": columnAdded("cells", "steady_ms", "double precision"),
  // [CE15] Until now each coordinator counted what was on its way there.
  "0025_reservations": inSql(
    `CREATE TABLE IF NOT EXISTS reservations (
      reservation_id text NOT NULL PRIMARY KEY, submitter text NOT NULL, what text NOT NULL,
      amount double precision NOT NULL, epoch integer NOT NULL
    )`,
    "CREATE INDEX IF NOT EXISTS jobs_at_work ON jobs (job_id) WHERE finished_ms IS NULL",
  ),
  // [CE16] Of coordinators of before nobody knows more than that they are there.
  "0026_seen_cells": {
    async up(database) {
      await columnAdded("cells", "label", "text DEFAULT '' NOT NULL").up(database);
      await columnAdded("cells", "version", "text").up(database);
      await columnAdded("cells", "started_ms", "double precision").up(database);
      for (const count of ["connected", "ready", "volunteers"])
        await columnAdded("cells", count, "integer DEFAULT 0 NOT NULL").up(database);
      await inSql(
        `CREATE TABLE IF NOT EXISTS cells_gone (
          label text NOT NULL PRIMARY KEY, heard_ms double precision NOT NULL, at_ms double precision NOT NULL,
          how text NOT NULL, taken_by text
        )`,
      ).up(database);
    },
  },
  // Until now answers were rounds, and nobody had an account.
  "0027_rows": inSql(
    `CREATE TABLE IF NOT EXISTS row_appends (
      job_id text NOT NULL, seq integer NOT NULL, body blob NOT NULL,
      CONSTRAINT row_appends_primary_key PRIMARY KEY (job_id, seq)
    )`,
    `CREATE TABLE IF NOT EXISTS row_blocks (
      job_id text NOT NULL, block_id integer NOT NULL, facts_json text NOT NULL, places blob,
      CONSTRAINT row_blocks_primary_key PRIMARY KEY (job_id, block_id)
    )`,
    `CREATE TABLE IF NOT EXISTS accounts (
      account_key text NOT NULL, epoch integer NOT NULL, answer_bound double precision NOT NULL,
      places double precision NOT NULL, route_one double precision NOT NULL,
      charged double precision NOT NULL, held double precision NOT NULL,
      CONSTRAINT accounts_primary_key PRIMARY KEY (account_key, epoch)
    )`,
  ),
  "0028_seats": inSql(
    `CREATE TABLE IF NOT EXISTS seat_sheets (
      sheet_id text NOT NULL PRIMARY KEY, name text NOT NULL, prefix text, believed integer NOT NULL,
      since_ms double precision NOT NULL, until_ms double precision NOT NULL, watch_key text NOT NULL
    )`,
    `CREATE TABLE IF NOT EXISTS seats (
      sheet_id text NOT NULL, number integer NOT NULL, code text NOT NULL UNIQUE,
      volunteer_id text, taken_ms double precision, revoked_ms double precision,
      CONSTRAINT seats_primary_key PRIMARY KEY (sheet_id, number)
    )`,
  ),
};

function inSql(...statements: readonly string[]): Migration {
  return {
    async up(database) {
      for (const statement of statements) await sql.raw(statement).execute(database);
    },
  };
}
