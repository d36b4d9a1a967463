/** The list of jobs out of the store: a page of rows, found by their states and names alone. */
import { type Kysely, type SqlBool, sql } from "kysely";
import type { ListedJob, StoredJobQuery } from "./store.ts";
import type { Tables } from "./tables.ts";

// Of the kind's own JSON: every submission has these two.
const NAME = sql<string>`json_extract(data_json, '$.submission.name')`;
const SUBMITTER = sql<string>`json_extract(data_json, '$.submission.submitter')`;

export async function jobList(
  database: Kysely<Tables>,
  { states, search, among, offset, limit }: StoredJobQuery,
): Promise<{ matching: number; jobs: ListedJob[] }> {
  let found = database.selectFrom("jobs").where("state", "in", [...states]);
  if (among !== null) {
    // As one value, for a statement takes only so many.
    const ids = JSON.stringify(among);
    found = found.where(sql<SqlBool>`job_id IN (SELECT value FROM json_each(${ids}))`);
  }
  if (search !== "") {
    const has = (text: typeof NAME) => sql<SqlBool>`instr(lower(${text}), lower(${search})) > 0`;
    const begins = sql<SqlBool>`substr(job_id, 1, length(${search})) = ${search}`;
    found = found.where(({ or }) => or([has(NAME), has(SUBMITTER), begins]));
  }
  const { matching } = await found.select(({ fn }) => fn.countAll<number>().as("matching")).executeTakeFirstOrThrow();
  const jobs = await found
    .select(["jobId", "kind", "state", "submittedMs", "finishedMs", NAME.as("name"), SUBMITTER.as("submitter")])
    .orderBy("submittedMs", "desc")
    .orderBy("jobId")
    .limit(limit)
    .offset(offset)
    .execute();
  return { matching, jobs };
}
