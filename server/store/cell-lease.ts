/**
 * [CE1] One life of a coordinator on a PostgreSQL server: an epoch that nobody had before, and a lease that it renews by the server's
 * clock. Row locks do the rest: a write holds the row of its cell while it lasts, and whoever takes over deletes that row first.
 */
import { randomBytes } from "node:crypto";
import { type Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import { CELLS_GONE_KEPT_MS, CELLS_LISTED_MAX } from "../../shared/protocol/limits.ts";
import type { CellState } from "../../shared/protocol/service-api.ts";
import { attempt } from "./attempt.ts";
import { LeaseTime } from "./lease-time.ts";
import { NO_EPOCH } from "./row-store.ts";
import { type CellBeat, type CellLoad, LeaseLostError, StoreError } from "./store.ts";
import type { Tables } from "./tables.ts";
import type { WriteSubject } from "./transact.ts";

const PLACING_KEY_BYTES = 32;

/** [CE11] Of rows of jobs: is it a part that no cell has taken yet? A cell that is gone has left its lease behind. */
const WAITS: RawBuilder<boolean> = sql`(whole_id <> '' AND state = 'preparing'
  AND NOT EXISTS (SELECT 1 FROM job_leases AS lease WHERE lease.job_id = jobs.job_id))`;

/** Of the server, in milliseconds. */
export const SERVER_MS: RawBuilder<number> = sql`(extract(epoch FROM clock_timestamp()) * 1000)::double precision`;

/** Of the lease: who renewed longer ago was held up, and so may others have been. */
const LATE_SHARE = 1 / 2;

export interface CellOptions {
  /** Where its data lie. Who holds that place alone may take over at once from who held it before. */
  readonly place: string;
  readonly leaseMs: number;
}

export interface JobOwner {
  /** Where another cell that has it is reached; null: it is this one's, or nobody's for a moment. */
  readonly address: string | null;
  readonly isAtWork: boolean;
  /** [CE11] A part that waits for a cell to take it. */
  readonly isWaiting: boolean;
}

export interface NamedCells {
  /** Empty: no tab can be pointed to this one. */
  readonly own: string;
  readonly cells: readonly CellLoad[];
}

export interface OtherCell extends CellLoad {
  readonly epoch: number;
  readonly address: string;
}

/** [CE16] One line of the view of the whole service. Times are the database's. */
export interface SeenCell {
  readonly epoch: number | null;
  readonly name: string;
  readonly state: CellState;
  readonly jobs: number;
  readonly connected: number;
  readonly ready: number;
  readonly volunteers: number;
  readonly version: string | null;
  /** How long ago the coordinator began. */
  readonly upMs: number | null;
  readonly heardAgoMs: number;
  /** Until others may take over from it. */
  readonly leaseLeftMs: number | null;
  readonly takenOverBy: string | null;
}

export class CellLease {
  readonly epoch: number;
  /** [CE8] The same for all cells: by it they draw at which of them a tab is at home. */
  readonly placingKey: string;
  readonly #database: Kysely<Tables>;
  readonly #renewals: Kysely<Tables>;
  readonly #claimed = new Set<string>();
  readonly #time: LeaseTime;

  /** @param renewals a connection that nothing else uses: a renewal waits for no other query */
  static async join(
    database: Kysely<Tables>,
    renewals: Kysely<Tables>,
    { place, leaseMs }: CellOptions,
  ): Promise<CellLease> {
    const askedMs = performance.now();
    const drawn = randomBytes(PLACING_KEY_BYTES).toString("hex");
    const { last: epoch, key } = await database.transaction().execute(async (transaction) => {
      // The cell is back at once: nobody is told that it was gone.
      await sql`DELETE FROM cells WHERE place = ${place}`.execute(transaction);
      const { rows } = await sql<{ last: number; key: string }>`UPDATE cell_epochs
        SET last = last + 1, placing_key = coalesce(placing_key, ${drawn}) RETURNING last, placing_key AS key`.execute(
        transaction,
      );
      await sql`INSERT INTO cells (epoch, place, address, until_ms, share, steady_ms, started_ms)
        VALUES (${rows[0]!.last}, ${place}, '', ${SERVER_MS} + ${leaseMs}::double precision, 0, ${SERVER_MS}, ${SERVER_MS})`.execute(
        transaction,
      );
      return rows[0]!;
    });
    return new CellLease(database, renewals, epoch, key, new LeaseTime(leaseMs, askedMs));
  }

  private constructor(
    database: Kysely<Tables>,
    renewals: Kysely<Tables>,
    epoch: number,
    placingKey: string,
    time: LeaseTime,
  ) {
    this.#database = database;
    this.#renewals = renewals;
    this.epoch = epoch;
    this.placingKey = placingKey;
    this.#time = time;
  }

  get leaseMs(): number {
    return this.#time.leaseMs;
  }

  /** Is it sure that nobody has taken over, by this process's own clock? */
  get isHeld(): boolean {
    return this.leftMs > 0;
  }

  /** So long it is sure of that still; negative: it has not been for so long. */
  get leftMs(): number {
    return this.#time.leftAtMs(performance.now());
  }

  /**
   * @param load what it tells the others of itself
   * @throws LeaseLostError where somebody has taken over
   */
  async renew({ jobs, tabs, share, connected = 0, ready = 0, volunteers = 0 }: CellBeat): Promise<void> {
    const askedMs = performance.now();
    const { rows } = await sql`UPDATE cells SET
        steady_ms = CASE WHEN ${this.#inTime()} THEN steady_ms ELSE ${SERVER_MS} END,
        until_ms = ${SERVER_MS} + ${this.leaseMs}::double precision, jobs = ${jobs}, tabs = ${tabs}, share = ${share},
        connected = ${connected}, ready = ${ready}, volunteers = ${volunteers}
      WHERE epoch = ${this.epoch} RETURNING epoch`.execute(this.#renewals);
    if (rows.length === 0) throw this.#lost();
    this.#time.renewed(askedMs);
  }

  /** Of the row of this cell: its last renewal was not long ago. */
  #inTime(): RawBuilder<boolean> {
    return sql`until_ms > ${SERVER_MS} + ${this.leaseMs * (1 - LATE_SHARE)}::double precision`;
  }

  /**
   * Where others reach it.
   * @param name under which tabs may be pointed to it; empty: they may not. Its operator calls it by the last one that is not empty
   * @param version null: as it was told before
   */
  async announce(address: string, name = "", version: string | null = null): Promise<void> {
    await sql`UPDATE cells SET address = ${address}, name = ${name}, label = coalesce(nullif(${name}, ''), label),
      version = coalesce(${version}::text, version) WHERE epoch = ${this.epoch}`.execute(this.#database);
    await sql`DELETE FROM cells_gone
      WHERE label = ${name} OR at_ms < ${SERVER_MS} - ${CELLS_GONE_KEPT_MS}::double precision`.execute(this.#database);
  }

  /** [CE16] All cells, this one too, and those that went lately. */
  async seen(): Promise<SeenCell[]> {
    const rows = await this.#read(
      "look at all coordinators",
      sql<SeenCell>`SELECT epoch, coalesce(nullif(label, ''), name) AS name,
        CASE WHEN until_ms < ${SERVER_MS} + ${this.leaseMs * (1 - LATE_SHARE)}::double precision THEN 'silent'
          WHEN address = '' THEN 'starting' WHEN name = '' AND label <> '' THEN 'stopping' ELSE 'at work' END AS state,
        jobs, connected, ready, volunteers, version, ${SERVER_MS} - started_ms AS "upMs",
        ${SERVER_MS} - until_ms + ${this.leaseMs}::double precision AS "heardAgoMs",
        greatest(0, until_ms - ${SERVER_MS}) AS "leaseLeftMs", NULL AS "takenOverBy"
      FROM cells
      UNION ALL (SELECT NULL, label, how, 0, 0, 0, 0, NULL, NULL, ${SERVER_MS} - heard_ms, NULL, taken_by
        FROM cells_gone WHERE at_ms > ${SERVER_MS} - ${CELLS_GONE_KEPT_MS}::double precision
        ORDER BY at_ms DESC LIMIT ${CELLS_LISTED_MAX})
      ORDER BY 1 NULLS LAST`,
    );
    return rows.slice(0, CELLS_LISTED_MAX);
  }

  /** Others whose lease holds, and that said where they are reached. */
  async others(): Promise<OtherCell[]> {
    return this.#read(
      "look for other coordinators",
      sql<OtherCell>`SELECT epoch, name, address, jobs, tabs, share FROM cells
      WHERE epoch <> ${this.epoch} AND address <> '' AND until_ms > ${SERVER_MS} ORDER BY epoch`,
    );
  }

  /** [CE8] All whose lease holds and that tabs can be pointed to, this one too. */
  async named(): Promise<NamedCells> {
    const rows = await this.#read(
      "see what others have to do",
      sql<CellLoad & { readonly isOwn: boolean }>`SELECT epoch = ${this.epoch} AS "isOwn",
      name, jobs, tabs, share FROM cells WHERE name <> '' AND until_ms > ${SERVER_MS} ORDER BY epoch`,
    );
    return { own: rows.find(({ isOwn }) => isOwn)?.name ?? "", cells: rows.map(({ isOwn: _, ...cell }) => cell) };
  }

  /** Whose is this job? null: there is no such job. */
  async ownerOf(jobId: string): Promise<JobOwner | null> {
    return (await this.ownersOf([jobId])).get(jobId) ?? null;
  }

  /** Whose are these jobs? By their ids, without those that there are not. */
  async ownersOf(jobIds: readonly string[]): Promise<Map<string, JobOwner>> {
    const rows = await this.#read(
      "look for whose a job is",
      sql<JobOwner & { readonly jobId: string }>`SELECT job_id AS "jobId",
        CASE WHEN job_leases.epoch <> ${this.epoch} THEN nullif(address, '') END AS address,
        finished_ms IS NULL AS "isAtWork", ${WAITS} AS "isWaiting"
      FROM jobs LEFT JOIN job_leases USING (job_id) LEFT JOIN cells USING (epoch)
      WHERE job_id = ANY(${jobIds}::text[])`,
    );
    return new Map(rows.map(({ jobId, ...owner }) => [jobId, owner]));
  }

  /** [CE8] [GJ7] Which other cell has the job at work that this invitation opens? By its name; null: none that tabs can be pointed to. */
  async cellOfInvitation(sha256: string): Promise<string | null> {
    const invitation = JSON.stringify([{ sha256 }]);
    const rows = await this.#read(
      "look for what an invitation opens",
      sql<{ name: string }>`SELECT cells.name
      FROM jobs JOIN job_leases USING (job_id) JOIN cells USING (epoch)
      WHERE finished_ms IS NULL AND epoch <> ${this.epoch} AND cells.name <> '' AND until_ms > ${SERVER_MS}
        AND data_json::jsonb -> 'invitations' @> ${invitation}::jsonb LIMIT 1`,
    );
    return rows[0]?.name ?? null;
  }

  /**
   * [CE2] [CE3] Called in each transaction, before it writes: the row of this cell stays until it has ended, and the jobs are its own.
   * @throws LeaseLostError, StoreError
   */
  async fence(transaction: Kysely<Tables>, { jobIds = [] }: WriteSubject): Promise<void> {
    const { rows } = await sql<{ live: number; foreign: string[] }>`SELECT
      (SELECT count(*) FROM (SELECT 1 FROM cells WHERE epoch = ${this.epoch} FOR KEY SHARE) AS own) AS live,
      ARRAY(SELECT job_id FROM job_leases WHERE job_id = ANY(${jobIds}::text[]) AND epoch <> ${this.epoch}
        AND epoch IN (SELECT epoch FROM cells)) AS foreign`.execute(transaction);
    const { live, foreign } = rows[0]!;
    if (live === 0) throw this.#lost();
    if (foreign.length > 0) throw new StoreError(`job ${foreign[0]} is another coordinator's`);
    const unclaimed = jobIds.filter((jobId) => !this.#claimed.has(jobId));
    if (unclaimed.length === 0) return;
    const { rows: claimed } = await sql`INSERT INTO job_leases (job_id, epoch)
      SELECT job_id, ${this.epoch}::bigint FROM unnest(${unclaimed}::text[]) AS job_id
      ON CONFLICT (job_id) DO UPDATE SET epoch = excluded.epoch
      WHERE job_leases.epoch = excluded.epoch OR job_leases.epoch NOT IN (SELECT epoch FROM cells)
      RETURNING job_id`.execute(transaction);
    if (claimed.length < unclaimed.length) throw new StoreError("a job is another coordinator's");
    // Should the transaction fail the claim is made again with the next one.
  }

  /** The transaction that wrote of these jobs is durable. */
  hasClaimed(jobIds: readonly string[]): void {
    for (const jobId of jobIds) this.#claimed.add(jobId);
  }

  /**
   * [CE3] Takes over from cells whose lease is over, and from none that lives. A database that was away, stopped or locked has let the leases of all
   * run out: only who has renewed its own in time for a whole lease since then knows that others could have.
   * @returns jobs at work that are this cell's from now on
   */
  async takeOver(): Promise<string[]> {
    return this.#database.transaction().execute(async (transaction) => {
      await this.fence(transaction, {});
      await this.#bury(
        transaction,
        sql`until_ms < ${SERVER_MS} AND epoch <> ${this.epoch} AND EXISTS (SELECT 1 FROM cells WHERE epoch = ${this.epoch}
          AND ${this.#inTime()} AND steady_ms < ${SERVER_MS} - ${this.leaseMs}::double precision)`,
      );
      await this.#foldShares(transaction);
      const { rows } = await sql<{ jobId: string }>`INSERT INTO job_leases (job_id, epoch)
        SELECT job_id, ${this.epoch}::bigint FROM jobs WHERE finished_ms IS NULL AND NOT ${WAITS}
        ON CONFLICT (job_id) DO UPDATE SET epoch = excluded.epoch
        WHERE job_leases.epoch NOT IN (SELECT epoch FROM cells)
        RETURNING job_id AS "jobId"`.execute(transaction);
      return rows.map(({ jobId }) => jobId);
    });
  }

  /**
   * [CE11] Deals one of these new jobs out to each cell that lives and has tabs, the least busy first; where none has tabs, one to the least busy of all. The
   * others wait for whoever takes them. Should one of the cells die meanwhile, its jobs are taken over.
   * @returns those that are this cell's
   */
  async dealOut(transaction: Kysely<Tables>, jobIds: readonly string[]): Promise<string[]> {
    const { rows: cells } = await sql<{ epoch: number; tabs: number }>`SELECT epoch, tabs FROM cells
      WHERE epoch = ${this.epoch} OR (address <> '' AND until_ms > ${SERVER_MS}) ORDER BY tabs = 0, jobs, epoch`.execute(
      transaction,
    );
    const dealt = jobIds.slice(0, Math.max(1, cells.filter(({ tabs }) => tabs > 0).length));
    const leases = dealt.map((jobId, i) => ({ jobId, epoch: cells[i]!.epoch }));
    if (leases.length > 0) await transaction.insertInto("jobLeases").values(leases).execute();
    return leases.flatMap(({ jobId, epoch }) => (epoch === this.epoch ? [jobId] : []));
  }

  /** [CE11] Parts at work that others may have dealt out to this cell. */
  async partsDealt(): Promise<string[]> {
    const rows = await this.#read(
      "look for parts of jobs",
      sql<{ jobId: string }>`SELECT job_id AS "jobId" FROM jobs JOIN job_leases USING (job_id)
      WHERE epoch = ${this.epoch} AND whole_id <> '' AND finished_ms IS NULL ORDER BY job_id`,
    );
    return rows.map(({ jobId }) => jobId);
  }

  /**
   * [CE11] Takes the next part that waits, of a job of which this cell has no part at work but spent ones.
   * @param spent parts of this cell that have hardly anything left to send out
   * @returns its id, or nothing
   */
  takeNextPart(spent: readonly string[]): Promise<string[]> {
    return this.#takeParts(sql`NOT EXISTS (
        SELECT 1 FROM jobs AS own JOIN job_leases USING (job_id) WHERE own.whole_id = jobs.whole_id
          AND epoch = ${this.epoch} AND own.finished_ms IS NULL AND own.job_id <> ALL(${spent}::text[]))
      ORDER BY submitted_ms, whole_id, length(job_id), job_id LIMIT 1`);
  }

  /** [CE11] Takes this part if it waits. @returns its id, or nothing */
  takePart(jobId: string): Promise<string[]> {
    return this.#takeParts(sql`job_id = ${jobId}`);
  }

  /** @param which of the parts that wait */
  #takeParts(which: RawBuilder<unknown>): Promise<string[]> {
    const take = this.#database.transaction().execute(async (transaction) => {
      await this.fence(transaction, {});
      // Of cells that look at once each takes another one; who looked a moment too early finds the lease of the other.
      const { rows } = await sql<{ jobId: string }>`INSERT INTO job_leases (job_id, epoch)
        SELECT job_id, ${this.epoch}::bigint FROM (
          SELECT job_id FROM jobs WHERE ${WAITS} AND ${which} FOR UPDATE SKIP LOCKED) AS found
        ON CONFLICT (job_id) DO NOTHING RETURNING job_id AS "jobId"`.execute(transaction);
      return rows.map(({ jobId }) => jobId);
    });
    return attempt("take a part of a job", () => take);
  }

  /** [CE4] What lives that are over have counted goes into the rows of the volunteers and accounts: each row of it once, for whoever takes the row away adds it. */
  async #foldShares(transaction: Transaction<Tables>): Promise<void> {
    await sql`WITH over AS (DELETE FROM volunteer_shares WHERE epoch NOT IN (SELECT epoch FROM cells) RETURNING *)
      UPDATE volunteers AS v SET
        credit_macs = v.credit_macs + s.credit_macs, credit_assignments = v.credit_assignments + s.credit_assignments,
        audits_passed = v.audits_passed + s.audits_passed, audits_failed = v.audits_failed + s.audits_failed,
        rows_taken = v.rows_taken + s.rows_taken
      FROM (SELECT volunteer_id, sum(credit_macs) AS credit_macs, sum(credit_assignments) AS credit_assignments,
          sum(audits_passed) AS audits_passed, sum(audits_failed) AS audits_failed, sum(rows_taken) AS rows_taken
        FROM over GROUP BY volunteer_id) AS s
      WHERE v.volunteer_id = s.volunteer_id`.execute(transaction);
    await sql`WITH over AS (
        DELETE FROM accounts WHERE epoch <> ${NO_EPOCH} AND epoch NOT IN (SELECT epoch FROM cells) RETURNING *)
      INSERT INTO accounts (account_key, epoch, answer_bound, places, route_one, charged, held)
      SELECT account_key, ${NO_EPOCH}::bigint, max(answer_bound), sum(places), sum(route_one), sum(charged), sum(held)
        FROM over GROUP BY account_key
      ON CONFLICT (account_key, epoch) DO UPDATE SET
        places = accounts.places + excluded.places, route_one = accounts.route_one + excluded.route_one,
        charged = accounts.charged + excluded.charged, held = accounts.held + excluded.held`.execute(transaction);
  }

  /**
   * Of the cells that are there, which joined first? One whose lease is over counts until somebody has taken over from it: it may renew.
   * @throws LeaseLostError where somebody has taken over from this one, and nobody is left
   */
  async eldest(): Promise<{ readonly epoch: number; readonly address: string }> {
    const eldest = sql<{ epoch: number; address: string }>`SELECT epoch, address FROM cells ORDER BY epoch LIMIT 1`;
    const rows = await this.#read("look for the eldest coordinator", eldest);
    if (rows.length === 0) throw this.#lost();
    return rows[0]!;
  }

  /** Requests wait for it: who asks while the database is away is told to come again. @throws StoreError */
  async #read<T>(what: string, query: RawBuilder<T>): Promise<T[]> {
    return (await attempt(what, () => query.execute(this.#database))).rows;
  }

  /** What it has may be taken at once. */
  async leave(): Promise<void> {
    await noted(this.#database, sql`epoch = ${this.epoch}`, { how: "stopped", leaseMs: this.leaseMs, by: null });
  }

  /** Waits for writes under way; from then on these cells write nothing. */
  async #bury(transaction: Transaction<Tables>, which: RawBuilder<unknown>): Promise<void> {
    const by = sql<string>`(SELECT label FROM cells WHERE epoch = ${this.epoch})`;
    await noted(transaction, which, { how: "gone", leaseMs: this.leaseMs, by });
  }

  #lost(): LeaseLostError {
    return new LeaseLostError(
      `another coordinator has taken over from this one (epoch ${this.epoch}), which did not renew its lease of ${this.leaseMs} ms in time`,
    );
  }
}

interface Gone {
  readonly how: CellState;
  readonly leaseMs: number;
  /** The cell that has its jobs from now on; null: any that is there. */
  readonly by: RawBuilder<string> | null;
}

/** [CE16] Takes their rows away, and notes of those that have a name that they went. */
async function noted(database: Kysely<Tables>, which: RawBuilder<unknown>, { how, leaseMs, by }: Gone): Promise<void> {
  await sql`WITH over AS (DELETE FROM cells WHERE ${which} RETURNING label, until_ms)
    INSERT INTO cells_gone (label, heard_ms, at_ms, how, taken_by)
      SELECT label, max(until_ms) - ${leaseMs}::double precision, ${SERVER_MS}, ${how}::text, ${by}::text
      FROM over WHERE label <> '' GROUP BY label
    ON CONFLICT (label) DO UPDATE SET heard_ms = excluded.heard_ms, at_ms = excluded.at_ms, how = excluded.how,
      taken_by = excluded.taken_by`.execute(database);
}
