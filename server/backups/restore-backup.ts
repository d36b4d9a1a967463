/** Makes a data directory, and a database, of a backup, so that a coordinator can start on them. */
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { sync } from "../durable-files.ts";
import { DUMP_NAME } from "../store/dump-name.ts";
import { PLACE_NAME } from "../store/held-place.ts";
import { DATABASE_NAME, isHeld } from "../store/sqlite-store.ts";
import {
  ASIDE_PREFIX,
  BackupError,
  backupName,
  isOfBackups,
  manifestPath,
  RESTORING_NAME,
  whatIsDamaged,
} from "./backup-folder.ts";

export interface Restored {
  /** Where what was in the data directory lies now; null: nothing was there. */
  readonly setAside: string | null;
}

/**
 * Every byte of the backup is checked first. All of it happens inside the data directory, which may be a mount, in a folder that only root may write
 * to: what it holds is set aside in it, never deleted, and backups stay where they are. A dump of a PostgreSQL database goes into an empty one; the
 * database of before stays as it is.
 * @param databaseUrl of the empty database; null: the backup holds an embedded one
 * @throws BackupError, DumpError where the backup is damaged, is of another database, or a coordinator runs on the data directory: nothing has
 * changed then
 */
export async function restoreBackup(
  backup: string,
  dataDirectory: string,
  nowMs: number,
  databaseUrl: string | null = null,
): Promise<Restored> {
  const damaged = await whatIsDamaged(backup);
  if (damaged.length > 0) throw new BackupError(`${backup} is damaged:\n${damaged.join("\n")}`);
  const hasDump = existsSync(join(backup, DUMP_NAME));
  if (hasDump !== (databaseUrl !== null)) throw new BackupError(otherDatabase(backup, hasDump));
  if (await isAtWork(dataDirectory)) {
    throw new BackupError(`${dataDirectory}: expected a coordinator that is stopped, got one that runs: stop it first`);
  }
  await mkdir(dataDirectory, { recursive: true });
  const fresh = join(dataDirectory, RESTORING_NAME);
  await rm(fresh, { recursive: true, force: true });
  try {
    await cp(backup, fresh, { recursive: true, filter: (path) => path !== manifestPath(backup) });
    if (databaseUrl !== null) await restoreDatabase(databaseUrl, join(fresh, DUMP_NAME));
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error;
  }
  const held = (await readdir(dataDirectory)).filter((name) => !isOfBackups(name));
  const setAside = held.length === 0 ? null : join(dataDirectory, `${ASIDE_PREFIX}${backupName(nowMs)}`);
  if (setAside !== null) {
    await mkdir(setAside, { mode: 0o700 });
    await moved(held, dataDirectory, setAside);
  }
  await moved(await readdir(fresh), fresh, dataDirectory);
  await rm(fresh, { recursive: true });
  await sync(dataDirectory);
  return { setAside };
}

/** The dump has served then. */
async function restoreDatabase(url: string, dump: string): Promise<void> {
  const { restoreDump } = await import("../store/postgres-dump.ts");
  await restoreDump(url, dump);
  await rm(dump);
}

async function moved(names: readonly string[], from: string, to: string): Promise<void> {
  for (const name of names) await rename(join(from, name), join(to, name));
  await sync(to);
}

function otherDatabase(backup: string, hasDump: boolean): string {
  const set = "expected PARITAB_DATABASE_URL";
  return hasDump
    ? `${backup}: ${set} to name an empty PostgreSQL database (createdb), because the backup is of one; it is not set`
    : `${backup}: ${set} to be unset, because the backup is of an embedded database; \`paritab migrate-store\` moves it afterwards`;
}

/** Does a coordinator, or one of several, hold the folder? */
async function isAtWork(dataDirectory: string): Promise<boolean> {
  const cells = join(dataDirectory, "cells");
  const own = (await readdir(cells).catch(() => [])).map((name) => join(cells, name));
  return isHeld(dataDirectory, DATABASE_NAME) || [dataDirectory, ...own].some((folder) => isHeld(folder, PLACE_NAME));
}
