/** Released migrations are made of this: what it does never changes. */
import type { Kysely, Migration } from "kysely";

/** Since 0009 what a kind knows of a job is JSON. */
interface JobTable {
  jobs: { job_id: string; kind: string; facts_json: string };
}

/** Jobs of a kind that were there before have these facts too. */
export function jobFactsAdded(kind: string, added: object): Migration {
  return {
    async up(database: Kysely<JobTable>) {
      const jobs = await database
        .selectFrom("jobs")
        .select(["job_id", "facts_json"])
        .where("kind", "=", kind)
        .execute();
      for (const { job_id, facts_json } of jobs) {
        const facts = { ...JSON.parse(facts_json), ...added };
        await database
          .updateTable("jobs")
          .set({ facts_json: JSON.stringify(facts) })
          .where("job_id", "=", job_id)
          .execute();
      }
    },
  };
}
