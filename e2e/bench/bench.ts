/**
 * `npm run bench -- NAME [--seed N] [--json FILE]` measures one thing and prints one table; without a name it lists what
 * there is. FILE gets { name, machine, commit, rows }.
 */
import { parseArgs } from "node:util";
import { approxiferAccuracy } from "../scenarios/approxifer-accuracy.ts";
import { kernels } from "./kernels.ts";
import { measure } from "./measure.ts";
import type { Measurer } from "./measurement.ts";

const BENCHES: Readonly<Record<string, Measurer>> = {
  accuracy: approxiferAccuracy,
  kernels,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: "string", default: "1" }, json: { type: "string" } },
  });
  const [name] = positionals;
  if (name === undefined) {
    for (const [known, { title }] of Object.entries(BENCHES)) console.log(`${known.padEnd(12)} ${title}`);
    return;
  }
  if (!Object.hasOwn(BENCHES, name)) {
    throw new Error(`bench: expected one of ${Object.keys(BENCHES).join(", ")}, got "${name}"`);
  }
  await measure(BENCHES[name]!, { seed: Number(values.seed), jsonFile: values.json ?? null });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
