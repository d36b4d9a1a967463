/**
 * Names whose submitter does not leave them with the job, kept for the last jobs in this browser alone (IndexedDB). Without a store, as in
 * private windows, nothing is kept.
 */
import { type KeptNames, keptNamesSchema } from "../../../../shared/hub/kept-names.ts";

const DATABASE_NAME = "paritab-dashboard";
const STORE = "brought";
/** What is older goes. */
const KEPT_MAX = 40;

interface Record {
  readonly savedMs: number;
  readonly brought: KeptNames;
}

export async function keepBrought(jobId: string, brought: KeptNames): Promise<void> {
  await withStore("readwrite", async (store) => {
    const record: Record = { savedMs: Date.now(), brought };
    await settled(store.put(record, jobId));
    const keys = (await settled(store.getAllKeys())) as string[];
    if (keys.length <= KEPT_MAX) return;
    const records = (await settled(store.getAll())) as Record[];
    const oldest = keys.map((key, i) => ({ key, savedMs: records[i]!.savedMs })).sort((a, b) => a.savedMs - b.savedMs);
    for (const { key } of oldest.slice(0, keys.length - KEPT_MAX)) await settled(store.delete(key));
  });
}

/** @returns null: this browser knows nothing of it, or as an earlier version wrote it */
export async function broughtOf(jobId: string): Promise<KeptNames | null> {
  const found = await withStore("readonly", async (store) => {
    const record = (await settled(store.get(jobId))) as Record | undefined;
    return keptNamesSchema.safeParse(record?.brought).data;
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
