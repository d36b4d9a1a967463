/**
 * npm run measure [-- --only RUN] [--again] [--check]: runs the benches whose figures are not there yet, each as anybody would, and
 * writes the tables of the pages from what they leave. Whoever stops it loses the bench that is running, and nothing else.
 *
 * --only RUN measures that one alone, anew. --again measures all of them anew. --check measures nothing and writes nothing: it says
 * what pages and figures do not agree about, and fails then.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../flags/usage-error.ts";
import { FIGURES, figuresOf, figuresPath } from "./figures-file.ts";
import type { MeasuredRun } from "./measured-table.ts";
import { commandOf, whatIsWrong, writePages } from "./pages.ts";
import { RUNS } from "./runs.ts";

const BENCH = join(import.meta.dirname, "../bench/bench.ts");

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
  const isWanted = ({ name }: MeasuredRun) =>
    values.only === undefined ? values.again === true || figuresOf(name) === null : name === values.only;
  const wanted = RUNS.filter(isWanted);
  const minutes = wanted.reduce((sum, run) => sum + run.minutes, 0);
  if (wanted.length > 0) console.log(`${wanted.length} to measure, about ${minutes} minutes.`);
  mkdirSync(FIGURES, { recursive: true });
  for (const run of wanted) if (!measured(run)) process.exit(1);
  for (const name of writePages()) console.log(`wrote ${name}`);
  check();
}

/** @returns whether the bench ended well; its figures are in place then, and what was there before is gone */
function measured(run: MeasuredRun): boolean {
  console.log(`\n${run.name}: ${commandOf(run)} (about ${run.minutes} minutes)`);
  const startMs = Date.now();
  const unfinished = `${figuresPath(run.name)}.part`;
  const args = ["--import", "tsx", BENCH, run.bench, ...run.args, "--json", unfinished];
  const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
  console.log(`${run.name}: ${Math.round((Date.now() - startMs) / 60_000)} minutes`);
  if (status === 0) renameSync(unfinished, figuresPath(run.name));
  return status === 0;
}
