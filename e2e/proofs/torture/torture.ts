/** `npm run torture -- [--cycles 200] [--minutes N] [--seed N] [--fault kill|power] [--json FILE]`: what a coordinator loses when it is killed. */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { quantile } from "../../../shared/numbers/quantile.ts";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { noPowerCut } from "./power-cut/power-cut.ts";
import { type Fault, runTorture } from "./run-torture.ts";

sayUsageErrors();
const { values } = parseArgs({
  options: {
    cycles: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    fault: { type: "string", default: "kill" },
    json: { type: "string" },
  },
});
const cycles = wholeNumber("--cycles", values.cycles, 0);
const seed = wholeNumber("--seed", values.seed, 0);
const fault = faultOf(values.fault);

const SAID_EVERY = 10;
const startMs = performance.now();
const report = await runTorture({
  cycles,
  seed,
  fault,
  ...(values.minutes === undefined ? {} : { msMax: wholeNumber("--minutes", values.minutes, 0) * 60_000 }),
  onFinding: (kind, problem) => console.log(`${kind.toUpperCase()}: ${problem}`),
  onCycle: (cycle, { jobs, lost, doubled, wrong }) => {
    if (cycle % SAID_EVERY !== 0) return;
    const seconds = Math.round((performance.now() - startMs) / 1000);
    const found = `${lost.length} lost, ${doubled.length} doubled, ${wrong.length} wrong`;
    console.log(`cycle ${cycle} of ${cycles}, ${seconds} s: ${jobs.ended} of ${jobs.submitted} jobs ended; ${found}`);
  },
});

const { lost, doubled, wrong, recoveriesMs } = report;
const recoveryMs = (share: number) => Math.round(quantile(recoveriesMs, share) ?? 0);
const [p50, p99] = [recoveryMs(0.5), recoveryMs(0.99)];
const risk = fault === "power" ? `, ${report.writesAtRisk} writes and names were not synced when the power went` : "";
console.log(
  `\n${report.jobs.submitted} jobs, ${report.finalAnswers} final answers, ${report.uploads} uploads, ${report.creditedResults} credited results${risk}`,
);
console.log(
  `torture: ${report.cycles} ${fault === "power" ? "power cuts" : "kills"}, seed ${seed}: ${lost.length} lost, ${doubled.length} doubled, ${wrong.length} wrong; recovery p50 ${p50} ms, p99 ${p99} ms`,
);
if (values.json !== undefined) {
  const row = { fault, seed, cycles: report.cycles, lost: lost.length, doubled: doubled.length, wrong: wrong.length };
  const { recoveriesMs: _all, lost: _lost, doubled: _doubled, wrong: _wrong, ...counts } = report;
  const all = { ...counts, ...row, recoveryMsP50: p50, recoveryMsP99: p99, problems: [...lost, ...doubled, ...wrong] };
  await writeFile(values.json, `${JSON.stringify(all, null, 2)}\n`);
}
process.exitCode = lost.length + doubled.length + wrong.length > 0 ? 1 : 0;

function faultOf(text: string): Fault {
  if (text !== "kill" && text !== "power")
    throw new UsageError(`torture: expected --fault kill or power, got "${text}"`);
  const problem = text === "power" ? noPowerCut() : null;
  if (problem !== null) throw new UsageError(problem);
  return text;
}
