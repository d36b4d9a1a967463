/** The database on a PostgreSQL server: is it there, recent enough, and may we work in it? Read without changing it. */
import pg from "pg";
import { databasePlace, postgresProblem, versionProblem } from "../store/postgres-problem.ts";
import { type Finding, failed, ok, warn } from "./doctor-report.ts";

const ASK_MS_MAX = 5_000;
/** What a table must allow. */
const RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE"];
/** A round trip of a write; a transaction has several. */
const ROUND_TRIP_MS_MAX = 20;

export async function checkPostgres(url: string): Promise<Finding[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ASK_MS_MAX,
    query_timeout: ASK_MS_MAX,
    application_name: "paritab doctor",
  });
  // What ends the connection is said by the query that meets it.
  client.on("error", () => {});
  try {
    await client.connect();
    const problem = await versionProblem(client);
    if (problem !== null) return [failed("store", problem)];
    return [await rightsFinding(client, url), await distanceFinding(client)];
  } catch (error) {
    return [failed("store", postgresProblem(error, url))];
  } finally {
    await client.end().catch(() => {});
  }
}

async function rightsFinding(client: pg.Client, url: string): Promise<Finding> {
  const { rows: tables } = await client.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
  );
  const isNew = !tables.some(({ name }) => name === "kysely_migration");
  const { rows: may } = await client.query<{ create: boolean | null }>(
    `SELECT has_schema_privilege(current_schema(), 'CREATE') AS "create"`,
  );
  const grant = `make the user of ${databasePlace(url)} the owner of the database, or GRANT USAGE, CREATE ON SCHEMA public to it`;
  if (may[0]?.create !== true) {
    return isNew
      ? failed("store", `the database is empty, and tables may not be made in it: ${grant}`)
      : warn("store", `tables may not be made: this version works, an upgrade will not; ${grant}`);
  }
  if (isNew) return ok("store", `none yet: tables are made at ${databasePlace(url)} at the first start`);
  const lacking = await lackingRights(client);
  if (lacking.length > 0) {
    return failed("store", `expected ${RIGHTS.join(", ")} on every table, lacking on ${lacking.join(", ")}: ${grant}`);
  }
  const count = async (table: string) =>
    Number((await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]!.n);
  return ok("store", `at ${databasePlace(url)}: ${await count("jobs")} jobs, ${await count("volunteers")} volunteers`);
}

/** Tables on which one of the rights is missing. */
async function lackingRights(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()
     AND EXISTS (SELECT 1 FROM unnest($1::text[]) AS wanted WHERE NOT has_table_privilege(quote_ident(tablename), wanted))`,
    [RIGHTS],
  );
  return rows.map(({ name }) => name);
}

async function distanceFinding(client: pg.Client): Promise<Finding> {
  const startMs = performance.now();
  await client.query("SELECT 1");
  const ms = performance.now() - startMs;
  const says = `a round trip to it takes ${ms.toFixed(1)} ms`;
  return ms <= ROUND_TRIP_MS_MAX
    ? ok("store distance", says)
    : warn("store distance", `${says}: every acknowledgement waits for several`);
}
