/** The store in SQL, whatever the engine: what is read and written. How a database is opened, and what holds it, its engine says. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Kysely } from "kysely";
import { attempt } from "./attempt.ts";
import type { BlobFiles } from "./blob-files.ts";
import { blobReferences } from "./blob-references.ts";
import { type IdsIn, jobList } from "./job-list.ts";
import { jobsOfRecord } from "./jobs-of-record.ts";
import { OperatorRecords } from "./operator-records.ts";
import { accountsIn, appendsIn, blocksIn, NO_EPOCH } from "./row-store.ts";
import {
  appendRows,
  arraysToRows,
  blockRows,
  checkpointFromRows,
  jobRows,
  pieceRows,
  roundRows,
  volunteerRows,
  wholeRows,
} from "./rows.ts";
import { SeatRecords } from "./seat-records.ts";
import { SqlReceipts } from "./sql-receipts.ts";
import type {
  AccountRecord,
  AppendRecord,
  BlobFile,
  BlockRecord,
  CheckpointRecord,
  FoundWhole,
  JobRecord,
  ListedJob,
  Store,
  StoredContribution,
  StoredCrowd,
  StoredJobQuery,
  StoredPiece,
  StoredRound,
  StoredVolunteer,
  StoredWhole,
  StoreRecord,
} from "./store.ts";
import { type Life, SubmitterStore } from "./submitter-store.ts";
import type { Tables } from "./tables.ts";
import type { Transact } from "./transact.ts";
import { upsert, type Write } from "./upsert.ts";

/** Rounds of a job are read so much at a time: a large one has thousands, and others have their turn in between. */
const ROUND_BYTES_READ = 2 * 1024 * 1024;
const ROUNDS_READ_MAX = 256;

/** What engines say in words of their own. */
export interface SqlEngine {
  readonly database: Kysely<Tables>;
  readonly transact: Transact;
  readonly idsIn: IdsIn;
  readonly life: Life;
}

export abstract class SqlStore implements Store {
  readonly submitters: SubmitterStore;
  readonly operator: OperatorRecords;
  readonly seats: SeatRecords;
  readonly receipts: SqlReceipts;
  readonly #database: Kysely<Tables>;
  readonly #transact: Transact;
  readonly #idsIn: IdsIn;
  readonly #blobs: BlobFiles;

  constructor({ database, transact, idsIn, life }: SqlEngine, blobs: BlobFiles) {
    this.#database = database;
    this.#transact = transact;
    this.#idsIn = idsIn;
    this.#blobs = blobs;
    this.submitters = new SubmitterStore(database, transact, life);
    this.operator = new OperatorRecords(database, transact);
    this.seats = new SeatRecords(database, transact);
    this.receipts = new SqlReceipts(database, transact);
  }

