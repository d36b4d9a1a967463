/** From the version before cross-checks: inference jobs that exist end under the audits that they began with. */
import type { Kysely, Migration } from "kysely";

/** As 0010 left them. */
interface OldTables {
  jobs: { job_id: string; kind: string; facts_json: string };
}

export const CROSS_CHECKS_MIGRATION: Migration = {
  async up(database: Kysely<OldTables>) {
    const jobs = await database
      .selectFrom("jobs")
      .select(["job_id", "facts_json"])
      .where("kind", "=", "inference")
      .execute();
    for (const { job_id, facts_json } of jobs) {
      const facts = { ...JSON.parse(facts_json), crossChecks: null };
      await database
        .updateTable("jobs")
        .set({ facts_json: JSON.stringify(facts) })
        .where("job_id", "=", job_id)
        .execute();
    }
  },
};
