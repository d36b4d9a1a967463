/**
 * Which coordinator, with which token. `paritab login` stores both in a file that nobody else may read; flags and
 * environment variables win. A token that was stored for one address is never sent to another.
 */

import { mkdir, readFile, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../shared/inputs/input-error.ts";
import { jsonOrNull } from "../../shared/protocol/json-or-null.ts";
import { UsageError } from "./exit-codes.ts";
import { writeWhole } from "./outputs/whole-file.ts";

const DEFAULT_URL = "http://localhost:8787";

const fileSchema = z.strictObject({ url: z.string(), token: z.string().min(1).nullable() });
export type StoredLogin = z.infer<typeof fileSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

export function loginFile(environment: Environment): string {
  const base = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), ".config");
  return join(base, "paritab", "login.json");
}

/** @throws InputError where the file is no such file, or others may read its token */
export async function readLogin(environment: Environment): Promise<StoredLogin | null> {
  const path = loginFile(environment);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new InputError(`${path}: it cannot be read: ${(error as Error).message}`);
  }
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    const got = (mode & 0o777).toString(8);
    throw new InputError(`${path}: expected a file that only you may read (mode 600), got mode ${got}; run chmod 600`);
  }
  const parsed = fileSchema.safeParse(jsonOrNull(text));
  if (!parsed.success) throw new InputError(`${path}: expected what \`paritab login\` wrote, got something else`);
  return parsed.data;
}

/** Mode 600 from the first byte on; whoever reads meanwhile sees the old file or the new one, never half of one. */
export async function writeLogin(environment: Environment, login: StoredLogin): Promise<string> {
  const path = loginFile(environment);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeWhole(path, (file) => file.writeFile(`${JSON.stringify(login, null, 2)}\n`), 0o600);
  return path;
}

export async function removeLogin(environment: Environment): Promise<string> {
  const path = loginFile(environment);
  await rm(path, { force: true });
  return path;
}

/** @throws UsageError where the address is none; InputError as readLogin */
export async function whereTo(
  environment: Environment,
  urlFlag: string | undefined,
): Promise<{ url: string; token: string | undefined }> {
  const given = urlFlag ?? (environment.PARITAB_URL || undefined);
  const login = await readLogin(environment);
  const url = parseUrl(given ?? login?.url ?? DEFAULT_URL, urlFlag === undefined ? "PARITAB_URL" : "--url");
  const stored = login !== null && login.url === url ? (login.token ?? undefined) : undefined;
  return { url, token: environment.PARITAB_TOKEN || stored };
}

/** @returns the origin */
export function parseUrl(text: string, name: string): string {
  if (URL.canParse(text)) {
    const { protocol, origin, username, password } = new URL(text);
    const isPlain = username === "" && password === "";
    if ((protocol === "http:" || protocol === "https:") && isPlain) return origin;
  }
  throw new UsageError(`${name}: expected an address like ${DEFAULT_URL}, got "${text}"`);
}
