/** A backup while the coordinator works on. */
import { constants } from "node:fs";
import { copyFile, link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BackupView } from "../../shared/protocol/house-api.ts";
import { sync, writeSynced } from "../durable-files.ts";
import {
  type BackupManifest,
  backedUpFiles,
  backupName,
  backupView,
  bytesOfFile,
  isBlob,
  manifestPath,
  sha256OfFile,
} from "./backup-folder.ts";

export interface BackupSource {
  readonly dataDirectory: string;
  /** The name of the database's file in a backup. */
  readonly databaseFile: string;
  /** Writes the database as of one moment into a new file. @param signal gives it up */
  copyDatabase(path: string, signal: AbortSignal): Promise<void>;
}

export interface BackupAsked {
  /** The folder of all backups. */
  readonly directory: string;
  readonly nowMs: number;
  readonly isScheduled: boolean;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

/**
 * The database first: what it names lies on the disk by then, and what comes later does no harm. A blob never changes, so on the same
 * disk the backup holds it by another link and costs no room; on another disk it is copied. What was deleted meanwhile is left out.
 * @throws what the database and the file system say; nothing of the backup stays then
 */
export async function makeBackup(source: BackupSource, asked: BackupAsked): Promise<BackupView> {
  const { directory, nowMs } = asked;
  const name = backupName(nowMs);
  const unfinished = join(directory, `${name}.part`);
  // It holds the keys that sign receipts.
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  try {
    const manifest = await filled(source, unfinished, asked);
    await writeSynced(manifestPath(unfinished), `${JSON.stringify(manifest, null, 2)}\n`);
    await sync(unfinished);
    await rename(unfinished, join(directory, name));
    await sync(directory);
    return backupView(name, manifest);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

async function filled(source: BackupSource, into: string, { nowMs, isScheduled, signal }: BackupAsked) {
  const { dataDirectory, databaseFile } = source;
  const files: BackupManifest["files"] = {};
  const blobs = { files: 0, bytes: 0 };
  const listed = async (path: string) => {
    const copy = join(into, path);
    await sync(copy);
    files[path] = { bytes: await bytesOfFile(copy), sha256: await sha256OfFile(copy) };
  };
  await source.copyDatabase(join(into, databaseFile), signal);
  await listed(databaseFile);
  for (const path of await backedUpFiles(dataDirectory)) {
    signal.throwIfAborted();
    const [from, to] = [join(dataDirectory, path), join(into, path)];
    await mkdir(dirname(to), { recursive: true });
    const isThere = await (isBlob(path) ? linked(from, to) : copyFile(from, to)).then(() => true, isGone);
    if (!isThere) continue;
    if (!isBlob(path)) {
      await listed(path);
      continue;
    }
    blobs.files++;
    blobs.bytes += await bytesOfFile(to);
  }
  const scheduled = isScheduled ? ({ isScheduled } as const) : {};
  return { format: 1, madeMs: nowMs, ...scheduled, blobs, files } satisfies BackupManifest;
}

/** @returns false: nobody needs the file any more. @throws what else went wrong */
function isGone(error: NodeJS.ErrnoException): false {
  if (error.code === "ENOENT") return false;
  throw error;
}

async function linked(from: string, to: string): Promise<void> {
  await link(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await sync(to);
  });
}
