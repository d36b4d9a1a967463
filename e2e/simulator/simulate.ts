/** `npm run simulate -- --seed N` or `--seeds COUNT [--start S]`: seeded runs of the coordinator on virtual time. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { runSeed } from "./fixed-run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "1" },
    start: { type: "string", default: "1" },
    json: { type: "string" },
  },
});

const start = wholeNumber("seed or start", values.seed ?? values.start);
const count = values.seed === undefined ? wholeNumber("seeds", values.seeds) : 1;
const violations: { seed: number; problem: string }[] = [];
let events = 0;
for (let seed = start; seed < start + count; seed++) {
  const { report, problems } = await runSeed(seed);
  events += report.happenings;
  for (const problem of problems) violations.push({ seed, problem });
  if (count === 1 || problems.length > 0) console.log(JSON.stringify({ ...report, problems }, null, 2));
}
console.log(`simulated: ${count} seeds from ${start}, ${events} happenings, ${violations.length} violations`);
for (const { seed, problem } of violations)
  console.log(`  seed ${seed}: ${problem}   (npm run simulate -- --seed ${seed})`);
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ seeds: count, events, violations }, null, 2)}\n`);
process.exitCode = violations.length > 0 ? 1 : 0;

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`simulate: expected --${name} to be a whole number, got "${text}"`);
  return value;
}
