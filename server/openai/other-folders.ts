/**
 * [CE14] What /v1 keeps is the whole service's. Coordinators of earlier versions each kept their own, in `cells/NAME/v1` of the data directory: each
 * such folder is handed in whole, and the coordinator that answers /v1 takes it in.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const HANDED_IN = /^from-/;
export const V1_FOLDERS = ["models", "files", "batches"] as const;

/**
 * Puts what the coordinator of that name kept into the service's folder, in one step. Nothing where it kept nothing.
 * @param service the folder of the whole service
 */
export async function handIn(dataDirectory: string, name: string, service: string): Promise<void> {
  await mkdir(service, { recursive: true, mode: 0o700 });
  const place = join(service, `from-${name}-${randomBytes(6).toString("hex")}`);
  await rename(join(dataDirectory, "cells", name, "v1"), place).catch(unlessMissing);
}

/**
 * Moves what was handed in to its places. Called by the coordinator that answers /v1, and by no other; after a crash it goes on.
 * @returns whether there was anything
 */
export async function takeIn(service: string): Promise<boolean> {
  await mkdir(service, { recursive: true, mode: 0o700 });
  const given = (await readdir(service)).filter((name) => HANDED_IN.test(name));
  for (const name of given) {
    for (const folder of V1_FOLDERS) await moveAll(join(service, name, folder), join(service, folder));
    await rm(join(service, name), { recursive: true, force: true });
  }
  return given.length > 0;
}

/** Records come last: nobody reads one whose bytes are not there yet. */
async function moveAll(from: string, to: string): Promise<void> {
  const names = await readdir(from).catch(unlessMissing);
  if (names === undefined) return;
  await mkdir(to, { recursive: true, mode: 0o700 });
  const isRecord = (name: string) => name.endsWith(".json");
  for (const name of [...names.filter((name) => !isRecord(name)), ...names.filter(isRecord)]) {
    if (isRecord(name) && !(await isLater(join(from, name), join(to, name)))) continue;
    await rename(join(from, name), join(to, name));
  }
}

/** Ids are drawn, but a model is called what somebody called it: of two of one name the later one stays. */
async function isLater(from: string, to: string): Promise<boolean> {
  const there = await createdS(to).catch(unlessMissing);
  return there === undefined || (await createdS(from)) > there;
}

async function createdS(record: string): Promise<number> {
  return (JSON.parse(await readFile(record, "utf8")) as { createdS: number }).createdS;
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
