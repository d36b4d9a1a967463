/**
 * `npm run simulate -- --seed N` or `--seeds COUNT [--start S]`: seeded runs of the coordinator on virtual time.
 * [--mode safety|liveness|cells] [--tabs COUNT] [--processes COUNT] [--json FILE]
 */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { simulateCells } from "./cells/simulate-cells.ts";
import { drawnProblems, drawnRun, type SimulationMode } from "./drawn-run.ts";
import { isWithinCharges, runSeeds } from "./many-seeds.ts";
import type { SeedMode } from "./one-seed.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulation.ts";

sayUsageErrors();
const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1" },
    start: { type: "string", default: "1" },
    mode: { type: "string", default: "safety" },
    tabs: { type: "string" },
    processes: { type: "string", default: String(availableParallelism()) },
    json: { type: "string" },
  },
});

/** So many failures are looked into; the others are named. */
const SHRUNK_MAX = 3;

const mode = modeOf(values.mode);
const tabs = values.tabs === undefined ? undefined : wholeNumber("--tabs", values.tabs, 1);
const start = wholeNumber("--seed or --start", values.seed ?? values.start, 0);
const count = values.seed === undefined ? wholeNumber("--seeds", values.seeds, 1) : 1;
const size = tabs === undefined ? {} : { tabs };

const beganMs = performance.now();
const outcome = await runSeeds(
  { start, count, mode, ...size },
  wholeNumber("--processes", values.processes, 1),
  sayDone,
);
const seconds = (performance.now() - beganMs) / 1000;
if (values.seed !== undefined) {
  const report = mode === "cells" ? simulateCells(start) : simulate(drawnRun(start, mode, tabs));
  console.log(JSON.stringify(await report, null, 2));
}
const { seeds, events, violations, balances } = outcome;
const failing = [...new Set(violations.map(({ seed }) => seed))];
if (mode !== "cells") for (const seed of failing.slice(0, SHRUNK_MAX)) await explain(seed, mode);
const rate = Math.round((60 * seeds) / seconds);
console.log(
  `simulated (${mode}): ${seeds} seeds from ${start}, ${events} events, ${violations.length} violations, ` +
    `${seconds.toFixed(1)} s, ${rate} seeds a minute`,
);
for (const { seed, problem } of violations) console.log(`  seed ${seed}: ${problem}`);
const balance = balances.reduce((sum, one) => sum + one, 0);
const isWithin = isWithinCharges(balances);
if (balances.length > 0)
  console.log(
    `  rows: wrong and final less charged ${balance.toFixed(1)} in ${balances.length} runs: ${isWithin ? "holds" : "[CK2] BROKEN"}`,
  );
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ seeds, events, violations }, null, 2)}\n`);
process.exitCode = violations.length > 0 || !isWithin ? 1 : 0;

/** Prints what is needed to see a failure again, and the shortest way to it that was found. */
async function explain(seed: number, mode: SimulationMode): Promise<void> {
  const { problems, reduction, happenings, trace } = await shrink(drawnRun(seed, mode, tabs), (report) =>
    drawnProblems(report, mode),
  );
  console.log(`\nseed ${seed}, commit ${commit()}   (npm run simulate -- --seed ${seed} --mode ${mode})`);
  for (const problem of problems) console.log(`  ${problem}`);
  console.log(`  the shortest run found: ${happenings} happenings, ${JSON.stringify(reduction)}`);
  for (const line of trace) console.log(`    ${line}`);
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "unknown";
  }
}

function sayDone(done: number): void {
  if (done % 1_000 === 0 && done < count) console.log(`  ${done} of ${count} seeds`);
}

function modeOf(text: string): SeedMode {
  if (text === "safety" || text === "liveness" || text === "cells") return text;
  throw new UsageError(`simulate: expected --mode to be safety, liveness or cells, got "${text}"`);
}
