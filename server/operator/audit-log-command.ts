/** `npm run audit-log -- verify [--file FILE] [--head HASH]`: checks the chain, prints its head. */

import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readConfig } from "../config.ts";
import { runProgram } from "../run-program.ts";
import { ChainCheck } from "./audit-chain.ts";
import { AUDIT_LOG_NAME } from "./audit-log.ts";
import { wholeLinesOf } from "./lines-of.ts";

const USAGE = `usage: npm run audit-log -- verify [--file FILE] [--head HASH]
  --file  another log than the coordinator's
  --head  a hash that an earlier run printed: it must still be in the log`;

async function main(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { file: { type: "string" }, head: { type: "string" } },
  });
  if (positionals.length !== 1 || positionals[0] !== "verify") {
    console.error(`audit-log: expected verify, got "${positionals.join(" ")}"\n${USAGE}`);
    return 2;
  }
  if (values.head !== undefined && !/^[0-9a-f]{64}$/.test(values.head)) {
    console.error(`audit-log: --head: expected 64 hex digits, got "${values.head}"`);
    return 2;
  }
  const path = values.file ?? join(readConfig(process.env, []).dataDirectory, AUDIT_LOG_NAME);
  if (!existsSync(path)) {
    console.error(`audit-log: there is no ${path}; set PARITAB_DATA_DIR to the coordinator's, or name a --file`);
    return 2;
  }
  return verify(path, values.head ?? null);
}

/** Prints what it finds. @returns 0 where the chain is whole */
export async function verify(path: string, head: string | null): Promise<number> {
  const check = new ChainCheck(head);
  for await (const { line, isWhole } of wholeLinesOf(createReadStream(path))) {
    if (!isWhole) {
      // A crash in the middle of a line; the next start cuts it off and notes it.
      console.log(`the last line has no end (${line.length} characters): a crash, or an entry being written`);
      break;
    }
    const broken = check.add(line);
    if (broken !== null) {
      console.error(`BROKEN at line ${broken.line}: ${broken.problem}`);
      return 1;
    }
  }
  const missing = check.end();
  if (missing !== null) {
    console.error(`BROKEN: ${missing.problem}`);
    return 1;
  }
  console.log(`whole: ${check.head.seq} entries\nhead: ${check.head.hash}`);
  return 0;
}

runProgram(import.meta.filename, () => main(process.argv.slice(2)));
