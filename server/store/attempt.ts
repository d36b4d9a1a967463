import { StoreError } from "./store.ts";

/** Whatever the disk or SQLite throws leaves as a StoreError that says what was being done. */
export async function attempt<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(`store: could not ${what}: ${messageOf(error)}`, { cause: error });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
