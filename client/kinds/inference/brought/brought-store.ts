/** Keeps what was brought along for the last jobs in this browser (IndexedDB). Without a store, as in private windows, nothing is kept. */
import type { Brought } from "./brought.ts";

const DATABASE_NAME = "paritab-dashboard";
const STORE = "brought";
/** What is older goes. */
const KEPT_MAX = 40;

interface Record {
  readonly savedMs: number;
  /** A corpus is kept once, under its first job. */
  readonly of: string;
  readonly brought: Brought | null;
}

export async function keepBrought(jobIds: readonly string[], brought: Brought): Promise<void> {
  await withStore("readwrite", async (store) => {
    const [of] = jobIds as [string];
    for (const jobId of jobIds) {
      const record: Record = { savedMs: Date.now(), of, brought: jobId === of ? brought : null };
      await settled(store.put(record, jobId));
    }
    const keys = (await settled(store.getAllKeys())) as string[];
    if (keys.length <= KEPT_MAX) return;
    const records = (await settled(store.getAll())) as Record[];
    const oldest = keys.map((key, i) => ({ key, savedMs: records[i]!.savedMs })).sort((a, b) => a.savedMs - b.savedMs);
    for (const { key } of oldest.slice(0, keys.length - KEPT_MAX)) await settled(store.delete(key));
  });
}

/** @returns null: this browser knows nothing of it */
export async function broughtOf(jobId: string): Promise<Brought | null> {
  const found = await withStore("readonly", async (store) => {
    const record = (await settled(store.get(jobId))) as Record | undefined;
    if (record === undefined || record.of === jobId) return record?.brought ?? null;
    return ((await settled(store.get(record.of))) as Record | undefined)?.brought ?? null;
  });
  return found ?? null;
}

async function withStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T | null> {
  try {
    const opening = indexedDB.open(DATABASE_NAME, 1);
    opening.onupgradeneeded = () => void opening.result.createObjectStore(STORE);
    const database = await settled(opening);
    try {
      return await work(database.transaction(STORE, mode).objectStore(STORE));
    } finally {
      database.close();
    }
  } catch {
    return null;
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
