/**
 * What `paritab` has noted of coordinators and of its jobs, in a file beside the login: the key of each coordinator, at first use, and
 * what it committed to when a job began. `paritab verify` holds receipts against that.
 */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { InputError } from "../../shared/inputs/input-error.ts";
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
});
const fileSchema = z.strictObject({
  /** By address. */
  keys: z.record(z.string(), keyIdSchema),
  /** By id, the latest last. */
  jobs: z.array(z.tuple([z.string(), jobSchema])),
});
type Noted = z.infer<typeof fileSchema>;

type Environment = Readonly<Record<string, string | undefined>>;

function notedFile(environment: Environment): string {
  return join(dirname(loginFile(environment)), "coordinators.json");
}

/** A key that the user names. @throws UsageError where it is none */
export function keyGiven(flag: string | undefined, environment: Environment): string | undefined {
  const given = flag ?? (environment.PARITAB_COORDINATOR_KEY || undefined);
  if (given === undefined || keyIdSchema.safeParse(given).success) return given;
  const name = flag === undefined ? "PARITAB_COORDINATOR_KEY" : "--coordinator-key";
  throw new UsageError(`${name}: expected the id of a key, 32 hex digits, got "${given}"`);
}

export function notesInFile(environment: Environment): CoordinatorNotes {
  const path = notedFile(environment);
  const change = async (changed: (noted: Noted) => Noted) => write(path, changed(await read(path)));
  return {
    key: async (baseUrl) => (await read(path)).keys[baseUrl] ?? null,
    async noteKey(baseUrl, keyId) {
      if ((await read(path)).keys[baseUrl] === keyId) return;
      await change(({ keys, jobs }) => ({ keys: { ...keys, [baseUrl]: keyId }, jobs }));
    },
    job: async (jobId) => (await read(path)).jobs.find(([id]) => id === jobId)?.[1] ?? null,
    noteJob: (jobId, noted) =>
      change(({ keys, jobs }) => {
        const others = jobs.filter(([id]) => id !== jobId);
        return { keys, jobs: [...others, [jobId, { ...noted }] as Noted["jobs"][number]].slice(-JOBS_NOTED_MAX) };
      }),
  };
}

/** @throws InputError where the file is something else: what was noted is not thrown away unasked */
async function read(path: string): Promise<Noted> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { keys: {}, jobs: [] };
    throw new InputError(`${path}: it cannot be read: ${(error as Error).message}`);
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new InputError(`${path}: expected what \`paritab\` wrote, got something else; move it away to begin anew`);
  }
}

/** Whoever reads meanwhile sees the old file or the new one. */
async function write(path: string, noted: Noted): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeWhole(path, (file) => file.writeFile(`${JSON.stringify(noted, null, 1)}\n`), 0o600);
}
