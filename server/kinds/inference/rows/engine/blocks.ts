/** Blocks and accounts as the core knows them, and as they lie in the store. */
import type { AccountRecord, BlockRecord, StoreRecord } from "../../../../store/store.ts";
import type { RowsRecord, StoredAccount, StoredBlock } from "../work.ts";

/** @example blockRecord("j1", block).places // -> null: all places of the job */
export function blockRecord(jobId: string, { blockId, places, ...facts }: StoredBlock): BlockRecord {
  return { jobId, blockId, facts, places: places === "all" ? null : Uint32Array.from(places) };
}

export function blockOf({ blockId, facts, places }: BlockRecord): StoredBlock {
  const told = facts as unknown as Omit<StoredBlock, "blockId" | "places">;
  return { ...told, blockId, places: places === null ? "all" : [...places] };
}

export function accountRecord({ key, account }: StoredAccount): AccountRecord {
  return { accountKey: key, ...account };
}

/** What of it others have booked, and whether it takes of what is free, go with it. */
export function storedAccount({ account, news, takes }: Extract<RowsRecord, { type: "account" }>): StoreRecord {
  const { key } = account;
  const told = news === undefined ? undefined : accountRecord({ key, account: news });
  return { kind: "account", account: accountRecord(account), news: told, opens: takes };
}
