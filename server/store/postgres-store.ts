/** The store on a PostgreSQL server, with blobs as files in the data directory: for a service of more than one machine. */

import { join } from "node:path";
import { CamelCasePlugin, Kysely, PostgresDialect, type RawBuilder, sql } from "kysely";
import pg from "pg";
import { createTurnQueue } from "../../shared/control/turn-queue.ts";
import { CELL_LEASE_MS } from "../../shared/protocol/limits.ts";
import { attempt } from "./attempt.ts";
import { BlobFiles } from "./blob-files.ts";
import { CellLease, SERVER_MS } from "./cell-lease.ts";
import { DUMP_NAME } from "./dump-name.ts";
import { HeldPlace } from "./held-place.ts";
import { postgresIdsIn } from "./job-list.ts";
import { mergedRepute, reputeOf } from "./merge-repute.ts";
import { migrate } from "./migrate.ts";
import { dumpDatabase } from "./postgres-dump.ts";
import { postgresProblem, versionProblem } from "./postgres-problem.ts";
import { COLUMN_TYPES, LADDER_IN_POSTGRES, pooled } from "./postgres-words.ts";
import { accountsIn, NO_EPOCH, withBooked } from "./row-store.ts";
import { volunteerRows } from "./rows.ts";
import { SqlStore } from "./sql-store.ts";
import { type AccountRecord, AccountTakenError, type StoredVolunteer, StoreError, type StoreRecord } from "./store.ts";
import type { Life } from "./submitter-store.ts";
import type { Tables } from "./tables.ts";
import { SHARED_LISTS, type SharedList, type Transact } from "./transact.ts";
import { upsert, type Write } from "./upsert.ts";
import { countsBeside, NOTHING_COUNTED } from "./volunteer-counts.ts";

/** Writes go one after the other; reads go beside them. */
const CONNECTIONS_MAX = 4;
const CONNECT_MS_MAX = 5_000;
/** A server that does not answer is a store that refuses: what was done stays in line and is written later. */
const QUERY_MS_MAX = 30_000;
/** Of a process that was paused in the middle of a transaction: it holds locks no longer than this. */
const IDLE_IN_TRANSACTION_MS_MAX = 10_000;
/** Questions about cells and whose jobs are whose do not wait for writes. */
const LEASE_CONNECTIONS_MAX = 2;
/** Of the lease: a renewal that a lock or a silent network holds up is given up, here and by the server, and tried again. */
const RENEWAL_SHARE = 1 / 4;
/** A change is seen once its transaction has ended, which is later than the time that it bears. */
const LATE_COMMIT_MS_MAX = 3_000;

/**
 * @param url postgres://user:password@host:port/database
 * @param dataDirectory of the blobs; made where it is missing
 * @param ownDirectory which this coordinator alone holds
 * @throws StoreError where the server cannot be reached, is too old, or the database is of a newer version
 */
export async function openPostgresStore(
  url: string,
  dataDirectory: string,
  ownDirectory: string = dataDirectory,
  leaseMs: number = CELL_LEASE_MS,
): Promise<PostgresStore> {
  const held = await attempt(`open ${ownDirectory}`, () => HeldPlace.take(ownDirectory));
  const pool = openPool(url, CONNECTIONS_MAX);
  const database = databaseOver(pool);
  const leases = databaseOver(openPool(url, LEASE_CONNECTIONS_MAX));
  // A renewal waits for nobody, not for a question about leases either.
  const renewals = databaseOver(openPool(url, 1, Math.ceil(leaseMs * RENEWAL_SHARE)));
  try {
    await requireServer(pool, url);
    await attempt("upgrade the database", () => migrate(database, [LADDER_IN_POSTGRES]));
    const cell = await attempt("join the service", () =>
      CellLease.join(leases, renewals, { place: held.place, leaseMs }),
    );
    return new PostgresStore(
      { url, database, beside: [leases, renewals], cell, held },
      await BlobFiles.open(join(dataDirectory, "blobs"), `tmp-${held.place}`, true),
    );
  } catch (error) {
    await database.destroy();
    await leases.destroy();
    await renewals.destroy();
    held.free();
    throw error;
  }
}

function databaseOver(pool: pg.Pool): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: pooled(pool) }),
    plugins: [new CamelCasePlugin()],
  });
}

/**
 * Connections to that server, none of which ends this process by ending itself.
 * @param msMax so long a connection, or one statement, may take
 */
