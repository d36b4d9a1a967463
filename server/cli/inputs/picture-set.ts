/** Photographs as people have them: a folder, a zip, a tar, or one file. Names first; bytes one picture after the other. */
import { createReadStream } from "node:fs";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { createGunzip } from "node:zlib";
import type { ArchiveEntry } from "../../../shared/inputs/archive-entry.ts";
import { inOrderOfNames } from "../../../shared/inputs/in-order-of-names.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { isHiddenName, isPhotoName } from "../../../shared/inputs/photo-names.ts";
import { tarEntries } from "../../../shared/inputs/tar.ts";
import { PHOTO_FILE_BYTES_MAX, PICTURES_MAX } from "../../../shared/protocol/limits.ts";
import { unreadable } from "./model-folder.ts";
import { zipEntries } from "./zip.ts";

/** A picture's file, or why it cannot be read. */
export type NamedBytes =
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly problem: InputError };

export interface PictureSet {
  /** Below the folder, or in the archive: in the order in which bytes come. */
  readonly names: readonly string[];
  /** What lies beside them and is no picture by its name; hidden files do not count. */
  readonly others: LeftOut;
  bytes(): AsyncGenerator<NamedBytes, void, undefined>;
}

interface LeftOut {
  readonly count: number;
  /** The first of them. */
  readonly named: readonly string[];
}

/** @throws InputError where there are no pictures, or too many or too large ones */
export async function pictureSet(path: string): Promise<PictureSet> {
  const found = await stat(path).catch((error: Error) => unreadable(path, error));
  const set = found.isDirectory() ? await folderSet(path) : await fileSet(path);
  if (set.names.length > 0 && set.names.length <= PICTURES_MAX) return set;
  const what = found.isDirectory() ? "in this folder or folders of it" : "in this archive";
  throw new InputError(
    `${path}: expected 1 to ${PICTURES_MAX} JPEG, PNG or WebP pictures ${what}, got ${set.names.length}`,
  );
}

async function folderSet(path: string): Promise<PictureSet> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name).slice(join(path, "/").length)] : [],
  );
  const names = inOrderOfNames(files.filter(isPhotoName), (name) => name);
  return {
    names,
    others: leftOut(inOrderOfNames(files, (name) => name)),
    async *bytes() {
      for (const name of names) yield await namedBytes(name, () => fileBytes(join(path, name)));
    },
  };
}

async function fileSet(path: string): Promise<PictureSet> {
  const entries = archiveOf(await firstBytes(path));
  if (entries === null && isPhotoName(path)) {
    return {
      names: [basename(path)],
      others: leftOut([]),
      async *bytes() {
        yield await namedBytes(basename(path), () => fileBytes(path));
      },
    };
  }
  if (entries === null) {
    throw new InputError(
      `${path}: expected a folder, a .zip, a .tar (or .tar.gz) or a picture (JPEG, PNG, WebP), got another file`,
    );
  }
  const names: string[] = [];
  const others: string[] = [];
  for await (const { name } of entries(path)) (isPhotoName(name) ? names : others).push(withinArchive(name));
  return {
    names,
    others: leftOut(others),
    async *bytes() {
      for await (const { name, byteCount, bytes } of entries(path)) {
        if (!isPhotoName(name)) continue;
        yield await namedBytes(withinArchive(name), () => {
          requireFileSize(`${path}: ${name}`, byteCount);
          return bytes();
        });
      }
    },
  };
}

async function namedBytes(name: string, read: () => Promise<Uint8Array>): Promise<NamedBytes> {
  try {
    return { name, bytes: await read() };
  } catch (error) {
    if (error instanceof InputError) return { name, problem: error };
    throw error;
  }
}

async function fileBytes(path: string): Promise<Uint8Array> {
  const { size } = await stat(path).catch((error: Error) => unreadable(path, error));
  requireFileSize(path, size);
  return readFile(path).catch((error: Error) => unreadable(path, error));
}

/** `tar` of a folder begins all names with "./". */
const withinArchive = (name: string) => name.replace(/^(\.\/)+/, "");

const OTHERS_NAMED_MAX = 8;

/** @param names of all files, or of those that are no pictures; a zip has its folders among them */
function leftOut(names: readonly string[]): LeftOut {
  const others = names.filter((name) => !isPhotoName(name) && !isHiddenName(name) && !name.endsWith("/"));
  return { count: others.length, named: others.slice(0, OTHERS_NAMED_MAX) };
}

function requireFileSize(name: string, byteCount: number): void {
  if (byteCount > PHOTO_FILE_BYTES_MAX) {
    throw new InputError(`${name}: expected a picture of at most ${PHOTO_FILE_BYTES_MAX} bytes, got ${byteCount}`);
  }
}

const HEAD_BYTES = 512;

async function firstBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function archiveOf(head: Buffer): ((path: string) => AsyncGenerator<ArchiveEntry>) | null {
  if (head.subarray(0, 2).toString("latin1") === "PK") return zipEntries;
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const isTar = head.subarray(257, 262).toString("latin1") === "ustar";
  return isGzip || isTar ? (path) => tarFile(path, isGzip) : null;
}

async function* tarFile(path: string, isGzip: boolean): AsyncGenerator<ArchiveEntry> {
  const raw = createReadStream(path);
  const unpacked = isGzip ? raw.pipe(createGunzip()) : raw;
  raw.on("error", (error) => unpacked.destroy(error));
  try {
    yield* tarEntries(unpacked, path);
  } finally {
    raw.destroy();
    unpacked.destroy();
  }
}
