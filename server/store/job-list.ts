/** The list of jobs out of the store: a page of rows, found by their states and names alone. */
import { type Kysely, type RawBuilder, type SqlBool, sql } from "kysely";
import type { ListedJob, StoredJobQuery } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Is the job one of these? The ids come as one value, a JSON array, for a statement takes only so many. */
export type IdsIn = (ids: string) => RawBuilder<SqlBool>;

export const sqliteIdsIn: IdsIn = (ids) => sql<SqlBool>`job_id IN (SELECT value FROM json_each(${ids}))`;
export const postgresIdsIn: IdsIn = (ids) => sql<SqlBool>`job_id IN (SELECT json_array_elements_text(${ids}::json))`;

export async function jobList(
  database: Kysely<Tables>,
  { states, search, among, offset, limit }: StoredJobQuery,
  idsIn: IdsIn,
): Promise<{ matching: number; jobs: ListedJob[] }> {
  let found = database.selectFrom("jobs").where("state", "in", [...states]);
  if (among !== null) found = found.where(idsIn(JSON.stringify(among)));
  if (search !== "") {
    const pattern = `%${literally(search)}%`;
    const has = (column: "name" | "submitter") =>
      sql<SqlBool>`lower(${sql.ref(column)}) LIKE lower(${pattern}) ESCAPE '!'`;
    const begins = sql<SqlBool>`substr(job_id, 1, ${search.length}) = ${search}`;
    found = found.where(({ or }) => or([has("name"), has("submitter"), begins]));
  }
  const { matching } = await found.select(({ fn }) => fn.countAll<number>().as("matching")).executeTakeFirstOrThrow();
  const jobs = await found
    .select(["jobId", "kind", "state", "submittedMs", "finishedMs", "name", "submitter"])
    .orderBy("submittedMs", "desc")
    .orderBy("jobId")
    .limit(limit)
    .offset(offset)
    .execute();
  return { matching, jobs };
}

/** As a part of a LIKE pattern that stands for itself. */
function literally(text: string): string {
  return text.replaceAll(/[!%_]/g, "!$&");
}
