/** `paritab migrate-store`: moves the embedded database of PARITAB_DATA_DIR to the PostgreSQL server of PARITAB_DATABASE_URL. */
import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { runProgram } from "../run-program.ts";
import { moveStore } from "./migrate-store.ts";
import { databasePlace } from "./postgres-problem.ts";

const USAGE = `usage: paritab migrate-store
Moves jobs, answers, volunteers, tokens and receipts of a coordinator that is stopped (PARITAB_DATA_DIR) into an empty database on a
PostgreSQL server (PARITAB_DATABASE_URL). The data directory stays in use, for blobs, keys and logs; its database file is left as it was.`;

export async function runMigrateStore(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: (line: string) => void,
): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { help: { type: "boolean", short: "h", default: false } } });
  if (values.help) {
    print(USAGE);
    return 0;
  }
  const { dataDirectory, databaseUrl } = readConfig(environment, []);
  if (databaseUrl === null) {
    print(`PARITAB_DATABASE_URL: expected the address of the database to move to, got none\n${USAGE}`);
    return 2;
  }
  const moved = await moveStore(dataDirectory, databaseUrl);
  for (const { table, rows } of moved) print(`${table}: ${rows} rows`);
  print(`moved to ${databasePlace(databaseUrl)}: start the coordinator with the same two settings`);
  return 0;
}

runProgram(import.meta.filename, () => runMigrateStore(process.argv.slice(2), process.env, console.log));
