/**
 * `npm run backups -- list | make | remove NAME | verify [NAME] | restore [NAME]`: list, make and remove ask the coordinator that runs, as
 * the page does; verify and restore read the folders themselves.
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BackupView } from "../../shared/protocol/house-api.ts";
import { type Config, readConfig } from "../config.ts";
import { operatorClient } from "../operator/operator-client.ts";
import { runProgram } from "../run-program.ts";
import { databasePlace } from "../store/postgres-problem.ts";
import { BACKUPS_NAME, BackupError, backupView, listBackups, readManifest, whatIsDamaged } from "./backup-folder.ts";
import { restoreBackup } from "./restore-backup.ts";

const USAGE = `usage: npm run backups -- COMMAND
  make              backs up the data directory of the coordinator that runs
  list              of the coordinator that runs
  remove NAME
  verify [NAME]     reads every byte of a backup; without NAME of the latest one
  restore [NAME]    puts it in the place of the data directory (PARITAB_DATA_DIR) of a coordinator that is stopped;
                    what it holds is set aside in it. Without NAME: the latest backup. One of a PostgreSQL database goes into
                    the empty one that PARITAB_DATABASE_URL names; the old database stays as it is
NAME: as listed, or the path of a folder that was copied elsewhere.
make, list, remove: PARITAB_URL is asked, else this machine at PARITAB_PORT (8787), with the administrator's PARITAB_TOKEN.`;

const HOUR_MS = 3_600_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the exit code */
export async function runBackups(
  argv: readonly string[],
  environment: Environment,
  nowMs: number,
  print: (line: string) => void,
): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  const [command = "", name] = positionals;
  const namesMax = { list: 0, make: 0, remove: 1, verify: 1, restore: 1 }[command];
  const isWrong = namesMax === undefined || positionals.length > 1 + namesMax || (command === "remove" && !name);
  if (values.help || isWrong) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const client = () => operatorClient(environment);
  switch (command) {
    case "make":
      print(described(await client().makeBackup()));
      return 0;
    case "list": {
      const { backups, backupsDirectory, backupEveryMs } = await client().storage();
      for (const backup of backups) print(described(backup));
      const schedule = backupEveryMs === null ? "" : `; one is made every ${backupEveryMs / HOUR_MS} h`;
      print(`${backups.length} in ${backupsDirectory}${schedule}`);
      return 0;
    }
    case "remove":
      await client().removeBackup(name!);
      print(`removed ${name}`);
      return 0;
  }
  const { dataDirectory, databaseUrl } = readConfig(environment, []);
  const folder = await folderOf(name, dataDirectory);
  return command === "verify" ? verify(folder, print) : restore(folder, { dataDirectory, databaseUrl }, nowMs, print);
}

/** @throws BackupError where there is none */
async function folderOf(name: string | undefined, dataDirectory: string): Promise<string> {
  const directory = join(dataDirectory, BACKUPS_NAME);
  if (name === undefined) {
    const [latest] = await listBackups(directory);
    if (latest === undefined)
      throw new BackupError(`${directory}: expected a backup, got none; name the folder of one`);
    return join(directory, latest.name);
  }
  const listed = join(directory, name);
  return existsSync(listed) ? listed : resolve(name);
}

async function verify(folder: string, print: (line: string) => void): Promise<number> {
  const damaged = await whatIsDamaged(folder);
  for (const sentence of damaged) print(sentence);
  const { files } = backupView(folder, await readManifest(folder));
  print(damaged.length === 0 ? `${folder} is whole: ${files} files` : `${folder}: ${damaged.length} damaged`);
  return damaged.length === 0 ? 0 : 1;
}

async function restore(
  folder: string,
  { dataDirectory, databaseUrl }: Pick<Config, "dataDirectory" | "databaseUrl">,
  nowMs: number,
  print: (line: string) => void,
) {
  const { setAside } = await restoreBackup(folder, dataDirectory, nowMs, databaseUrl);
  const database = databaseUrl === null ? "" : ` and ${databasePlace(databaseUrl)}`;
  print(`restored ${folder} to ${dataDirectory}${database}; start the coordinator again`);
  if (setAside !== null) print(`the old data is in ${setAside}`);
  return 0;
}

function described({ name, files, bytes, isScheduled }: BackupView): string {
  return `${name}  ${files} files, ${(bytes / 2 ** 20).toFixed(1)} MiB${isScheduled ? ", by the schedule" : ""}`;
}

runProgram(import.meta.filename, () => runBackups(process.argv.slice(2), process.env, Date.now(), console.log));
