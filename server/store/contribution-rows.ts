/** What each volunteer did for a job, and the columns that came with jobs of other kinds: rows, records, and their migration. */
import type { Kysely, Migration } from "kysely";
import type { StoredContribution } from "./store.ts";

export interface ContributionTables {
  contributions: ContributionRow;
}

/** The counts as JSON: nothing of them is looked for but by job and volunteer. */
export interface ContributionRow {
  job_id: string;
  volunteer_id: string;
  contribution_json: string;
}

export const CONTRIBUTION_MIGRATION: Migration = {
  async up(database: Kysely<ContributionTables>) {
    await database.schema
      .createTable("contributions")
      .addColumn("job_id", "text", (column) => column.notNull())
      .addColumn("volunteer_id", "text", (column) => column.notNull())
      .addColumn("contribution_json", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("contributions_primary_key", ["job_id", "volunteer_id"])
      .execute();
    await database.schema.alterTable("jobs").addColumn("parity_json", "text").execute();
    await database.schema.alterTable("jobs").addColumn("output_scale", "double precision").execute();
  },
};

export function contributionToRow(contribution: StoredContribution): ContributionRow {
  const { jobId, volunteerId } = contribution;
  return { job_id: jobId, volunteer_id: volunteerId, contribution_json: JSON.stringify(contribution) };
}

export function contributionFromRow(row: ContributionRow): StoredContribution {
  return JSON.parse(row.contribution_json) as StoredContribution;
}
