/**
 * npm run measure [-- --only RUN] [--again] [--check]: runs the benches whose figures are not there yet, each as anybody would, and
 * writes the tables of the pages from what they leave. Whoever stops it loses the bench that is running, and nothing else.
 *
 * --only RUN measures what is missing of that one alone; where nothing is, all of it anew. --again measures all of them anew. --check
 * measures nothing and writes nothing: it says what pages and figures do not agree about, and fails then.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../flags/usage-error.ts";
import { FIGURES, type Part, partsOf } from "./figures-file.ts";
import type { MeasuredRun } from "./measured-table.ts";
import { whatIsWrong, writePages } from "./pages.ts";
import { RUNS } from "./runs.ts";

const BENCH = join(import.meta.dirname, "../bench/bench.ts");
const SETUP = join(import.meta.dirname, "../../server/setup.mjs");

sayUsageErrors();
const { values } = parseArgs({
  options: { only: { type: "string" }, again: { type: "boolean" }, check: { type: "boolean" } },
});
if (values.check === true) check();
else measureAll();

function check(): void {
  const wrong = whatIsWrong();
  for (const sentence of wrong) console.error(sentence);
  console.log(wrong.length === 0 ? "Pages and figures agree." : `${wrong.length} disagreements.`);
  if (wrong.length > 0) process.exitCode = 1;
}

function measureAll(): void {
  const names = RUNS.map(({ name }) => name);
  if (values.only !== undefined && !names.includes(values.only)) {
    throw new UsageError(`--only: expected one of ${names.join(", ")}, got "${values.only}"`);
  }
  const wanted = RUNS.filter(({ name }) => values.only === undefined || name === values.only)
    .map((run) => ({ run, parts: partsToMeasure(run) }))
    .filter(({ parts }) => parts.length > 0);
  const minutes = wanted.reduce((sum, { run, parts }) => sum + minutesOf(run, parts), 0);
  if (wanted.length > 0) console.log(`${wanted.length} to measure, about ${Math.ceil(minutes)} minutes.`);
  mkdirSync(FIGURES, { recursive: true });
  for (const { run, parts } of wanted) {
    console.log(`\n${run.name}: about ${Math.ceil(minutesOf(run, parts))} minutes`);
    for (const part of parts) if (!measured(run.name, part)) process.exit(1);
  }
  for (const name of writePages()) console.log(`wrote ${name}`);
  check();
}

function partsToMeasure(run: MeasuredRun): Part[] {
  const parts = partsOf(run);
  const missing = parts.filter(({ path }) => !existsSync(path));
  const isAnew = values.again === true || (values.only === run.name && missing.length === 0);
  return isAnew ? parts : missing;
}

function minutesOf(run: MeasuredRun, parts: readonly Part[]): number {
  return (run.minutes * parts.length) / partsOf(run).length;
}

/** @returns whether the bench ended well; its figures are in place then, and what was there before is gone */
function measured(name: string, { path, command, script, args }: Part): boolean {
  console.log(command);
  const startMs = Date.now();
  const unfinished = `${path}.part`;
  const program = script === "bench" ? ["--import", "tsx", BENCH] : [SETUP, script];
  const whole = [...program, ...args, "--json", unfinished];
  const { status } = spawnSync(process.execPath, whole, { stdio: "inherit" });
  console.log(`${name}: ${((Date.now() - startMs) / 60_000).toFixed(1)} minutes`);
  if (status === 0) renameSync(unfinished, path);
  return status === 0;
}
