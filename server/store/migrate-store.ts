/** Moves what an embedded database holds into an empty one on a PostgreSQL server: all rows of all tables in one transaction, or none. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { CamelCasePlugin, Kysely, SqliteDialect } from "kysely";
import { attempt } from "./attempt.ts";
import { migrate } from "./migrate.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { DATABASE_NAME, openDatabase } from "./sqlite-store.ts";
import { StoreError } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Tables of several coordinators, and of one that runs, have nothing to move. */
export const MOVED_TABLES = [
  "jobs",
  "wholes",
  "checkpoints",
  "checkpointArrays",
  "rounds",
  "pieces",
  "rowAppends",
  "rowBlocks",
  "accounts",
  "volunteers",
  "crowd",
  "contributions",
  "accessTokens",
  "jobOwners",
  "uploads",
  "bans",
  "seatSheets",
  "seats",
  "intake",
  "receiptStatements",
  "receiptKeys",
] as const satisfies readonly (keyof Tables)[];

type Row = Readonly<Record<string, unknown>>;

/** Of one statement. */
const BATCH_ROWS = 200;
const BATCH_BYTES = 8 * 1024 * 1024;

export interface MovedTable {
  readonly table: string;
  readonly rows: number;
}

/**
 * The embedded database is brought up to this version first; its file stays where it is.
 * @param dataDirectory of a coordinator that does not run
 * @throws StoreError where it runs, where there is nothing to move, or where the other database is not empty
 */
export async function moveStore(dataDirectory: string, url: string): Promise<MovedTable[]> {
  const path = join(dataDirectory, DATABASE_NAME);
  if (!existsSync(path)) throw new StoreError(`there is nothing to move: expected ${path}; set PARITAB_DATA_DIR`);
  const from = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: openDatabase(path) }),
    plugins: [new CamelCasePlugin()],
  });
  try {
    await migrate(from);
    const to = await openPostgresStore(url, dataDirectory);
    try {
      return await attempt("move the database", () => to.fill((database) => moveAll(from, database)));
    } finally {
      await to.close();
    }
  } finally {
    await from.destroy();
  }
}

async function moveAll(from: Kysely<Tables>, to: Kysely<Tables>): Promise<MovedTable[]> {
  for (const table of MOVED_TABLES) {
    const rows = await countOf(to, table);
    if (rows > 0) {
      throw new StoreError(
        `expected an empty database, got ${rows} rows in its table ${table}: make another one with createdb`,
      );
    }
  }
  const moved: MovedTable[] = [];
  for (const table of MOVED_TABLES) {
    await moveTable(from, to, table);
    const [rows, wanted] = [await countOf(to, table), await countOf(from, table)];
    if (rows !== wanted) throw new StoreError(`table ${table}: expected ${wanted} rows, got ${rows}; nothing was kept`);
    moved.push({ table, rows });
  }
  return moved;
}

async function moveTable(from: Kysely<Tables>, to: Kysely<Tables>, table: keyof Tables): Promise<void> {
  let batch: Row[] = [];
  let bytes = 0;
  const write = async () => {
    if (batch.length > 0) await anyTable(to).insertInto(table).values(batch).execute();
    [batch, bytes] = [[], 0];
  };
  for await (const row of anyTable(from).selectFrom(table).selectAll().stream()) {
    batch.push(row);
    bytes += bytesOf(row);
    if (batch.length >= BATCH_ROWS || bytes >= BATCH_BYTES) await write();
  }
  await write();
}

async function countOf(database: Kysely<Tables>, table: keyof Tables): Promise<number> {
  const { n } = await anyTable(database)
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as("n"))
    .executeTakeFirstOrThrow();
  return n;
}

/** Kysely's types know one table at a time. */
function anyTable(database: Kysely<Tables>): Kysely<Record<string, Record<string, unknown>>> {
  return database as unknown as Kysely<Record<string, Record<string, unknown>>>;
}

function bytesOf(row: Row): number {
  return Object.values(row).reduce<number>(
    (bytes, value) => bytes + (typeof value === "string" || value instanceof Uint8Array ? value.length : 8),
    0,
  );
}
