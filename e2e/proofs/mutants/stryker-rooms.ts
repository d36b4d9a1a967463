/** The rooms that StrykerJS changes, in the order in which they are run, each with the tests beside its own code. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./patch-files.ts";

export const MUTATED_ROOMS = [
  "shared/verify",
  "shared/field",
  "shared/coding",
  "server/coordinator",
  "server/kinds/inference/core",
  "server/rows",
  "server/checks",
  "server/kinds/inference/rows/core",
] as const;
export type MutatedRoom = (typeof MUTATED_ROOMS)[number];

/** @returns the room's own code, without its tests */
export function mutatedFiles(room: MutatedRoom): string[] {
  const all = readdirSync(join(PROJECT, room), { recursive: true, encoding: "utf8" });
  const names = all.filter((name) => /(?<!\.test|\.contract)\.ts$/.test(name) && !/(^|\/)testing\//.test(name));
  return names.sort().map((name) => `${room}/${name}`);
}
