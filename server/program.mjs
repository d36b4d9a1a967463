/**
 * Programs of a coordinator start as plain JavaScript: from compiled code, or with the TypeScript loader where that cannot be made.
 *
 *     node server/program.mjs backups make    where there is no npm, such as in a container; npm scripts do the same by setup.mjs
 */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compiledServer } from "./compiled.mjs";
import { nameSourceLines } from "./source-lines.mjs";

/** By name: from the root of the project. */
export const PROGRAMS = {
  start: "server/main.ts",
  "build-and-start": "server/build-and-start.ts",
  doctor: "server/operator/doctor.ts",
  tokens: "server/operator/tokens-command.ts",
  bans: "server/operator/bans-command.ts",
  "migrate-store": "server/store/migrate-store-command.ts",
  "receipt-keys": "server/receipts/receipt-keys-command.ts",
  backups: "server/backups/backups-command.ts",
  "audit-log": "server/operator/audit-log-command.ts",
  paritab: "server/cli/main.ts",
  join: "server/join/join.ts",
};

/** Runs it in this process, as if it had been started by its name. @param args what stands behind that name */
export async function runByName(name, args) {
  const folder = await compiledServer().catch((error) => {
    if (name === "start" || name === "build-and-start") sayItIsSlower(error);
    return null;
  });
  const source = fileURLToPath(new URL(`../${PROGRAMS[name]}`, import.meta.url));
  const program = folder === null ? source : join(folder, PROGRAMS[name].replace(/\.ts$/, ".js"));
  process.argv = [process.argv[0], program, ...args];
  if (folder === null) {
    const { register } = await import("tsx/esm/api");
    register();
  } else {
    nameSourceLines();
  }
  await import(pathToFileURL(program).href);
}

/** It works all the same, and a folder that cannot be written to may be meant so. */
function sayItIsSlower({ message }) {
  const advice = "whoever may write to build/ runs `node server/compiled.mjs` once";
  console.error(`The coordinator starts with the TypeScript loader, slower: no compiled code (${message}); ${advice}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, ...args] = process.argv.slice(2);
  if (Object.hasOwn(PROGRAMS, name)) await runByName(name, args);
  else {
    console.error(`program: expected one of ${Object.keys(PROGRAMS).join(", ")}, got "${name ?? ""}"`);
    process.exitCode = 2;
  }
}