export function openPool(url: string, max: number, msMax?: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: msMax ?? CONNECT_MS_MAX,
    query_timeout: msMax ?? QUERY_MS_MAX,
    // Nobody waits any more: the server would go on with it, and hold the connection.
    ...(msMax === undefined ? {} : { statement_timeout: msMax }),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
    application_name: "paritab",
    keepAlive: true,
    types: COLUMN_TYPES,
  });
  // A connection that ends while nobody uses it: the next query takes another one, and says what is wrong.
  pool.on("error", () => {});
  // Nor one that ends between two queries of a transaction, for a process that was paused: the next of them fails, and so does the transaction.
  pool.on("connect", (client) => client.on("error", () => {}));
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

interface OfServer {
  readonly url: string;
  readonly database: Kysely<Tables>;
  /** Further connections of the cell's. */
  readonly beside: readonly Kysely<Tables>[];
  readonly cell: CellLease;
  readonly held: HeldPlace;
}

/** What others on the same database have changed. */
export interface ChangesElsewhere {
  /** Lists that are to be read again. */
  readonly lists: readonly SharedList[];
  /** Accounts, with what others have booked since `accounts` was asked. */
  readonly accounts: readonly AccountRecord[];
  /** Volunteers with what others alone have counted, and what stands of them. */
  readonly volunteers: readonly StoredVolunteer[];
}

/** In wrong answers: sums of an account are exact to less than that. */
const ROUNDING = 1e-6;

export class PostgresStore extends SqlStore {
  readonly databaseFile = DUMP_NAME;
  readonly cell: CellLease;
  /** Writes what another store held. */
  readonly fill: Transact;
  readonly #database: Kysely<Tables>;
  readonly #beside: readonly Kysely<Tables>[];
  readonly #held: HeldPlace;
  readonly #url: string;
  /** What this cell wrote last of a volunteer, as JSON: of most records only counts are new. */
  readonly #standings = new Map<string, string>();
  /** By account, what other lives had booked when this one read it. */
  #bookedElsewhere = new Map<string, AccountRecord>();
  /** By account, what others had booked when that was told last. */
  readonly #accountsTold = new Map<string, string>();
  readonly #seenVersions = new Map<string, number>();
  #seenUntilMs = 0;

  constructor({ url, database, beside, cell, held }: OfServer, blobs: BlobFiles) {
    const transact = inOrder(database, cell);
    super({ database, transact, idsIn: postgresIdsIn, life: lifeOf(cell) }, blobs);
    this.fill = transact;
    this.#database = database;
    this.#beside = beside;
    this.#held = held;
    this.#url = url;
    this.cell = cell;
  }

  /** Rows that several cells write come last, in one order for all: nobody waits for somebody who waits for it. */
  override async apply(records: readonly StoreRecord[]): Promise<void> {
    const ranks: Partial<Record<StoreRecord["kind"], number>> = { crowd: 1, account: 2, volunteer: 3 };
    const rankOf = ({ kind }: StoreRecord) => ranks[kind] ?? 0;
    const idOf = (record: StoreRecord) => {
      if (record.kind === "account") return record.account.accountKey;
      return record.kind === "volunteer" ? record.volunteer.volunteerId : "";
    };
    const before = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    const standings = records.flatMap((record) =>
      record.kind === "volunteer"
        ? [[record.volunteer.volunteerId, JSON.stringify(reputeOf(record.volunteer))] as const]
        : [],
    );
    await super.apply([...records].sort((a, b) => rankOf(a) - rankOf(b) || before(idOf(a), idOf(b))));
    for (const [volunteerId, json] of standings) this.#standings.set(volunteerId, json);
  }

  protected override dealOut(transaction: Kysely<Tables>, jobIds: readonly string[]): Promise<string[]> {
    return this.cell.dealOut(transaction, jobIds);
  }

  protected override writeOf(record: StoreRecord): Write {
    if (record.kind === "volunteer") return this.#volunteerWrite({ ...record.volunteer });
    return record.kind === "account" ? this.#accountWrite(record) : super.writeOf(record);
  }

