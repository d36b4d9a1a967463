/**
 * What `paritab` has noted of coordinators and of its jobs, in a folder beside the login: the key of each coordinator, at first use, and
 * what it committed to when a job began. `paritab verify` holds receipts against that. Each note is a file of its own, so that no
 * writer ever waits for another one, or undoes what it wrote.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../shared/inputs/input-error.ts";
import { jsonOrNull } from "../../shared/protocol/json-or-null.ts";
import { keyIdSchema } from "../../shared/receipts/sealed-receipt.ts";
import type { CoordinatorNotes } from "../../shared/sdk/paritab-client.ts";
import { UsageError } from "./exit-codes.ts";
import { writeWhole } from "./outputs/whole-file.ts";
import { loginFile } from "./settings.ts";

/** Of earlier jobs nothing is known any more; their receipts can be checked all the same. */
const JOBS_NOTED_MAX = 1_000;

const jobSchema = z.strictObject({
  keyId: keyIdSchema.nullable(),
  commitment: z.string().nullable(),
  nonce: z.string().nullable(),
  rules: z.string().exactOptional(),
});
/** `about` is what the file is named after, by its hash: an address, or the id of a job. */
const keyFileSchema = z.strictObject({ about: z.string(), note: keyIdSchema });
const jobFileSchema = z.strictObject({ about: z.string(), note: jobSchema });
/** One file for all notes, as earlier versions wrote it; it is read alone. */
const formerFileSchema = z.strictObject({
  keys: z.record(z.string(), keyIdSchema),
  jobs: z.array(z.tuple([z.string(), jobSchema])),
});
type Former = z.infer<typeof formerFileSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

/** A key that the user names. @throws UsageError where it is none */
export function keyGiven(flag: string | undefined, environment: Environment): string | undefined {
  const given = flag ?? (environment.PARITAB_COORDINATOR_KEY || undefined);
  if (given === undefined || keyIdSchema.safeParse(given).success) return given;
  const name = flag === undefined ? "PARITAB_COORDINATOR_KEY" : "--coordinator-key";
  throw new UsageError(`${name}: expected the id of a key, 32 hex digits, got "${given}"`);
}

/** Every call of it throws an InputError where the disk, or what lies there, does not let it do its work. */
export function notesInFolder(environment: Environment): CoordinatorNotes {
  const beside = dirname(loginFile(environment));
  const [keys, jobs] = [join(beside, "noted", "keys"), join(beside, "noted", "jobs")];
  const former = async () => (await read(join(beside, "coordinators.json"), formerFileSchema)) ?? NOTHING;
  const key = async (baseUrl: string) =>
    (await read(fileOf(keys, baseUrl), keyFileSchema))?.note ?? (await former()).keys[baseUrl] ?? null;
  return {
    key,
    async noteKey(baseUrl, keyId) {
      if ((await key(baseUrl)) !== keyId) await write(keys, { about: baseUrl, note: keyId });
    },
    job: async (jobId) =>
      (await read(fileOf(jobs, jobId), jobFileSchema))?.note ??
      (await former()).jobs.find(([id]) => id === jobId)?.[1] ??
      null,
    async noteJob(jobId, noted) {
      await write(jobs, { about: jobId, note: { ...noted } });
      await forgetEarliest(jobs);
    },
  };
}

const NOTHING: Former = { keys: {}, jobs: [] };

/** By a hash: a coordinator chooses its jobs' ids, and a disk may take `a` for `A`. */
function fileOf(folder: string, about: string): string {
  return join(folder, `${createHash("sha256").update(about).digest("hex").slice(0, 32)}.json`);
}

/** @returns null: there is no such file. @throws InputError where the file is something else: what was noted is not thrown away unasked */
async function read<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new InputError(`${path}: it cannot be read: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(jsonOrNull(text));
  if (parsed.success) return parsed.data;
  throw new InputError(`${path}: expected what \`paritab\` wrote, got something else; move it away to begin anew`);
}

/** Whoever reads meanwhile sees the old file or the new one. @throws InputError */
async function write(folder: string, noted: { readonly about: string; readonly note: unknown }): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = fileOf(folder, noted.about);
    await writeWhole(path, (file) => file.writeFile(`${JSON.stringify(noted, null, 1)}\n`), 0o600);
  } catch (error) {
    throw new InputError(`${noted.about} could not be noted in ${folder}: ${(error as Error).message}`);
  }
}

/** Another writer may do the same meanwhile. */
async function forgetEarliest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  if (names.length <= JOBS_NOTED_MAX) return;
  const dated = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, atMs: (await stat(path).catch(() => null))?.mtimeMs ?? 0 };
    }),
  );
  const earliest = dated.sort((a, b) => a.atMs - b.atMs).slice(0, -JOBS_NOTED_MAX);
  await Promise.all(earliest.map(({ path }) => rm(path, { force: true })));
}
