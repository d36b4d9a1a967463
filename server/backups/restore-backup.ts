/** From a backup to a data directory that a coordinator can start on. */
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { sync } from "../durable-files.ts";
import { isHeld } from "../store/sqlite-store.ts";
import { BACKUPS_NAME, BackupError, backupName, manifestPath, whatIsDamaged } from "./backup-folder.ts";

export interface Restored {
  /** Where what was in the data directory lies now; null: nothing was there. */
  readonly setAside: string | null;
}

/**
 * Every byte of the backup is checked first. What the data directory holds is set aside, never deleted; backups in it stay in it.
 * @throws BackupError where the backup is damaged or a coordinator runs on the data directory: nothing has changed then
 */
export async function restoreBackup(backup: string, dataDirectory: string, nowMs: number): Promise<Restored> {
  const damaged = await whatIsDamaged(backup);
  if (damaged.length > 0) throw new BackupError(`${backup} is damaged:\n${damaged.join("\n")}`);
  if (isHeld(dataDirectory)) {
    throw new BackupError(`${dataDirectory}: expected a coordinator that is stopped, got one that runs: stop it first`);
  }
  const fresh = `${dataDirectory}.restoring`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(dataDirectory), { recursive: true });
  await cp(backup, fresh, { recursive: true, filter: (path) => path !== manifestPath(backup) });
  const setAside = await movedAside(dataDirectory, `${dataDirectory}.before-${backupName(nowMs)}`);
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
