/**
 * `npm run receipt-keys -- list | rotate [--lost]`: the keys that sign receipts, in the data directory (PARITAB_DATA_DIR) of a
 * coordinator that may run: it reads the file again for each signature.
 */

import { parseArgs } from "node:util";
import { bytesOfBase64 } from "../../shared/receipts/ed25519.ts";
import { keyIdOf } from "../../shared/receipts/sealed-receipt.ts";
import { readConfig } from "../config.ts";
import { runProgram } from "../run-program.ts";
import { readKeyLinks, rotateKey } from "./receipt-keys.ts";

const USAGE = `usage: npm run receipt-keys -- COMMAND
  list              ids of the keys, the first one first; the last one signs
  rotate            a new key signs from now on, and the one before vouches for it: old receipts verify as they did
  rotate --lost     the same, but nobody vouches, because a stranger may have the old key. Tell everybody who noted its id
The data directory is PARITAB_DATA_DIR. The coordinator need not be stopped.`;

/** @returns the exit code */
export async function runReceiptKeys(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  nowMs: number,
  print: (line: string) => void,
): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { lost: { type: "boolean", default: false }, help: { type: "boolean", short: "h", default: false } },
  });
  const [command] = positionals;
  if (values.help || positionals.length !== 1 || (command !== "list" && command !== "rotate")) {
    print(USAGE);
    return values.help ? 0 : 2;
  }
  const { dataDirectory } = readConfig(environment, []);
  if (command === "rotate") await rotateKey(dataDirectory, nowMs, values.lost);
  const links = await readKeyLinks(dataDirectory);
  for (const { publicKey, fromMs, before } of links) {
    const follows = before === null ? "nobody vouches for it" : `vouched for by ${before}`;
    print(`${keyIdOf(bytesOfBase64(publicKey))}  since ${new Date(fromMs).toISOString()}  ${follows}`);
  }
  return 0;
}

runProgram(import.meta.filename, () => runReceiptKeys(process.argv.slice(2), process.env, Date.now(), console.log));
