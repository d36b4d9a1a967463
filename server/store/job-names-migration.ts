/** What a job is found by has columns of its own: no engine has to read a kind's JSON. */
import type { Kysely, Migration } from "kysely";
import { columnAdded } from "./column-added.ts";

/** Every submission has these two. @param data of a job's record */
export function namesOf(data: Readonly<Record<string, unknown>>): { name: string; submitter: string } {
  const { name, submitter } = data.submission as { name: string; submitter: string };
  return { name, submitter };
}

interface JobTable {
  jobs: { job_id: string; data_json: string; name: string; submitter: string };
}

export const JOB_NAMES_MIGRATION: Migration = {
  async up(database: Kysely<JobTable>) {
    if (database.isTransaction) return addNames(database);
    await database.transaction().execute(addNames);
  },
};

async function addNames(database: Kysely<JobTable>): Promise<void> {
  for (const column of ["name", "submitter"])
    await columnAdded("jobs", column, "text DEFAULT '' NOT NULL").up(database);
  for (const { job_id, data_json } of await database.selectFrom("jobs").select(["job_id", "data_json"]).execute()) {
    await database
      .updateTable("jobs")
      .set(namesOf(JSON.parse(data_json)))
      .where("job_id", "=", job_id)
      .execute();
  }
}
