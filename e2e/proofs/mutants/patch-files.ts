/** The planted bugs: one patch file each, with what is wrong and which rooms' tests are to find it written above the diff. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));
const PATCHES = fileURLToPath(new URL("patches", import.meta.url));

export interface PlantedBug {
  readonly name: string;
  /** Of the patch file. */
  readonly path: string;
  /** The ID of a rule on one of the rule pages (tree/rule-pages.ts). */
  readonly rule: string;
  readonly wrong: string;
  /** Test files, and folders of them. */
  readonly tests: readonly string[];
  readonly diff: string;
}

export function plantedBugs(): PlantedBug[] {
  const files = readdirSync(PATCHES).filter((file) => file.endsWith(".patch"));
  return files.sort().map((file) => readPatch(file.slice(0, -".patch".length), join(PATCHES, file)));
}

function readPatch(name: string, path: string): PlantedBug {
  const diff = readFileSync(path, "utf8");
  const head = /^\[(\w+)\] (.+)\ntests: (.+)\n\n--- a\//.exec(diff);
  if (head === null)
    throw new Error(`${name}.patch: expected "[RULE] what is wrong", then "tests: PATHS", then a diff`);
  const [, rule, wrong, tests] = head;
  return { name, path, rule: rule!, wrong: wrong!, tests: tests!.split(" "), diff };
}
