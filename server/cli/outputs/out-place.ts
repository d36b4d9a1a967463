/** Where a file is to be written at the end: looked at before the first of what it will hold is computed. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../../../shared/inputs/input-error.ts";
import type { Command, FlagValues } from "../command.ts";
import { formatOfEnding } from "./format-of-ending.ts";

/** A flag that names a file to write says so in its help: FILE, or FILE.npy where it holds nothing else. */
const OUT_FLAGS = ["out", "labels-out"];

/** @throws UsageError where a file has another ending, InputError where it cannot be written */
export async function requireOutPlaces(command: Command, flags: FlagValues): Promise<void> {
  for (const name of OUT_FLAGS) {
    const path = flags.text(name);
    const [names, ending] = /^FILE(?:\.(\w+))?$/.exec(command.flags[name]?.value ?? "") ?? [];
    if (path === undefined || names === undefined) continue;
    if (ending !== undefined) formatOfEnding(`--${name}`, path, [ending]);
    await requireOutPlace(`--${name}`, path);
  }
}

/** @param what names the file for whoever gave it. @throws InputError */
export async function requireOutPlace(what: string, path: string): Promise<void> {
  const expected = `${what}: expected a file that can be written, got "${path}":`;
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) throw new InputError(`${expected} that is a folder`);
  const folder = dirname(path);
  const above = await stat(folder).catch(() => null);
  if (there === null && above === null)
    throw new InputError(`${expected} there is no folder "${folder}"; make it first`);
  if (there === null && !above!.isDirectory()) throw new InputError(`${expected} "${folder}" is no folder`);
  await access(there === null ? folder : path, constants.W_OK).catch((error: Error) => {
    throw new InputError(`${expected} ${error.message}`);
  });
}