  async apply(records: readonly StoreRecord[]): Promise<void> {
    if (records.length === 0) return;
    await attempt("write", async () => {
      const writes = records.map((record) => this.writeOf(record)); // before the first await
      const jobIds = [...new Set(records.flatMap(jobsOfRecord))];
      await this.#transact(
        async (transaction) => {
          for (const write of writes) await write(transaction);
        },
        { jobIds },
      );
    });
  }

  /** The row is made now: what is stored is what the record holds at this moment. */
  protected writeOf(record: StoreRecord): Write {
    switch (record.kind) {
      case "job":
        return upsert("jobs", ["jobId"], jobRows.toRow(record.job));
      case "round":
        return upsert("rounds", ["jobId", "roundIndex"], roundRows.toRow(record.round));
      case "piece":
        return upsert("pieces", ["jobId", "firstQuery"], pieceRows.toRow(record.piece));
      case "append":
        return upsert("rowAppends", ["jobId", "seq"], appendRows.toRow(record.append));
      case "block":
        return upsert("rowBlocks", ["jobId", "blockId"], blockRows.toRow(record.block));
      case "account":
        return upsert("accounts", ["accountKey", "epoch"], { ...record.account, epoch: NO_EPOCH });
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
      this.#transact((transaction) =>
        transaction
          .deleteFrom("pieces")
          .where("jobId", "in", (pieces) =>
            pieces.selectFrom("jobs").select("jobId").where("finishedMs", "<", endedBeforeMs),
          )
          .execute(),
      ),
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
    return attempt("list jobs", () => jobList(this.#database, query, this.#idsIn));
  }

  async changeJob(jobId: string, change: (record: JobRecord) => JobRecord): Promise<boolean> {
    return attempt("change a job", () =>
      this.#transact(
        async (transaction) => {
          const row = await transaction.selectFrom("jobs").selectAll().where("jobId", "=", jobId).executeTakeFirst();
          if (row !== undefined) {
            const changed = jobRows.toRow(change(jobRows.fromRow(row)));
            await transaction.updateTable("jobs").set(changed).where("jobId", "=", jobId).execute();
          } else {
            // Nobody holds what is not there.
            await transaction.deleteFrom("jobLeases").where("jobId", "=", jobId).execute();
          }
          return row !== undefined;
        },
        { jobIds: [jobId] },
      ),
    );
  }

  async deleteJob(jobId: string): Promise<void> {
    const ofRuns = ["checkpoints", "checkpointArrays"] as const;
    const answers = ["rounds", "pieces", "rowAppends", "rowBlocks"] as const;
    const tables = ["jobs", ...answers, "contributions", "receiptStatements", "jobLeases", ...ofRuns] as const;
    await attempt("delete a job", () =>
      this.#transact(
        async (transaction) => {
          for (const table of tables) await transaction.deleteFrom(table).where("jobId", "=", jobId).execute();
        },
        { jobIds: [jobId] },
      ),
    );
  }

  async addWhole(whole: StoredWhole, parts: readonly JobRecord[]): Promise<string[]> {
    const jobs = parts.map(jobRows.toRow);
    return attempt("write a job in parts", () =>
      this.#transact(async (transaction) => {
        await transaction.insertInto("wholes").values(wholeRows.toRow(whole)).execute();
        for (const job of jobs) await transaction.insertInto("jobs").values(job).execute();
        return this.dealOut(
          transaction,
          jobs.map(({ jobId }) => jobId),
        );
      }),
    );
  }

  /** @returns the jobs that are this coordinator's: all, where there are no others */
  protected async dealOut(_transaction: Kysely<Tables>, jobIds: readonly string[]): Promise<string[]> {
    return [...jobIds];
  }

  async whole(wholeId: string): Promise<FoundWhole | null> {
    const row = await attempt("read a job in parts", () =>
      this.#database
        .selectFrom("wholes")
        .selectAll()
        .select((rows) =>
          rows
            .selectFrom("jobs")
            .select(({ fn }) => fn.count<number>("finishedMs").as("count"))
            .whereRef("jobs.wholeId", "=", "wholes.wholeId")
            .as("partsEnded"),
        )
        .where("wholeId", "=", wholeId)
        .executeTakeFirst(),
    );
    if (row === undefined) return null;
    const { partsEnded, ...whole } = row;
    return { ...wholeRows.fromRow(whole), partsEnded: Number(partsEnded) };
  }

  #wholeRow(wholeId: string) {
    return attempt("read a job in parts", () =>
      this.#database.selectFrom("wholes").selectAll().where("wholeId", "=", wholeId).executeTakeFirst(),
    );
  }

  async signWhole(wholeId: string, statement: string): Promise<string> {
    await attempt("write a receipt", () =>
      this.#transact((transaction) =>
        transaction
          .updateTable("wholes")
          .set({ statementJson: statement })
          .where("wholeId", "=", wholeId)
          .where("statementJson", "is", null)
          .execute(),
      ),
    );
    // Of two that sign at once the first has.
    return (await this.signedWhole(wholeId)) ?? statement;
  }

  async signedWhole(wholeId: string): Promise<string | null> {
    return (await this.#wholeRow(wholeId))?.statementJson ?? null;
  }

  async deleteWhole(wholeId: string): Promise<void> {
    await attempt("delete a job in parts", () =>
      this.#transact((transaction) => transaction.deleteFrom("wholes").where("wholeId", "=", wholeId).execute()),
    );
  }

  async rounds(jobId: string): Promise<StoredRound[]> {
    const found: StoredRound[] = [];
    // One to begin with: a round may be a kilobyte, or megabytes.
    for (let atOnce = 1; ; await nextTurn()) {
      const page = await this.#roundsBehind(jobId, found.at(-1)?.roundIndex ?? -1, atOnce);
      for (const round of page) found.push(round);
      if (page.length < atOnce) return found;
      const bytes = page.reduce((sum, { outputs, plan }) => sum + outputs.byteLength + plan.byteLength, 0);
      atOnce = Math.max(
        1,
        Math.min(ROUNDS_READ_MAX, Math.floor((page.length * ROUND_BYTES_READ) / Math.max(1, bytes))),
      );
    }
  }

  async #roundsBehind(jobId: string, roundIndex: number, limit: number): Promise<StoredRound[]> {
    const rows = await attempt("read rounds", () =>
      this.#database
        .selectFrom("rounds")
        .selectAll()
        .where("jobId", "=", jobId)
        .where("roundIndex", ">", roundIndex)
        .orderBy("roundIndex")
        .limit(limit)
        .execute(),
    );
    return rows.map(roundRows.fromRow);
  }

  async pieces(jobId: string): Promise<StoredPiece[]> {
    const rows = await attempt("read queries of a stream", () =>
      this.#database.selectFrom("pieces").selectAll().where("jobId", "=", jobId).orderBy("firstQuery").execute(),
    );
    return rows.map(pieceRows.fromRow);
  }

  appends(jobId: string): AsyncIterable<readonly AppendRecord[]> {
    return appendsIn(this.#database, jobId);
  }

  blocks(jobId: string): Promise<BlockRecord[]> {
    return blocksIn(this.#database, jobId);
  }

  accounts(): Promise<AccountRecord[]> {
    return accountsIn(this.#database);
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

  /** The name of the database's file in a backup. */
  abstract readonly databaseFile: string;

  /**
   * Writes the database as of one moment into a new file, while writes go on.
   * @param signal gives it up
   * @throws DumpError where a server's own program cannot
   */
  abstract copyDatabase(path: string, signal: AbortSignal): Promise<void>;

  /** Of the database alone. */
  abstract databaseBytes(): Promise<number>;

  async close(): Promise<void> {
    await this.#blobs.close();
    await this.#database.destroy();
  }
}

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

function addAll<T>(set: Set<T>, items: Iterable<T>): void {
  for (const item of items) set.add(item);
}
