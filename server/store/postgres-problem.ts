/** What is wrong with a PostgreSQL server, in words that say what to do. A password is never among them. */
import type pg from "pg";

/** The least that the store is tested on. */
const POSTGRES_VERSION_MIN = 15;

/** user@host:port/database */
export function databasePlace(url: string): string {
  const { username, host, pathname } = new URL(url);
  return `${username === "" ? "" : `${username}@`}${host}${pathname}`;
}

/** @param error of connecting, or of anything that was asked @returns one sentence */
export function postgresProblem(error: unknown, url: string): string {
  const place = databasePlace(url);
  switch (codeOf(error)) {
    case "ECONNREFUSED":
    case "ENOENT":
      return `nothing listens at ${place}: start PostgreSQL there, or set PARITAB_DATABASE_URL`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host of ${place} is not known: look at PARITAB_DATABASE_URL and at DNS`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
      return `${place} does not answer: look at the network and at its firewall`;
    case "28P01":
    case "28000":
      return `PostgreSQL refuses ${place}: look at the user, the password and pg_hba.conf (${messageOf(error)})`;
    case "3D000":
      return `there is no such database at ${place}: make it with createdb`;
    case "42501":
      return `the user of ${place} lacks rights (${messageOf(error)}): make it the owner of the database, or GRANT USAGE, CREATE ON SCHEMA public`;
    case "57P03":
      return `PostgreSQL at ${place} is starting or stopping: try again in a moment`;
    case "53300":
      return `PostgreSQL at ${place} has no connection left: raise max_connections`;
    default:
      return `PostgreSQL at ${place}: ${messageOf(error)}`;
  }
}

/** @returns null: it is recent enough */
export async function versionProblem(client: Pick<pg.ClientBase, "query">): Promise<string | null> {
  const { rows } = await client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
  const major = Math.floor(Number(rows[0]!.version) / 10_000);
  return major >= POSTGRES_VERSION_MIN
    ? null
    : `expected PostgreSQL ${POSTGRES_VERSION_MIN} or newer, got ${major}: upgrade it`;
}

/** A name that leads to several addresses fails with the errors of all. */
function codeOf(error: unknown): unknown {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error ? error.code : null;
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
