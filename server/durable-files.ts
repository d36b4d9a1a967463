/** What is written so that it survives a power cut: a file's bytes are flushed, and so is the folder that names it. */
import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * @param flag "wx": a file that is there already is an error; "w": it is written over
 * @param mode of a file that is made
 */
export async function writeSynced(
  path: string,
  content: string | Uint8Array,
  { flag = "wx", mode = 0o666 }: { readonly flag?: "w" | "wx"; readonly mode?: number } = {},
): Promise<void> {
  const file = await open(path, flag, mode);
  try {
    await file.writeFile(content);
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
