/** Small files that survive a power cut: written beside, flushed, and put in place in one step. */
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { replaceDurably } from "../durable-files.ts";

export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceDurably(path, content, 0o600);
}

/**
 * Writes a new file as its bytes come. The file is opened before the first byte is read: a stream that opens its file itself may do so
 * after its source has failed, and leave a file that whoever cleaned up has not seen.
 */
export async function writeAsItComes(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await writeFile(file, bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** @returns what each `NAME.json` in the folder holds */
export async function readAllJson<T>(folder: string): Promise<T[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const all: T[] = [];
  for (const name of await readdir(folder)) {
    if (name.endsWith(".json")) all.push(JSON.parse(await readFile(join(folder, name), "utf8")) as T);
  }
  return all;
}

/** Files that a crash left half written go. Before anybody writes. */
export async function dropHalfWritten(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (name.endsWith(".part")) await rm(join(folder, name), { recursive: true, force: true });
  }
}
