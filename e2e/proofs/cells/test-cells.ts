/**
 * `npm run test:cells`: everything that needs a PostgreSQL server, and what is decided about several coordinators on one. The gate runs the same
 * files with all others. Here a server that is missing is a failure.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { runProgram } from "../../../server/run-program.ts";
import { postgresPrograms } from "../../../server/store/testing/postgres-server.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** Of the torture of two cells; the gate has one of each fault. */
const CYCLES = "20";
const FILES = [
  "server/store/postgres-store.test.ts",
  "server/store/cells.test.ts",
  "server/store/operator-records.test.ts",
  "server/backups/postgres-backups.test.ts",
  "server/cells",
  "server/shell/taken-jobs.test.ts",
  "server/kinds/inference/in-parts.test.ts",
  "server/kinds/inference/web/wholes",
  "server/store/migrate-store.test.ts",
  "server/operator/doctor-postgres.test.ts",
  "server/coordinator/elsewhere.test.ts",
  "server/web/other-cells.test.ts",
  "server/web/hand-sockets-on.test.ts",
  "server/coordinator/pointing.test.ts",
  "server/coordinator/homes.test.ts",
  "server/coordinator/cell-share.test.ts",
  "server/coordinator/gathering.test.ts",
  "e2e/proofs/cells",
  "e2e/proofs/simulator/cells",
  "e2e/proofs/torture/torture-postgres.test.ts",
];

async function run(): Promise<number> {
  if (postgresPrograms() === null) throw new Error("test:cells: expected PostgreSQL: apt-get install postgresql");
  const vitest = join(ROOT, "node_modules", ".bin", "vitest");
  const env = { CELL_CYCLES: CYCLES, ...process.env };
  return (
    spawnSync(vitest, ["run", ...FILES, ...process.argv.slice(2)], { cwd: ROOT, env, stdio: "inherit" }).status ?? 1
  );
}

runProgram(import.meta.filename, run);
