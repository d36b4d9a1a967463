/** How a job ended has columns of its own, as its names have: a list shows it, and reads no kind's JSON. */
import type { Kysely, Migration } from "kysely";
import type { CodedEndKind } from "../../shared/coded/run-view.ts";
import { whyEnded } from "../../shared/kinds/why-ended.ts";
import { columnAdded } from "./column-added.ts";

export interface ListedEnd {
  /** null: it has not ended, or its kind has no ends but its states. */
  readonly endKind: CodedEndKind | null;
  readonly whyEnded: string | null;
}

/** @param facts of a job's record */
export function jobEndOf(facts: Readonly<Record<string, unknown>>): ListedEnd {
  const { error = null, endKind = null, endReason = null } = facts as Partial<Parameters<typeof whyEnded>[0]>;
  return { endKind: endKind as CodedEndKind | null, whyEnded: whyEnded({ error, endKind, endReason }) };
}

interface JobTable {
  jobs: {
    job_id: string;
    facts_json: string;
    finished_ms: number | null;
    end_kind: string | null;
    why_ended: string | null;
  };
}

export const JOB_ENDS_MIGRATION: Migration = {
  async up(database: Kysely<JobTable>) {
    if (database.isTransaction) return addEnds(database);
    await database.transaction().execute(addEnds);
  },
};

async function addEnds(database: Kysely<JobTable>): Promise<void> {
  for (const column of ["end_kind", "why_ended"]) await columnAdded("jobs", column, "text").up(database);
  const ended = database.selectFrom("jobs").select("job_id").where("finished_ms", "is not", null);
  for (const { job_id } of await ended.execute()) {
    // One at a time: the facts of a long regression are large.
    const job = database.selectFrom("jobs").select("facts_json").where("job_id", "=", job_id);
    const { endKind, whyEnded } = jobEndOf(JSON.parse((await job.executeTakeFirstOrThrow()).facts_json));
    if (endKind === null && whyEnded === null) continue;
    await database
      .updateTable("jobs")
      .set({ end_kind: endKind, why_ended: whyEnded })
      .where("job_id", "=", job_id)
      .execute();
  }
}
