/**
 * `npm run fuzz -- [--seconds N] [--seed S] [--target NAME] [--json FILE]`: hostile inputs for every parser (made by fast-check, and
 * by jazzer.js where it runs), for the bodies of the API, and for the live coordinator's sockets. Seconds are for each target.
 * `npm run fuzz -- packing ...`: drawn models (packing/fuzz-packing.ts).
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { tableOf } from "../../bench/table.ts";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import type { FuzzTarget } from "./fuzz-target.ts";
import { httpTargets } from "./http-target.ts";
import { openJazzer } from "./jazzer.ts";
import { liveFuzz } from "./live-fuzz.ts";
import { messageTarget } from "./message-target.ts";
import { fuzzPacking } from "./packing/fuzz-packing.ts";
import { parserTargets } from "./parser-targets.ts";
import { type FuzzRow, fuzz } from "./run-fuzz.ts";

sayUsageErrors();
if (process.argv[2] === "packing") process.exit((await fuzzPacking(process.argv.slice(3))) ? 0 : 1);
const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    target: { type: "string" },
    json: { type: "string" },
  },
});
const msMax = wholeNumber("--seconds", values.seconds, 0) * 1000;
const seed = wholeNumber("--seed", values.seed, 0);
const rows: (FuzzRow & { rssBeforeBytes?: number; rssMaxBytes?: number })[] = [];
const isAsked = (name: string) => values.target === undefined || name.includes(values.target);

const allParsers = [...parserTargets(), messageTarget];
const parsers = allParsers.filter(({ name }) => isAsked(name));
for (const target of parsers) await add(fuzz(target, { seed, msMax }));

if (parsers.length > 0) {
  const jazzer = await openJazzer();
  for (const target of parsers) await add(jazzer(target, { seed, msMax }));
}

const http = await httpTargets();
for (const target of http.targets.filter(({ name }: FuzzTarget) => isAsked(name)))
  await add(fuzz(target, { seed, msMax }));
await http.close();

// Two targets, each with the time of one.
if (isAsked("live"))
  for (const row of await liveFuzz({ seed, msMax: 2 * msMax, roundsMin: 1 })) await add(Promise.resolve(row));
if (rows.length === 0) {
  const names = [...allParsers, ...http.targets].map(({ name }) => name);
  throw new UsageError(`--target: expected part of ${[...names, "live"].join(", ")}, got "${values.target}"`);
}

const MIB = 1024 * 1024;
const columns = [
  { key: "target", title: "target" },
  { key: "inputs", title: "inputs" },
  { key: "crashes", title: "crashes" },
  { key: "memory", title: "memory" },
];
const memory = ({ rssBeforeBytes: before, rssMaxBytes: max }: (typeof rows)[number]) =>
  before === undefined || max === undefined ? null : `${Math.round(before / MIB)} -> ${Math.round(max / MIB)} MiB`;
const cells = rows.map((row) => ({ ...row, crashes: row.crashes.length, memory: memory(row) }));
console.log(
  tableOf(
    columns,
    cells.map(({ target, inputs, crashes, memory }) => ({ target, inputs, crashes, memory })),
  ),
);
const inputs = rows.reduce((sum, row) => sum + row.inputs, 0);
const crashes = rows.flatMap((row) => row.crashes);
for (const crash of crashes) console.log(crash);
console.log(`fuzz: ${inputs} hostile inputs, seed ${seed}: ${crashes.length} crashes`);
if (values.json !== undefined) {
  const brief = rows.map(({ crashes: found, ...row }) => ({ ...row, crashes: found.length, problems: found }));
  await writeFile(values.json, `${JSON.stringify(brief, null, 2)}\n`);
}
process.exitCode = crashes.length > 0 ? 1 : 0;

async function add(row: Promise<FuzzRow>): Promise<void> {
  const made = await row;
  rows.push(made);
  console.log(`${made.target}: ${made.inputs} inputs, ${made.crashes.length} crashes`);
}
