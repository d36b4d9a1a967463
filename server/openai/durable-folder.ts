/** Small files that survive a power cut: written beside, flushed, and put in place in one step. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { replaceDurably } from "../durable-files.ts";

export async function writeDurably(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceDurably(path, content, 0o600);
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
