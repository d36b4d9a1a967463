import { DISK_IS_FULL, isDiskFull } from "./disk-full.ts";
import { StoreError } from "./store.ts";

/** Whatever the disk or SQLite throws leaves as a StoreError that says what was being done. */
export async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const why = isDiskFull(error) ? `${DISK_IS_FULL} (${messageOf(error)})` : messageOf(error);
    throw new StoreError(`store: could not ${what}: ${why}`, { cause: error });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
