/** From a backup to a data directory, and a database, that a coordinator can start on. */
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sync } from "../durable-files.ts";
import { DUMP_NAME } from "../store/dump-name.ts";
import { PLACE_NAME } from "../store/held-place.ts";
import { DATABASE_NAME, isHeld } from "../store/sqlite-store.ts";
import { BACKUPS_NAME, BackupError, backupName, manifestPath, whatIsDamaged } from "./backup-folder.ts";

export interface Restored {
  /** Where what was in the data directory lies now; null: nothing was there. */
  readonly setAside: string | null;
}

/**
 * Every byte of the backup is checked first. What the data directory holds is set aside, never deleted; backups in it stay in it. A dump of a
 * PostgreSQL database goes into an empty one; the database of before stays as it is.
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
  const fresh = `${dataDirectory}.restoring`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(dataDirectory), { recursive: true });
  await cp(backup, fresh, { recursive: true, filter: (path) => path !== manifestPath(backup) });
  const setAside = await movedAside(dataDirectory, `${dataDirectory}.before-${backupName(nowMs)}`);
  if (databaseUrl !== null) {
    const { restoreDump } = await import("../store/postgres-dump.ts");
    // Of the copy: the backup may have lain in what was set aside.
    const dump = join(fresh, DUMP_NAME);
    await restoreDump(databaseUrl, dump).catch(async (error: unknown) => {
      if (setAside !== null) await rename(setAside, dataDirectory);
      await rm(fresh, { recursive: true, force: true });
      throw error;
    });
    await rm(dump);
  }
  await rename(fresh, dataDirectory);
  if (setAside !== null) {
    await rename(join(setAside, BACKUPS_NAME), join(dataDirectory, BACKUPS_NAME)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      },
    );
  }
  await sync(dirname(dataDirectory));
  return { setAside };
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

async function movedAside(directory: string, to: string): Promise<string | null> {
  const held = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (held === null) return null;
  if (held.length === 0) {
    await rm(directory, { recursive: true });
    return null;
  }
  await rename(directory, to).catch((error: unknown) => {
    const why = `${basename(directory)} cannot be renamed (is something mounted there?)`;
    throw new BackupError(`${directory}: ${why}; move its content elsewhere, then restore again`, { cause: error });
  });
  return to;
}
