/** The list of jobs out of the store: a page of rows, found by their states and names alone. */
import { type Kysely, type RawBuilder, type SqlBool, sql } from "kysely";
import type { ListedJob, StoredJobQuery } from "./store.ts";
import type { Tables } from "./tables.ts";

const COLUMNS = [
  ...(["jobId", "kind", "state", "submittedMs", "finishedMs", "name", "submitter"] as const),
  ...(["endKind", "whyEnded"] as const),
] as const;
type Listed = Pick<Tables["jobs"], (typeof COLUMNS)[number]>;

/** [CE12] Jobs in one piece as they are; of one in parts its row, in the state that its parts make (wholeState says the same of records). */
const LISTED: RawBuilder<Listed> = sql`(
  SELECT job_id, kind, state, submitted_ms, finished_ms, name, submitter, end_kind, why_ended FROM jobs WHERE whole_id = ''
  UNION ALL
  SELECT wholes.whole_id AS job_id, wholes.kind,
    CASE WHEN min(jobs.state) = max(jobs.state) THEN min(jobs.state)
      WHEN count(jobs.finished_ms) < count(*) THEN 'running'
      WHEN max(CASE WHEN jobs.state = 'failed' THEN 1 ELSE 0 END) = 1 THEN 'failed'
      ELSE 'cancelled' END AS state,
    wholes.submitted_ms, CASE WHEN count(jobs.finished_ms) < count(*) THEN NULL ELSE max(jobs.finished_ms) END AS finished_ms,
    wholes.name, wholes.submitter, NULL AS end_kind, NULL AS why_ended
  FROM wholes JOIN jobs ON jobs.whole_id = wholes.whole_id
  GROUP BY wholes.whole_id, wholes.kind, wholes.submitted_ms, wholes.name, wholes.submitter
)`;

/** Is the job one of these? The ids come as one value, a JSON array, for a statement takes only so many. */
export type IdsIn = (ids: string) => RawBuilder<SqlBool>;

export const sqliteIdsIn: IdsIn = (ids) => sql<SqlBool>`job_id IN (SELECT value FROM json_each(${ids}))`;
export const postgresIdsIn: IdsIn = (ids) => sql<SqlBool>`job_id IN (SELECT json_array_elements_text(${ids}::json))`;

export async function jobList(
  database: Kysely<Tables>,
  { states, search, among, offset, limit }: StoredJobQuery,
  idsIn: IdsIn,
): Promise<{ matching: number; jobs: ListedJob[] }> {
  let found = database
    .with("listed", () => LISTED)
    .selectFrom("listed")
    .where("state", "in", [...states]);
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
    .select(COLUMNS)
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
