/**
 * What a backup is: a folder BACKUPS/NAME with everything of a data directory as of one moment, and backup.json, which is written
 * last. A folder without it is half a backup: it is never listed, and never restored.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { z } from "zod";
import type { BackupView } from "../../shared/protocol/house-api.ts";
import { jsonOrNull } from "../../shared/protocol/json-or-null.ts";
import { DUMP_NAME } from "../store/dump-name.ts";
import { PLACE_NAME } from "../store/held-place.ts";
import { DATABASE_NAME } from "../store/sqlite-store.ts";

export const BACKUPS_NAME = "backups";
/** What a restored backup is in the place of lies in folders that are called so. */
export const ASIDE_PREFIX = "before-";
/** A backup on its way to the place of the data. */
export const RESTORING_NAME = "restoring";
const MANIFEST_NAME = "backup.json";
const BLOBS_NAME = "blobs";
/** As backups are named: the second in which they were begun, in UTC. */
const NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/;

const manifestSchema = z.strictObject({
  format: z.literal(1),
  madeMs: z.number(),
  /** Made by the schedule, which removes it too; absent: made by hand. */
  isScheduled: z.literal(true).exactOptional(),
  /** Blobs: each is named by the hash of its bytes. */
  blobs: z.strictObject({ files: z.number(), bytes: z.number() }),
  /** All other files, by their paths in the folder. */
  files: z.record(z.string(), z.strictObject({ bytes: z.number(), sha256: z.string() })),
});
export type BackupManifest = z.infer<typeof manifestSchema>;

export class BackupError extends Error {
  override readonly name = "BackupError";
}

export const manifestPath = (folder: string): string => join(folder, MANIFEST_NAME);

/** @example backupName(Date.UTC(2026, 10, 27, 10, 5, 9)) // "2026-11-27T10-05-09Z" */
export function backupName(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "-")}Z`;
}

export const isBackupName = (name: string): boolean => NAME.test(name);

/** When the latest whole backup until now was begun, by the names of all; null: there is none. */
export async function lastMadeMs(directory: string, nowMs: number): Promise<number | null> {
  // A folder has this name once it is whole. Others were made by a clock that ran ahead.
  const now = backupName(nowMs);
  const past = (await readdir(directory).catch(() => [])).filter((name) => isBackupName(name) && name <= now);
  const latest = past.toSorted().at(-1);
  return latest === undefined ? null : Date.parse(latest.replace(/T(\d\d)-(\d\d)-/, "T$1:$2:"));
}
export const isBlob = (path: string): boolean => path.startsWith(`${BLOBS_NAME}${sep}`);

/** Paths below a folder of all files in it that a backup holds; no links are followed. */
export async function backedUpFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => relative(folder, path)).filter((path) => !isLeftOut(path));
}

/** Is what is called so in a data directory no part of what it holds? */
export const isOfBackups = (name: string): boolean =>
  name === BACKUPS_NAME || name === RESTORING_NAME || name.startsWith(ASIDE_PREFIX);

/**
 * The database is copied by itself; what is half-written belongs to nobody; a backup holds no backups. Which coordinator holds a folder is no data,
 * and whoever closed a copy of that file would let go of it.
 */
function isLeftOut(path: string): boolean {
  const [first, second] = path.split(sep);
  return (
    isOfBackups(first!) ||
    first === MANIFEST_NAME ||
    path.startsWith(DATABASE_NAME) ||
    path.startsWith(DUMP_NAME) ||
    basename(path).startsWith(PLACE_NAME) ||
    (first === BLOBS_NAME && second?.startsWith("tmp") === true) ||
    path.endsWith(".part")
  );
}

/** @throws BackupError where the folder is no whole backup of a format that is known here */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(manifestPath(folder), "utf8").catch((error: unknown) => {
    throw new BackupError(`${folder}: expected a backup (a folder with ${MANIFEST_NAME}), got none`, { cause: error });
  });
  const parsed = manifestSchema.safeParse(jsonOrNull(text));
  if (!parsed.success) {
    throw new BackupError(`${manifestPath(folder)}: expected a list of files in format 1, got another text`);
  }
  return parsed.data;
}

export function backupView(name: string, { madeMs, blobs, files, isScheduled }: BackupManifest): BackupView {
  const others = Object.values(files);
  return {
    name,
    madeMs,
    isScheduled: isScheduled === true,
    files: blobs.files + others.length,
    bytes: blobs.bytes + others.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Whole backups, the latest first. */
export async function listBackups(directory: string): Promise<BackupView[]> {
  const names = await readdir(directory).catch(() => []);
  const views = await Promise.all(
    names.filter(isBackupName).map((name) =>
      readManifest(join(directory, name)).then(
        (manifest) => backupView(name, manifest),
        () => null,
      ),
    ),
  );
  return views.filter((view) => view !== null).toSorted((a, b) => b.madeMs - a.madeMs);
}

/** Reads every byte. @returns a sentence for each file that is not what was backed up; empty: the backup is whole */
export async function whatIsDamaged(folder: string): Promise<string[]> {
  const manifest = await readManifest(folder);
  const damaged: string[] = [];
  for (const [path, { bytes, sha256 }] of Object.entries(manifest.files)) {
    const found = await sha256OfFile(join(folder, path)).catch(() => null);
    if (found === null) damaged.push(`${path}: expected ${bytes} bytes, got no file`);
    else if (found !== sha256) damaged.push(`${path}: expected the sha-256 ${sha256}, got ${found}`);
  }
  const blobs = (await backedUpFiles(folder)).filter(isBlob);
  for (const path of blobs) {
    const found = await sha256OfFile(join(folder, path));
    if (!path.endsWith(`${sep}${found}`)) damaged.push(`${path}: expected bytes with that sha-256, got ${found}`);
  }
  if (blobs.length !== manifest.blobs.files) {
    damaged.push(`${BLOBS_NAME}: expected ${manifest.blobs.files} files, got ${blobs.length}`);
  }
  return damaged;
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest("hex");
}

export const bytesOfFile = async (path: string): Promise<number> => (await stat(path)).size;

export interface Weight {
  readonly blobs: { readonly files: number; readonly bytes: number };
  /** Of all else but the database. */
  readonly otherBytes: number;
}

/** What a backup of this data directory would hold. */
export async function weigh(dataDirectory: string): Promise<Weight> {
  const blobs = { files: 0, bytes: 0 };
  let otherBytes = 0;
  for (const path of await backedUpFiles(dataDirectory)) {
    // Gone meanwhile: nobody needed it.
    const bytes = await bytesOfFile(join(dataDirectory, path)).catch(() => 0);
    if (!isBlob(path)) otherBytes += bytes;
    else {
      blobs.files++;
      blobs.bytes += bytes;
    }
  }
  return { blobs, otherBytes };
}
