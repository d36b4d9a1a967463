/** The rooms that StrykerJS changes, in the order in which they are run, and whose tests are run against each change. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./patch-files.ts";

export interface MutatedRoom {
  readonly room: string;
  readonly tests: readonly string[];
}

export const MUTATED_ROOMS: readonly MutatedRoom[] = [
  { room: "shared/verify", tests: ["shared/verify"] },
  { room: "shared/field", tests: ["shared/field"] },
  { room: "shared/coding", tests: ["shared/coding"] },
  // What a job does next is decided next door; its tests play through both.
  { room: "server/coordinator", tests: ["server/coordinator"] },
];

/** @returns the room's own code, without its tests */
export function mutatedFiles({ room }: MutatedRoom): string[] {
  const names = readdirSync(join(PROJECT, room)).filter((name) => /(?<!\.test|\.contract)\.ts$/.test(name));
  return names.sort().map((name) => `${room}/${name}`);
}
