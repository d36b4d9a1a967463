/** What is written so that it survives a power cut: a file's bytes are flushed, and so is the folder that names it. */
import { randomBytes } from "node:crypto";
import { open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * A new file: one that is there already is an error. Bytes that come one after the other are written as they come, into a file that is open
 * before the first of them is read: if their source fails, the file is there to be removed, and no file appears later.
 */
export async function writeSynced(
  path: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
  mode = 0o666,
): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await writeFile(file, content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A file that somebody else has written, or a folder: the names in it. */
export async function sync(path: string): Promise<void> {
  const entry = await open(path, "r");
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
}

/** Puts a file or a folder that is written and flushed in its place, in one step. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await sync(dirname(to));
}

/**
 * Writes a file anew: whoever reads meanwhile, and whoever starts after a power cut, sees the old one or the new one.
 * @param mode of a file that is made
 */
export async function replaceDurably(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  // A name of its own, for two may write at once.
  const part = `${path}.${randomBytes(6).toString("hex")}.part`;
  await writeSynced(part, content, mode);
  await moveDurably(part, path);
}
