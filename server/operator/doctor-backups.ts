/** Are there backups, as old as the operator wants them, and can they be made? */
import { join } from "node:path";
import { BACKUPS_NAME, lastMadeMs } from "../backups/backup-folder.ts";
import type { Config } from "../config.ts";
import { type Finding, ok, warn } from "./doctor-report.ts";

const HOUR_MS = 3_600_000;
/** A coordinator looks every minute, and a backup takes its time. */
const LATE_FACTOR = 1.5;

export async function checkBackups(
  { dataDirectory, databaseUrl, backupEveryMs }: Pick<Config, "dataDirectory" | "databaseUrl" | "backupEveryMs">,
  nowMs: number,
): Promise<Finding[]> {
  const lastMs = await lastMadeMs(join(dataDirectory, BACKUPS_NAME), nowMs);
  const latest = lastMs === null ? "none yet" : `the latest is ${((nowMs - lastMs) / HOUR_MS).toFixed(1)} h old`;
  const wanted =
    backupEveryMs === null
      ? "by hand alone (PARITAB_BACKUP_EVERY_HOURS)"
      : `one is made every ${backupEveryMs / HOUR_MS} h`;
  const isLate = backupEveryMs !== null && lastMs !== null && nowMs - lastMs > LATE_FACTOR * backupEveryMs;
  const says = `${latest}; ${wanted}`;
  const age = isLate ? warn("backups", `${says}: the log says why it was not`) : ok("backups", says);
  return databaseUrl === null ? [age] : [age, await programFinding()];
}

async function programFinding(): Promise<Finding> {
  const { dumpProgram, INSTALL_CLIENT } = await import("../store/postgres-dump.ts");
  const program = await dumpProgram();
  return program === null
    ? warn("pg_dump", `not found: no backup can be made here; ${INSTALL_CLIENT}`)
    : ok("pg_dump", program);
}
