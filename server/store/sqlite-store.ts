/**
 * The embedded store: one SQLite file (WAL, synchronous=FULL: a transaction that has returned survives a power cut) and
 * blobs as files beside it.
 */
import { randomInt } from "node:crypto";
import { accessSync, closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { CamelCasePlugin, Kysely, SqliteDialect, sql } from "kysely";
import { loopTurns } from "../loop-turns.ts";
import { attempt } from "./attempt.ts";
import { BlobFiles } from "./blob-files.ts";
import { sqliteIdsIn } from "./job-list.ts";
import { migrate } from "./migrate.ts";
import { SqlStore } from "./sql-store.ts";
import { StoreError } from "./store.ts";
import type { Life } from "./submitter-store.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";

export const DATABASE_NAME = "paritab.sqlite";

/** What writes is of few kinds, and comes again and again: its statements are prepared once. */
const WRITES = /^(begin|commit|insert) /;
const STATEMENTS_KEPT_MAX = 64;

/**
 * @param dataDirectory made where it is missing; one coordinator at a time holds it
 * @throws StoreError where it is held, cannot be written, or comes from a newer version
 */
export async function openSqliteStore(dataDirectory: string): Promise<SqliteStore> {
  return attempt(`open ${dataDirectory}`, async () => {
    makeWritable(dataDirectory);
    const sqlite = openDatabase(join(dataDirectory, DATABASE_NAME));
    const dialect = new SqliteDialect({ database: preparingOnce(sqlite) });
    const database = new Kysely<Tables>({ dialect, plugins: [new CamelCasePlugin()] });
    try {
      await migrate(database);
      return new SqliteStore(database, sqlite, await BlobFiles.open(join(dataDirectory, "blobs")));
    } catch (error) {
      await database.destroy();
      throw error;
    }
  });
}

function preparingOnce(sqlite: SqliteDatabase.Database): ConstructorParameters<typeof SqliteDialect>[0]["database"] {
  const kept = new Map<string, SqliteDatabase.Statement<unknown[]>>();
  return {
    close: () => void sqlite.close(),
    prepare(sql) {
      // A full disk has SQLite roll back by itself; a second time would be an error of its own, in the place of the first cause.
      if (sql === "rollback" && !sqlite.inTransaction) return sqlite.prepare<unknown[]>("SELECT 0");
      const statement = kept.get(sql) ?? sqlite.prepare<unknown[]>(sql);
      if (kept.size < STATEMENTS_KEPT_MAX && WRITES.test(`${sql} `)) kept.set(sql, statement);
      return statement;
    },
  };
}

/** @throws what the file system says of a directory that cannot be written, which mkdir and SQLite put less clearly */
export function makeWritable(directory: string): void {
  let made: string | undefined;
  try {
    made = mkdirSync(directory, { recursive: true });
  } catch (error) {
    accessSync(dirname(directory), constants.W_OK);
    throw error;
  }
  accessSync(directory, constants.W_OK);
  // A new directory survives a power cut once the one that it is in has been synced.
  for (let path = directory; made !== undefined && path.length >= made.length; path = dirname(path)) {
    const parent = openSync(dirname(path), "r");
    fsyncSync(parent);
    closeSync(parent);
  }
}

/** Does a coordinator, or another program, work on it? A directory without that file is held by nobody. */
export function isHeld(directory: string, name: string): boolean {
  const path = join(directory, name);
  if (!existsSync(path)) return false;
  try {
    openDatabase(path).close();
    return false;
  } catch (error) {
    if (error instanceof StoreError && error.cause instanceof SqliteDatabase.SqliteError) return true;
    throw error;
  }
}

/** @throws StoreError where another process has it open */
export function openDatabase(path: string): SqliteDatabase.Database {
  const sqlite = new SqliteDatabase(path, { timeout: 1_000 });
  try {
    // Before WAL is entered: a second coordinator on the same directory fails here, and the kernel frees the lock
    // when this process dies, however it dies.
    sqlite.pragma("locking_mode = EXCLUSIVE");
    const mode = sqlite.pragma("journal_mode = WAL", { simple: true });
    if (mode !== "wal") throw new StoreError(`${path}: expected journal mode wal, got ${mode}`);
    sqlite.pragma("synchronous = FULL");
    // Takes the lock now rather than at the first write.
    sqlite.exec("BEGIN EXCLUSIVE; COMMIT");
  } catch (error) {
    sqlite.close();
    if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") {
      throw new StoreError(`${path} is in use by another coordinator`, { cause: error });
    }
    throw error;
  }
  return sqlite;
}

/**
 * Transactions in the order of the calls, each begun in a turn of the event loop that has room left. SQLite answers at once: many that
 * wait for each other, and what follows from each, would be one turn.
 */
class OneByOne {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(transaction: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => loopTurns.room()).then(transaction);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Resolves when those that were asked for so far are done. */
  async settled(): Promise<void> {
    await this.#last;
  }
}

/** Transactions go one after the other, and what an earlier life reserved is nobody's. */
function lifeAlone(): Life {
  const epoch = randomInt(2 ** 47);
  return { epoch, lives: sql`epoch = ${epoch}`, inTurn: async () => {} };
}

export class SqliteStore extends SqlStore {
  readonly databaseFile = DATABASE_NAME;
  readonly #sqlite: SqliteDatabase.Database;
  readonly #writes: OneByOne;

  constructor(database: Kysely<Tables>, sqlite: SqliteDatabase.Database, blobs: BlobFiles) {
    const writes = new OneByOne();
    const transact: Transact = (act) => writes.run(() => database.transaction().execute(act));
    super({ database, transact, idsIn: sqliteIdsIn, life: lifeAlone() }, blobs);
    this.#sqlite = sqlite;
    this.#writes = writes;
  }

  override async close(): Promise<void> {
    await this.#writes.settled();
    await super.close();
  }

  async copyDatabase(path: string): Promise<void> {
    await attempt("copy the database", () => this.#sqlite.backup(path));
  }

  async databaseBytes(): Promise<number> {
    return (
      Number(this.#sqlite.pragma("page_count", { simple: true })) *
      Number(this.#sqlite.pragma("page_size", { simple: true }))
    );
  }
}
