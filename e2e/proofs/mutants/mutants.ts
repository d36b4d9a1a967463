/**
 * `npm run mutants [-- --only NAME] [--both] [--processes COUNT] [--json FILE]`: plants each bug of patches/ in a copy of the tree,
 * and prints who finds it. The simulator looks first, the tests where it found nothing; with --both, both look.
 */
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { type Found, findWithSimulator, findWithTests } from "./finders.ts";
import { type PlantedBug, plantedBugs } from "./patch-files.ts";
import { TreeCopy } from "./tree-copy.ts";

sayUsageErrors();
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    both: { type: "boolean", default: false },
    processes: { type: "string", default: String(availableParallelism()) },
    json: { type: "string" },
  },
});

const bugs = plantedBugs().filter(({ name }) => values.only === undefined || name === values.only);
if (bugs.length === 0) throw new UsageError(`mutants: expected --only to name a patch, got "${values.only}"`);
const processes = Math.min(bugs.length, Math.max(1, Number(values.processes)));
const outcomes = new Map<string, readonly Found[]>();
const copies: TreeCopy[] = [];
try {
  const waiting = [...bugs];
  await requireUnbroken();
  await Promise.all(Array.from({ length: processes }, () => work(waiting)));
} finally {
  for (const copy of copies) copy.remove();
}
const missed = bugs.filter(({ name }) => outcomes.get(name)!.length === 0).map(({ name }) => name);
const bySimulator = bugs.filter(({ name }) => outcomes.get(name)!.some(({ by }) => by === "simulator")).length;
const found = bugs.length - missed.length;
console.log(`planted ${bugs.length}, found ${found}, of them ${bySimulator} by the simulator`);
for (const name of missed) console.log(`  missed: ${name}`);
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ planted: bugs.length, found, missed, bySimulator }, null, 2)}\n`);
process.exitCode = missed.length > 0 ? 1 : 0;

/** What finds fault with the tree as it is finds nothing. */
async function requireUnbroken(): Promise<void> {
  const copy = newCopy();
  let wrong = await findWithSimulator(copy.path);
  // One after the other, so that the limit of processor time is that of one.
  for (const path of new Set(bugs.flatMap((bug) => bug.tests))) wrong ??= await findWithTests(copy.path, [path]);
  if (wrong !== null) throw new Error(`mutants: expected a tree without planted bugs to pass, got ${wrong.evidence}`);
}

async function work(waiting: PlantedBug[]): Promise<void> {
  const copy = newCopy();
  for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
    copy.apply(bug.path);
    const by = await look(copy, bug);
    copy.undo(bug.path);
    outcomes.set(bug.name, by);
    console.log(`${by.length === 0 ? "MISSED" : "found "} ${bug.name} [${bug.rule}]`);
    for (const { by: finder, evidence } of by) console.log(`         ${finder}: ${evidence}`);
  }
}

async function look({ path }: TreeCopy, { tests }: PlantedBug): Promise<Found[]> {
  const first = await findWithSimulator(path);
  if (first !== null && !values.both) return [first];
  const second = await findWithTests(path, tests);
  return [first, second].filter((found) => found !== null);
}

function newCopy(): TreeCopy {
  const copy = new TreeCopy();
  copies.push(copy);
  return copy;
}
