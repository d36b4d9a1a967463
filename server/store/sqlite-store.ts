/**
 * The embedded store: one SQLite file (WAL, synchronous=FULL: a transaction that has returned survives a power cut) and
 * blobs as files beside it.
 */
import { accessSync, closeSync, constants, existsSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { CamelCasePlugin, Kysely, Migrator, SqliteDialect } from "kysely";
import { attempt, messageOf } from "./attempt.ts";
import { BlobFiles } from "./blob-files.ts";
import { blobReferences } from "./blob-references.ts";
import { jobList } from "./job-list.ts";
import { MIGRATIONS } from "./migrations.ts";
import { arraysToRows, checkpointFromRows, jobRows, pieceRows, roundRows, volunteerRows } from "./rows.ts";
import { SqliteReceipts } from "./sqlite-receipts.ts";
import {
  type BlobFile,
  type CheckpointRecord,
  type JobRecord,
  type ListedJob,
  type Store,
  type StoredContribution,
  type StoredCrowd,
  type StoredJobQuery,
  type StoredPiece,
  type StoredRound,
  type StoredVolunteer,
  StoreError,
  type StoreRecord,
} from "./store.ts";
import { SubmitterStore } from "./submitter-store.ts";
import type { Tables } from "./tables.ts";
import { upsert, type Write } from "./upsert.ts";

export const DATABASE_NAME = "paritab.sqlite";

/**
 * @param dataDirectory made where it is missing; one coordinator at a time holds it
 * @throws StoreError where it is held, cannot be written, or comes from a newer version
 */
export async function openSqliteStore(dataDirectory: string): Promise<SqliteStore> {
  return attempt(`open ${dataDirectory}`, async () => {
    makeWritable(dataDirectory);
    const sqlite = openDatabase(join(dataDirectory, DATABASE_NAME));
    const dialect = new SqliteDialect({ database: sqlite });
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

/** @throws what the file system says of a directory that cannot be written, which mkdir and SQLite put less clearly */
function makeWritable(directory: string): void {
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

/** Does a coordinator, or another program, work on it? A directory without a database is held by nobody. */
export function isHeld(dataDirectory: string): boolean {
  const path = join(dataDirectory, DATABASE_NAME);
  if (!existsSync(path)) return false;
  try {
    openDatabase(path).close();
    return false;
  } catch (error) {
    if (error instanceof StoreError && error.cause instanceof SqliteDatabase.SqliteError) return true;
    throw error;
  }
}

function openDatabase(path: string): SqliteDatabase.Database {
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

async function migrate(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database.withoutPlugins(),
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new StoreError(`migration failed (a database of a newer version?): ${messageOf(error)}`, { cause: error });
  }
}

export class SqliteStore implements Store {
  readonly submitters: SubmitterStore;
  readonly receipts: SqliteReceipts;
  readonly #database: Kysely<Tables>;
  readonly #sqlite: SqliteDatabase.Database;
  readonly #blobs: BlobFiles;

  constructor(database: Kysely<Tables>, sqlite: SqliteDatabase.Database, blobs: BlobFiles) {
    this.#database = database;
    this.#sqlite = sqlite;
    this.#blobs = blobs;
    this.submitters = new SubmitterStore(database);
    this.receipts = new SqliteReceipts(database);
  }

  async apply(records: readonly StoreRecord[]): Promise<void> {
    if (records.length === 0) return;
    await attempt("write", async () => {
      const writes = records.map(writeOf); // before the first await
      await this.#database.transaction().execute(async (transaction) => {
        for (const write of writes) await write(transaction);
      });
    });
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    return attempt("write a blob", () => this.#blobs.put(bytes));
  }

  async putBlobStream(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const source = tellingItsErrors(chunks);
    try {
      return await attempt("write a blob", () => this.#blobs.putStream(source.chunks));
    } catch (error) {
      throw source.thrown() ?? error;
    }
  }

  async blobFile(sha256: string): Promise<BlobFile | null> {
    return attempt("look for a blob", () => this.#blobs.fileOf(sha256));
  }

  async blobBytes(sha256: string): Promise<number | null> {
    return attempt("look for a blob", () => this.#blobs.sizeOf(sha256));
  }

  async getBlob(sha256: string): Promise<Uint8Array | null> {
    return attempt("read a blob", () => this.#blobs.get(sha256));
  }

  async hasBlob(sha256: string): Promise<boolean> {
    return attempt("look for a blob", () => this.#blobs.has(sha256));
  }

  async collectBlobs(alsoKept: ReadonlySet<string>, endedBeforeMs: number): Promise<{ blobs: number; bytes: number }> {
    const referenced = new Set<string>();
    for (const job of await this.jobs()) addAll(referenced, blobReferences({ kind: "job", job }, endedBeforeMs));
    for (const { sha256 } of await this.receipts.filesBeside()) referenced.add(sha256);
    await this.#forgetPieces(endedBeforeMs);
    return attempt("collect blobs", () =>
      this.#blobs.collect((sha256) => referenced.has(sha256) || alsoKept.has(sha256)),
    );
  }

  async #forgetPieces(endedBeforeMs: number): Promise<void> {
    await attempt("forget queries of streams", () =>
      this.#database
        .deleteFrom("pieces")
        .where("jobId", "in", (pieces) =>
          pieces.selectFrom("jobs").select("jobId").where("finishedMs", "<", endedBeforeMs),
        )
        .execute(),
    );
  }

  async jobs(): Promise<JobRecord[]> {
    const rows = await attempt("read jobs", () =>
      this.#database.selectFrom("jobs").selectAll().orderBy("submittedMs").orderBy("jobId").execute(),
    );
    return rows.map(jobRows.fromRow);
  }

  async job(jobId: string): Promise<JobRecord | null> {
    const row = await attempt("read a job", () =>
      this.#database.selectFrom("jobs").selectAll().where("jobId", "=", jobId).executeTakeFirst(),
    );
    return row === undefined ? null : jobRows.fromRow(row);
  }

  async jobList(query: StoredJobQuery): Promise<{ matching: number; jobs: ListedJob[] }> {
    return attempt("list jobs", () => jobList(this.#database, query));
  }

  async deleteJob(jobId: string): Promise<void> {
    const ofRuns = ["checkpoints", "checkpointArrays"] as const;
    const tables = ["jobs", "rounds", "pieces", "contributions", "receiptStatements", ...ofRuns] as const;
    await attempt("delete a job", () =>
      this.#database.transaction().execute(async (transaction) => {
        for (const table of tables) await transaction.deleteFrom(table).where("jobId", "=", jobId).execute();
      }),
    );
  }

  async rounds(jobId: string): Promise<StoredRound[]> {
    const rows = await attempt("read rounds", () =>
      this.#database.selectFrom("rounds").selectAll().where("jobId", "=", jobId).orderBy("roundIndex").execute(),
    );
    return rows.map(roundRows.fromRow);
  }

  async pieces(jobId: string): Promise<StoredPiece[]> {
    const rows = await attempt("read queries of a stream", () =>
      this.#database.selectFrom("pieces").selectAll().where("jobId", "=", jobId).orderBy("firstQuery").execute(),
    );
    return rows.map(pieceRows.fromRow);
  }

  async crowd(): Promise<StoredCrowd | null> {
    const row = await attempt("read what was seen of the crowd", () =>
      this.#database.selectFrom("crowd").selectAll().executeTakeFirst(),
    );
    return row === undefined ? null : (JSON.parse(row.crowdJson) as StoredCrowd);
  }

  async volunteers(): Promise<StoredVolunteer[]> {
    const rows = await attempt("read volunteers", () =>
      this.#database.selectFrom("volunteers").selectAll().orderBy("volunteerId").execute(),
    );
    return rows.map(volunteerRows.fromRow);
  }

  async contributions(jobId: string): Promise<StoredContribution[]> {
    const rows = await attempt("read contributions", () =>
      this.#database
        .selectFrom("contributions")
        .selectAll()
        .where("jobId", "=", jobId)
        .orderBy("volunteerId")
        .execute(),
    );
    return rows.map(({ contributionJson }) => JSON.parse(contributionJson) as StoredContribution);
  }

  async checkpoint(jobId: string): Promise<CheckpointRecord | null> {
    const [row, arrays] = await attempt("read a checkpoint", () =>
      // Of one write, whatever is written meanwhile.
      this.#database
        .transaction()
        .execute(
          async (database) =>
            [
              await database.selectFrom("checkpoints").selectAll().where("jobId", "=", jobId).executeTakeFirst(),
              await database.selectFrom("checkpointArrays").selectAll().where("jobId", "=", jobId).execute(),
            ] as const,
        ),
    );
    return row === undefined ? null : checkpointFromRows(row, arrays);
  }

  /** Writes the database as of one moment into a new file, while writes go on. */
  async copyDatabase(path: string): Promise<void> {
    await attempt("copy the database", () => this.#sqlite.backup(path));
  }

  /** Of the database alone. */
  databaseBytes(): number {
    return (
      Number(this.#sqlite.pragma("page_count", { simple: true })) *
      Number(this.#sqlite.pragma("page_size", { simple: true }))
    );
  }

  async close(): Promise<void> {
    await this.#blobs.close();
    await this.#database.destroy();
  }
}

/** The row is made now: what is stored is what the record holds at this moment. */
/** What the sender of a blob throws is no failure of the store. */
function tellingItsErrors(chunks: AsyncIterable<Uint8Array>) {
  let thrown: unknown = null;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      thrown = error;
      throw error;
    }
  }
  return { chunks: watched(), thrown: () => thrown };
}

function writeOf(record: StoreRecord): Write {
  switch (record.kind) {
    case "job":
      return upsert("jobs", ["jobId"], jobRows.toRow(record.job));
    case "round":
      return upsert("rounds", ["jobId", "roundIndex"], roundRows.toRow(record.round));
    case "piece":
      return upsert("pieces", ["jobId", "firstQuery"], pieceRows.toRow(record.piece));
    case "volunteer":
      return upsert("volunteers", ["volunteerId"], volunteerRows.toRow(record.volunteer));
    case "crowd":
      return upsert("crowd", ["place"], { place: 0, crowdJson: JSON.stringify(record.crowd) });
    case "contribution": {
      const { jobId, volunteerId } = record.contribution;
      const contributionJson = JSON.stringify(record.contribution);
      return upsert("contributions", ["jobId", "volunteerId"], { jobId, volunteerId, contributionJson });
    }
    case "checkpoint": {
      const { jobId, facts } = record.checkpoint;
      const write = upsert("checkpoints", ["jobId"], { jobId, factsJson: JSON.stringify(facts) });
      const arrays = arraysToRows(record.checkpoint);
      return async (database) => {
        await write(database);
        await database.deleteFrom("checkpointArrays").where("jobId", "=", jobId).execute();
        for (const array of arrays) await database.insertInto("checkpointArrays").values(array).execute();
      };
    }
  }
}

function addAll<T>(set: Set<T>, items: Iterable<T>): void {
  for (const item of items) set.add(item);
}
