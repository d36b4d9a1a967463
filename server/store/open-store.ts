/** The store that the settings name: embedded, or on a server. */
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { PostgresStore } from "./postgres-store.ts";
import type { SqlStore } from "./sql-store.ts";

export interface OpenedStore {
  readonly store: SqlStore;
  /** The same one, where other coordinators may share it; null: the embedded one, which nobody shares. */
  readonly shared: PostgresStore | null;
}

/** @throws StoreError */
export async function openStore(
  config: Pick<Config, "databaseUrl" | "dataDirectory" | "cell" | "cellLeaseMs">,
): Promise<OpenedStore> {
  const { databaseUrl, dataDirectory, cellLeaseMs } = config;
  // Each loaded where it is used: the embedded default knows nothing of the other.
  if (databaseUrl === null) {
    const { openSqliteStore } = await import("./sqlite-store.ts");
    return { store: await openSqliteStore(dataDirectory), shared: null };
  }
  const { openPostgresStore } = await import("./postgres-store.ts");
  const shared = await openPostgresStore(databaseUrl, dataDirectory, ownDirectory(config), cellLeaseMs);
  return { store: shared, shared };
}

/** What one of several coordinators has for itself, in a data directory that they share: logs, files of /v1. */
export function ownDirectory({ dataDirectory, cell }: Pick<Config, "dataDirectory" | "cell">): string {
  return cell === null ? dataDirectory : join(dataDirectory, "cells", cell);
}
