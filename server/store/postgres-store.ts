/** The store on a PostgreSQL server, with blobs as files in the data directory: for a service of more than one machine. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { CamelCasePlugin, Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { attempt } from "./attempt.ts";
import { BlobFiles } from "./blob-files.ts";
import { postgresIdsIn } from "./job-list.ts";
import { migrate } from "./migrate.ts";
import { postgresProblem, versionProblem } from "./postgres-problem.ts";
import { COLUMN_TYPES, LADDER_IN_POSTGRES, pooled } from "./postgres-words.ts";
import { SqlStore } from "./sql-store.ts";
import { StoreError } from "./store.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";

/** Writes go one after the other; reads go beside them. */
const CONNECTIONS_MAX = 4;
const CONNECT_MS_MAX = 5_000;
/** A server that does not answer is a store that refuses: what was done stays in line and is written later. */
const QUERY_MS_MAX = 30_000;
/** Of a process that was paused in the middle of a transaction: it holds locks no longer than this. */
const IDLE_IN_TRANSACTION_MS_MAX = 10_000;

/**
 * @param url postgres://user:password@host:port/database
 * @param dataDirectory of the blobs; made where it is missing
 * @throws StoreError where the server cannot be reached, is too old, or the database is of a newer version
 */
export async function openPostgresStore(url: string, dataDirectory: string): Promise<PostgresStore> {
  const pool = openPool(url);
  const dialect = new PostgresDialect({ pool: pooled(pool) });
  const database = new Kysely<Tables>({ dialect, plugins: [new CamelCasePlugin()] });
  try {
    await requireServer(pool, url);
    await attempt("upgrade the database", () => migrate(database, [LADDER_IN_POSTGRES]));
    const blobs = join(dataDirectory, "blobs");
    await attempt(`open ${dataDirectory}`, () => mkdir(dataDirectory, { recursive: true }));
    return new PostgresStore(database, await BlobFiles.open(blobs));
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

function openPool(url: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    query_timeout: QUERY_MS_MAX,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
    application_name: "paritab",
    keepAlive: true,
    types: COLUMN_TYPES,
  });
  // A connection that ends while nobody uses it: the next query takes another one, and says what is wrong.
  pool.on("error", () => {});
  return pool;
}

async function requireServer(pool: pg.Pool, url: string): Promise<void> {
  let problem: string | null;
  try {
    problem = await versionProblem(pool);
  } catch (error) {
    throw new StoreError(postgresProblem(error, url), { cause: error });
  }
  if (problem !== null) throw new StoreError(problem);
}

export class PostgresStore extends SqlStore {
  readonly #database: Kysely<Tables>;

  constructor(database: Kysely<Tables>, blobs: BlobFiles) {
    super({ database, transact: inOrder(database), idsIn: postgresIdsIn }, blobs);
    this.#database = database;
  }

  async databaseBytes(): Promise<number> {
    const { rows } = await attempt("weigh the database", () =>
      sql<{ bytes: number }>`SELECT pg_database_size(current_database()) AS bytes`.execute(this.#database),
    );
    return rows[0]!.bytes;
  }
}

/** Connections of a pool know no order among each other. */
function inOrder(database: Kysely<Tables>): Transact {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const done = last.then(() => database.transaction().execute(act));
    last = done.catch(() => {});
    return done;
  };
}
