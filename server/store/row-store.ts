/** Rows, blocks and accounts in SQL: how they are read. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Kysely } from "kysely";
import { attempt } from "./attempt.ts";
import { appendRows, blockRows } from "./rows.ts";
import type { AccountRecord, AppendRecord, BlockRecord } from "./store.ts";
import type { Tables } from "./tables.ts";

/** Appends of a job are read so much at a time: there may be a hundred thousand, and others have their turn in between. */
const BYTES_READ = 2 * 1024 * 1024;
const APPENDS_READ_MAX = 4_096;

/** Epoch of the accounts in an embedded database, and of what lives that are over have booked. */
export const NO_EPOCH = 0;

/** Their keys, as accountKey has them: no other cell books on these. */
const OF_STRICT_JOBS = "% of job %";

/** In the order of their numbers, some at a time. */
export async function* appendsIn(database: Kysely<Tables>, jobId: string): AsyncGenerator<readonly AppendRecord[]> {
  let last = -1;
  // One to begin with: an append may be a hundred bytes, or megabytes.
  for (let atOnce = 1; ; await nextTurn()) {
    const page = await attempt("read rows", () =>
      database
        .selectFrom("rowAppends")
        .selectAll()
        .where("jobId", "=", jobId)
        .where("seq", ">", last)
        .orderBy("seq")
        .limit(atOnce)
        .execute(),
    );
    if (page.length > 0) yield page.map(appendRows.fromRow);
    if (page.length < atOnce) return;
    last = page.at(-1)!.seq;
    const bytes = page.reduce((sum, { body }) => sum + body.byteLength, 0);
    atOnce = Math.max(1, Math.min(APPENDS_READ_MAX, Math.floor((page.length * BYTES_READ) / Math.max(1, bytes))));
  }
}

/** In the order of their numbers. */
export async function blocksIn(database: Kysely<Tables>, jobId: string): Promise<BlockRecord[]> {
  const rows = await attempt("read blocks", () =>
    database.selectFrom("rowBlocks").selectAll().where("jobId", "=", jobId).orderBy("blockId").execute(),
  );
  return rows.map(blockRows.fromRow);
}

/** In the order of their keys; an account is what all lives of all coordinators have booked on it. @param besides the epoch of one that is left out @param which this account; "shared": those of no strict job */
export async function accountsIn(
  database: Kysely<Tables>,
  besides?: number,
  which?: { readonly accountKey: string } | "shared",
): Promise<AccountRecord[]> {
  let asked = database.selectFrom("accounts").selectAll().orderBy("accountKey").orderBy("epoch");
  if (besides !== undefined) asked = asked.where("epoch", "<>", besides);
  if (which === "shared") asked = asked.where("accountKey", "not like", OF_STRICT_JOBS);
  else if (which !== undefined) asked = asked.where("accountKey", "=", which.accountKey);
  const rows = await attempt("read accounts", () => asked.execute());
  const accounts = new Map<string, AccountRecord>();
  for (const { epoch: _epoch, ...booked } of rows) {
    const before = accounts.get(booked.accountKey);
    accounts.set(booked.accountKey, before === undefined ? booked : withBooked(before, booked, 1));
  }
  return [...accounts.values()];
}

/** @param sign 1: with what the other has booked; -1: without it */
export function withBooked(account: AccountRecord, other: AccountRecord, sign: 1 | -1): AccountRecord {
  return {
    ...account,
    places: account.places + sign * other.places,
    routeOne: account.routeOne + sign * other.routeOne,
    charged: account.charged + sign * other.charged,
    held: account.held + sign * other.held,
  };
}
