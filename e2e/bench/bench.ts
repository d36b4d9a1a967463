/**
 * `npm run bench -- NAME [--seed N] [--json FILE] [flags of its own]` measures one thing and prints one table; without a
 * name it lists what there is. FILE gets { name, machine, commit, rows }.
 */
import { parseArgs } from "node:util";
import { approxiferAccuracy } from "../scenarios/approxifer-accuracy.ts";
import { avcc } from "./avcc.ts";
import { inference } from "./inference.ts";
import { kernels } from "./kernels.ts";
import { locators } from "./locators.ts";
import { measure } from "./measure.ts";
import type { Measurer } from "./measurement.ts";
import { splineSweep } from "./spline-sweep.ts";

const BENCHES: Readonly<Record<string, Measurer>> = {
  accuracy: approxiferAccuracy,
  avcc,
  inference,
  kernels,
  locators,
  "spline-sweep": splineSweep,
};

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) {
    for (const [known, { title, flags = [] }] of Object.entries(BENCHES)) {
      console.log(`${known.padEnd(12)} ${title}${flags.map((flag) => ` [--${flag} VALUE]`).join("")}`);
    }
    return;
  }
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench === undefined) {
    throw new Error(`bench: expected one of ${Object.keys(BENCHES).join(", ")}, got "${name}"`);
  }
  const own = Object.fromEntries((bench.flags ?? []).map((flag) => [flag, { type: "string" as const }]));
  const common = { seed: { type: "string", default: "1" }, json: { type: "string" } } as const;
  const { values } = parseArgs({ args, options: { ...own, ...common } });
  const { seed, json, ...flags } = values as Readonly<Record<string, string | undefined>>;
  await measure(bench, { seed: Number(seed), jsonFile: json ?? null, flags });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
