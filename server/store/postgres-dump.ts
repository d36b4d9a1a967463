/** A PostgreSQL database as one file, and back again: by the server's own programs, where they are installed. */
import { spawn } from "node:child_process";
import pg from "pg";
import { DUMP_MS_MAX } from "../../shared/protocol/limits.ts";
import { databasePlace, postgresProblem } from "./postgres-problem.ts";
import { DumpError } from "./store.ts";

const CONNECT_MS_MAX = 5_000;

/** The part that is kept of a program's last words. */
const SAID_CHARACTERS_MAX = 2_000;
/** Parameters that the pg package alone understands. */
const NOT_FOR_LIBPQ = ["ssl", "uselibpqcompat", "password"];
const FORMAT = ["--format=custom", "--no-owner", "--no-privileges"];

export const INSTALL_CLIENT =
  "install PostgreSQL's client programs, of the server's version or newer (Debian: postgresql-client)";

/**
 * @param url postgres://user:password@host:port/database
 * @returns what arguments may show to everybody on the machine, and the password beside it
 * @example libpqAddress("postgres://ada:se%20cret@db:5432/paritab").address // "postgres://ada@db:5432/paritab"
 */
export function libpqAddress(url: string): {
  readonly address: string;
  readonly secret: Readonly<Record<string, string>>;
} {
  const parsed = new URL(url);
  const password = decodeURIComponent(parsed.password) || parsed.searchParams.get("password");
  parsed.password = "";
  for (const name of NOT_FOR_LIBPQ) parsed.searchParams.delete(name);
  return { address: parsed.href, secret: password ? { PGPASSWORD: password } : {} };
}

/**
 * As of one moment; whoever works on the database works on meanwhile.
 * @param path of a new file
 * @throws DumpError where pg_dump is missing, too old for the server, or fails
 */
export function dumpDatabase(url: string, path: string, signal: AbortSignal): Promise<void> {
  return run("pg_dump", [...FORMAT, `--file=${path}`], url, signal);
}

/**
 * Into an empty database, all of it or nothing.
 * @throws DumpError where the database is not empty, or pg_restore is missing or fails
 */
export async function restoreDump(url: string, path: string): Promise<void> {
  const tables = await asked(url, TABLES);
  if (tables > 0) {
    const place = databasePlace(url);
    const remedy = "make another one with createdb, and set PARITAB_DATABASE_URL to it";
    throw new DumpError(`${place}: expected an empty database, got one with ${tables} tables: ${remedy}`);
  }
  const whole = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"];
  await run("pg_restore", [...whole, path], url, AbortSignal.timeout(DUMP_MS_MAX));
  // Cells that were at work when the backup was made are gone: nobody waits for their leases.
  await asked(url, "WITH over AS (DELETE FROM cells RETURNING 1) SELECT count(*)::int AS n FROM over");
}

/** Tables of all schemas but PostgreSQL's own. */
const TABLES = "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";

/** @returns the number n of the one row that answers */
async function asked(url: string, statement: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS_MAX });
  client.on("error", () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ n: number }>(statement);
    return rows[0]!.n;
  } catch (error) {
    throw new DumpError(postgresProblem(error, url), { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}

/** @returns as it says itself, as `pg_dump (PostgreSQL) 15.7`; null: it is not installed */
export async function dumpProgram(): Promise<string | null> {
  const { code, out } = await ended("pg_dump", ["--version"], {}, AbortSignal.timeout(DUMP_MS_MAX)).catch(() => ({
    code: null,
    out: "",
  }));
  return code === 0 ? out.trim() : null;
}

async function run(program: string, args: readonly string[], url: string, signal: AbortSignal): Promise<void> {
  const { address, secret } = libpqAddress(url);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DUMP_MS_MAX)]);
  const { code, said } = await ended(program, [...args, "--no-password", `--dbname=${address}`], secret, limit).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT")
        throw new DumpError(`expected the program ${program}, got none: ${INSTALL_CLIENT}`, { cause: error });
      throw error;
    },
  );
  if (code === 0) return;
  const why = limit.aborted ? "it was ended" : said.trim().slice(-SAID_CHARACTERS_MAX);
  const remedy = said.includes("version mismatch") ? `; ${INSTALL_CLIENT}` : "";
  throw new DumpError(`${program} of ${databasePlace(url)} failed: ${why}${remedy}`);
}

/** @returns its exit code (null: it was ended), and what it wrote */
function ended(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly code: number | null; readonly out: string; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = () => void child.kill();
    if (signal.aborted) end();
    signal.addEventListener("abort", end, { once: true });
    let [out, said] = ["", ""];
    child.stdout.on("data", (piece) => {
      out = `${out}${piece}`.slice(-SAID_CHARACTERS_MAX);
    });
    child.stderr.on("data", (piece) => {
      said = `${said}${piece}`.slice(-SAID_CHARACTERS_MAX);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      signal.removeEventListener("abort", end);
      resolve({ code, out, said });
    });
  });
}
