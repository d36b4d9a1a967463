/** The store that the settings name: embedded, or on a server. */
import type { Config } from "../config.ts";
import type { SqlStore } from "./sql-store.ts";

/**
 * @returns a store that can be copied while it is in use has copyDatabase
 * @throws StoreError
 */
export async function openStore({
  databaseUrl,
  dataDirectory,
}: Pick<Config, "databaseUrl" | "dataDirectory">): Promise<SqlStore> {
  // Each loaded where it is used: the embedded default knows nothing of the other.
  if (databaseUrl === null) return (await import("./sqlite-store.ts")).openSqliteStore(dataDirectory);
  return (await import("./postgres-store.ts")).openPostgresStore(databaseUrl, dataDirectory);
}
