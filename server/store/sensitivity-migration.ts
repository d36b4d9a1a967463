/** From the version before models were tried for what they make of rounding: inference jobs say that it was not measured. */
import type { Kysely, Migration } from "kysely";

/** As 0009 left them. */
interface OldTables {
  jobs: { job_id: string; kind: string; facts_json: string };
}

export const SENSITIVITY_MIGRATION: Migration = {
  async up(database: Kysely<OldTables>) {
    const jobs = await database
      .selectFrom("jobs")
      .select(["job_id", "facts_json"])
      .where("kind", "=", "inference")
      .execute();
    for (const { job_id, facts_json } of jobs) {
      const facts = { ...JSON.parse(facts_json), sensitivity: null, unchecked: null, suspended: null };
      await database
        .updateTable("jobs")
        .set({ facts_json: JSON.stringify(facts) })
        .where("job_id", "=", job_id)
        .execute();
    }
  },
};