  /**
   * What this cell booked is a row of its own, written whole: twice is the same as once, and nobody else's is touched. [CK2] What takes of an account holds its row of
   * the epoch before all others while it looks at what all have booked, so that of two cells one looks after the other.
   */
  #accountWrite({ account, news, opens = false }: Extract<StoreRecord, { kind: "account" }>): Write {
    const { accountKey, answerBound } = account;
    const elsewhere = this.#bookedElsewhere.get(accountKey);
    const booked = news === undefined ? account : withBooked(account, news, -1);
    const own = elsewhere === undefined ? booked : withBooked(booked, elsewhere, -1);
    const write = upsert("accounts", ["accountKey", "epoch"], { ...own, epoch: this.cell.epoch });
    if (!opens) return write;
    return async (transaction) => {
      const nothing = { accountKey, answerBound, places: 0, routeOne: 0, charged: 0, held: 0 };
      await transaction
        .insertInto("accounts")
        .values({ ...nothing, epoch: NO_EPOCH })
        .onConflict((conflict) => conflict.columns(["accountKey", "epoch"]).doNothing())
        .execute();
      await sql`SELECT epoch FROM accounts WHERE account_key = ${accountKey} AND epoch = ${NO_EPOCH} FOR UPDATE`.execute(
        transaction,
      );
      const [others = nothing] = await accountsIn(transaction, this.cell.epoch, { accountKey });
      const { places, routeOne, charged, held } = withBooked(own, others, 1);
      if (answerBound * places - routeOne - charged - held < -ROUNDING) {
        throw new AccountTakenError(withBooked(others, elsewhere ?? nothing, -1));
      }
      await write(transaction);
    };
  }

  /** With what others have booked until now; what is written of an account from here on holds that too. */
  override async accounts(): Promise<AccountRecord[]> {
    this.#bookedElsewhere = new Map(
      (await accountsIn(this.#database, this.cell.epoch)).map((account) => [account.accountKey, account]),
    );
    return super.accounts();
  }

  /** [CE4] What this cell counted is a row of its own, written whole: twice is the same as once, and nobody else's is touched. */
  #volunteerWrite(volunteer: StoredVolunteer): Write {
    const { volunteerId } = volunteer;
    const told = reputeOf(volunteer);
    const json = JSON.stringify(told);
    const counts = countsBeside(volunteer);
    return async (transaction) => {
      if (this.#standings.get(volunteerId) !== json) {
        const columns = ["nickname", "team", "ownerId", "choseUntilMs", "quarantineJson", "releasedJson"] as const;
        const row = await transaction
          .selectFrom("volunteers")
          .selectAll()
          .where("volunteerId", "=", volunteerId)
          .forUpdate()
          .executeTakeFirst();
        const standing = mergedRepute(row === undefined ? null : reputeOf(volunteerRows.fromRow(row)), told);
        const stored = volunteerRows.toRow({ volunteerId, ...standing, ...NOTHING_COUNTED });
        const changed = Object.fromEntries(columns.map((column) => [column, stored[column]]));
        await transaction
          .insertInto("volunteers")
          .values(stored)
          .onConflict((conflict) => conflict.column("volunteerId").doUpdateSet(changed))
          .execute();
      }
      const share = { ...counts, changedMs: SERVER_MS };
      await transaction
        .insertInto("volunteerShares")
        .values({ volunteerId, epoch: this.cell.epoch, ...share })
        .onConflict((conflict) => conflict.columns(["volunteerId", "epoch"]).doUpdateSet(share))
        .execute();
    };
  }

  /** One cell at a time: the eldest. */
  override async collectBlobs(
    alsoKept: ReadonlySet<string>,
    endedBeforeMs: number,
  ): Promise<{ blobs: number; bytes: number }> {
    const { epoch } = await attempt("look for other coordinators", () => this.cell.eldest());
    return epoch === this.cell.epoch ? super.collectBlobs(alsoKept, endedBeforeMs) : { blobs: 0, bytes: 0 };
  }

  override async volunteers(): Promise<StoredVolunteer[]> {
    return attempt("read volunteers", () => this.#volunteers(sql`true`, sql`true`));
  }

  /** Since the call before; the first one tells of everything since the store was opened. */
  async changesElsewhere(): Promise<ChangesElsewhere> {
    return attempt("look for what others changed", async () => {
      const lists = await this.#listsChanged();
      const sinceMs = this.#seenUntilMs - LATE_COMMIT_MS_MAX;
      const { rows } = await sql<{ ids: string[]; untilMs: number | null }>`SELECT
        array_agg(DISTINCT volunteer_id) AS ids, max(changed_ms) AS "untilMs" FROM volunteer_shares
        WHERE epoch <> ${this.cell.epoch} AND changed_ms > ${sinceMs}`.execute(this.#database);
      const { ids, untilMs } = rows[0]!;
      const accounts = await this.#accountNews();
      if (untilMs === null) return { lists, volunteers: [], accounts };
      this.#seenUntilMs = Math.max(this.#seenUntilMs, untilMs);
      return { lists, accounts, volunteers: await this.#elsewhere(sql`v.volunteer_id = ANY(${ids}::text[])`) };
    });
  }

  /** [CK2] Accounts of submitters on which others have booked something since this was asked. Those of strict jobs are one cell's. */
  async #accountNews(): Promise<AccountRecord[]> {
    const news: AccountRecord[] = [];
    for (const others of await accountsIn(this.#database, this.cell.epoch, "shared")) {
      const { accountKey } = others;
      const [json, elsewhere] = [JSON.stringify(others), this.#bookedElsewhere.get(accountKey)];
      if (this.#accountsTold.get(accountKey) === json) continue;
      this.#accountsTold.set(accountKey, json);
      news.push(elsewhere === undefined ? others : withBooked(others, elsewhere, -1));
    }
    return news;
  }

  /** All volunteers, with what others alone have counted. */
  async volunteersElsewhere(): Promise<StoredVolunteer[]> {
    return attempt("read volunteers", () => this.#elsewhere(sql`true`));
  }

  #elsewhere(which: RawBuilder<unknown>): Promise<StoredVolunteer[]> {
    return this.#volunteers(which, sql`s.epoch <> ${this.cell.epoch}`);
  }

  async #volunteers(which: RawBuilder<unknown>, shares: RawBuilder<unknown>): Promise<StoredVolunteer[]> {
    const { rows } = await sql<Tables["volunteers"]>`SELECT v.volunteer_id, v.nickname, v.team,
        v.credit_macs + coalesce(sum(s.credit_macs), 0) AS credit_macs,
        (v.credit_assignments + coalesce(sum(s.credit_assignments), 0))::bigint AS credit_assignments,
        (v.audits_passed + coalesce(sum(s.audits_passed), 0))::bigint AS audits_passed,
        (v.audits_failed + coalesce(sum(s.audits_failed), 0))::bigint AS audits_failed,
        (v.rows_taken + coalesce(sum(s.rows_taken), 0))::bigint AS rows_taken,
        v.owner_id, v.chose_until_ms, v.quarantine_json, v.released_json
      FROM volunteers AS v LEFT JOIN volunteer_shares AS s ON s.volunteer_id = v.volunteer_id AND ${shares}
      WHERE ${which} GROUP BY v.volunteer_id ORDER BY v.volunteer_id`.execute(this.#database);
    return rows.map(volunteerRows.fromRow);
  }

  async #listsChanged(): Promise<SharedList[]> {
    const rows = await this.#database.selectFrom("listVersions").selectAll().execute();
    const changed = rows.filter(({ list, version }) => this.#seenVersions.get(list) !== version);
    for (const { list, version } of changed) this.#seenVersions.set(list, version);
    return SHARED_LISTS.filter((list) => changed.some((row) => row.list === list));
  }

  copyDatabase(path: string, signal: AbortSignal): Promise<void> {
    return dumpDatabase(this.#url, path, signal);
  }

  async databaseBytes(): Promise<number> {
    const { rows } = await attempt("weigh the database", () =>
      sql<{ bytes: number }>`SELECT pg_database_size(current_database()) AS bytes`.execute(this.#database),
    );
    return rows[0]!.bytes;
  }

  override async close(): Promise<void> {
    // Where the server is away the lease ends by itself.
    await this.cell.leave().catch(() => {});
    await super.close();
    for (const one of this.#beside) await one.destroy();
    this.#held.free();
  }
}

function lifeOf({ epoch }: CellLease): Life {
  return {
    epoch,
    lives: sql`epoch IN (SELECT epoch FROM cells)`,
    async inTurn(transaction, submitter) {
      await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`paritab ${submitter}`}, 0))`.execute(transaction);
    },
  };
}

/** Connections of a pool know no order among each other. */
function inOrder(database: Kysely<Tables>, cell: CellLease): Transact {
  const inTurn = createTurnQueue();
  return (act, about = {}) =>
    inTurn(async () => {
      const result = await database.transaction().execute(async (transaction) => {
        await cell.fence(transaction, about);
        const acted = await act(transaction);
        if (about.list !== undefined) await raiseVersion(transaction, about.list);
        return acted;
      });
      cell.hasClaimed(about.jobIds ?? []);
      return result;
    });
}

async function raiseVersion(transaction: Kysely<Tables>, list: SharedList): Promise<void> {
  await sql`INSERT INTO list_versions (list, version) VALUES (${list}, 1)
    ON CONFLICT (list) DO UPDATE SET version = list_versions.version + 1`.execute(transaction);
}
