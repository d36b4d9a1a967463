/**
 * The embedded store: one SQLite file (WAL, synchronous=FULL: a transaction that has returned survives a power cut) and
 * blobs as files beside it.
 */
import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect } from "kysely";
import { attempt, messageOf } from "./attempt.ts";
import { BlobFiles } from "./blob-files.ts";
import { blobReferences } from "./blob-references.ts";
import { contributionFromRow, contributionToRow } from "./contribution-rows.ts";
import {
  arraysToRows,
  checkpointFromRows,
  jobFromRow,
  jobToRow,
  pieceFromRow,
  pieceToRow,
  roundFromRow,
  roundToRow,
  volunteerFromRow,
  volunteerToRow,
} from "./rows.ts";
import {
  type CheckpointRecord,
  type JobRecord,
  type Store,
  type StoredContribution,
  type StoredPiece,
  type StoredRound,
  type StoredVolunteer,
  StoreError,
  type StoreRecord,
} from "./store.ts";
import { SubmitterStore } from "./submitter-store.ts";
import { MIGRATIONS, type Tables } from "./tables.ts";

/**
 * @param dataDirectory made where it is missing; one coordinator at a time holds it
 * @throws StoreError where it is held, cannot be written, or comes from a newer version
 */
export async function openSqliteStore(dataDirectory: string): Promise<SqliteStore> {
  return attempt(`open ${dataDirectory}`, async () => {
    makeWritable(dataDirectory);
    const database = openDatabase(join(dataDirectory, "paritab.sqlite"));
    try {
      await migrate(database);
      return new SqliteStore(database, await BlobFiles.open(join(dataDirectory, "blobs")));
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

function openDatabase(path: string): Kysely<Tables> {
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
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
}

async function migrate(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new StoreError(`migration failed (a database of a newer version?): ${messageOf(error)}`, { cause: error });
  }
}

export class SqliteStore implements Store {
  readonly submitters: SubmitterStore;
  readonly #database: Kysely<Tables>;
  readonly #blobs: BlobFiles;

  constructor(database: Kysely<Tables>, blobs: BlobFiles) {
    this.#database = database;
    this.#blobs = blobs;
    this.submitters = new SubmitterStore(database);
  }

  async apply(records: readonly StoreRecord[]): Promise<void> {
    if (records.length === 0) return;
    await attempt("write", async () => {
      // Before the first await: what is stored is what the records hold now.
      const upserts = records.map(upsertOf);
      await this.#database.transaction().execute(async (transaction) => {
        for (const upsert of upserts) await upsert(transaction);
      });
    });
  }

  async putBlob(bytes: Uint8Array): Promise<string> {
    return attempt("write a blob", () => this.#blobs.put(bytes));
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
    await this.#forgetPieces(endedBeforeMs);
    return attempt("collect blobs", () =>
      this.#blobs.collect((sha256) => referenced.has(sha256) || alsoKept.has(sha256)),
    );
  }

  async #forgetPieces(endedBeforeMs: number): Promise<void> {
    await attempt("forget queries of streams", () =>
      this.#database
        .deleteFrom("pieces")
        .where("job_id", "in", (pieces) =>
          pieces.selectFrom("jobs").select("job_id").where("finished_ms", "<", endedBeforeMs),
        )
        .execute(),
    );
  }

  async jobs(): Promise<JobRecord[]> {
    const rows = await attempt("read jobs", () =>
      this.#database.selectFrom("jobs").selectAll().orderBy("submitted_ms").orderBy("job_id").execute(),
    );
    return rows.map(jobFromRow);
  }

  async job(jobId: string): Promise<JobRecord | null> {
    const row = await attempt("read a job", () =>
      this.#database.selectFrom("jobs").selectAll().where("job_id", "=", jobId).executeTakeFirst(),
    );
    return row === undefined ? null : jobFromRow(row);
  }

  async rounds(jobId: string): Promise<StoredRound[]> {
    const rows = await attempt("read rounds", () =>
      this.#database.selectFrom("rounds").selectAll().where("job_id", "=", jobId).orderBy("round_index").execute(),
    );
    return rows.map(roundFromRow);
  }

  async pieces(jobId: string): Promise<StoredPiece[]> {
    const rows = await attempt("read queries of a stream", () =>
      this.#database.selectFrom("pieces").selectAll().where("job_id", "=", jobId).orderBy("first_query").execute(),
    );
    return rows.map(pieceFromRow);
  }

  async volunteers(): Promise<StoredVolunteer[]> {
    const rows = await attempt("read volunteers", () =>
      this.#database.selectFrom("volunteers").selectAll().orderBy("volunteer_id").execute(),
    );
    return rows.map(volunteerFromRow);
  }

  async contributions(jobId: string): Promise<StoredContribution[]> {
    const rows = await attempt("read contributions", () =>
      this.#database
        .selectFrom("contributions")
        .selectAll()
        .where("job_id", "=", jobId)
        .orderBy("volunteer_id")
        .execute(),
    );
    return rows.map(contributionFromRow);
  }

  async checkpoint(jobId: string): Promise<CheckpointRecord | null> {
    const [row, arrays] = await attempt("read a checkpoint", () =>
      // Of one write, whatever is written meanwhile.
      this.#database
        .transaction()
        .execute(
          async (database) =>
            [
              await database.selectFrom("checkpoints").selectAll().where("job_id", "=", jobId).executeTakeFirst(),
              await database.selectFrom("checkpoint_arrays").selectAll().where("job_id", "=", jobId).execute(),
            ] as const,
        ),
    );
    return row === undefined ? null : checkpointFromRows(row, arrays);
  }

  async close(): Promise<void> {
    await this.#database.destroy();
  }
}

type Upsert = (database: Kysely<Tables>) => Promise<unknown>;

function upsertOf(record: StoreRecord): Upsert {
  switch (record.kind) {
    case "job": {
      const row = jobToRow(record.job);
      return (database) =>
        database
          .insertInto("jobs")
          .values(row)
          .onConflict((conflict) => conflict.column("job_id").doUpdateSet(row))
          .execute();
    }
    case "round": {
      const row = roundToRow(record.round);
      return (database) =>
        database
          .insertInto("rounds")
          .values(row)
          .onConflict((conflict) => conflict.columns(["job_id", "round_index"]).doUpdateSet(row))
          .execute();
    }
    case "piece": {
      const row = pieceToRow(record.piece);
      return (database) =>
        database
          .insertInto("pieces")
          .values(row)
          .onConflict((conflict) => conflict.columns(["job_id", "first_query"]).doUpdateSet(row))
          .execute();
    }
    case "volunteer": {
      const row = volunteerToRow(record.volunteer);
      return (database) =>
        database
          .insertInto("volunteers")
          .values(row)
          .onConflict((conflict) => conflict.column("volunteer_id").doUpdateSet(row))
          .execute();
    }
    case "contribution": {
      const row = contributionToRow(record.contribution);
      return (database) =>
        database
          .insertInto("contributions")
          .values(row)
          .onConflict((conflict) => conflict.columns(["job_id", "volunteer_id"]).doUpdateSet(row))
          .execute();
    }
    case "checkpoint": {
      const { jobId, facts } = record.checkpoint;
      const row = { job_id: jobId, facts_json: JSON.stringify(facts) };
      const arrays = arraysToRows(record.checkpoint);
      return async (database) => {
        await database
          .insertInto("checkpoints")
          .values(row)
          .onConflict((conflict) => conflict.column("job_id").doUpdateSet(row))
          .execute();
        await database.deleteFrom("checkpoint_arrays").where("job_id", "=", jobId).execute();
        for (const array of arrays) await database.insertInto("checkpoint_arrays").values(array).execute();
      };
    }
  }
}

function addAll<T>(set: Set<T>, items: Iterable<T>): void {
  for (const item of items) set.add(item);
}
