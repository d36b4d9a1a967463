/** Seeds in several processes: each takes the next few when it has done those before. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runDrawnSeed, type SeedMode } from "./one-seed.ts";

export interface Violation {
  readonly seed: number;
  readonly problem: string;
}

export interface Seeds {
  readonly start: number;
  readonly count: number;
  readonly mode: SeedMode;
  readonly tabs?: number;
}

export interface SeedsOutcome {
  readonly seeds: number;
  readonly events: number;
  readonly violations: readonly Violation[];
  /** Of jobs on the ledger of rows, by seed: answers that were wrong and final, less those for which accounts were charged. None: neither. */
  readonly balances: readonly number[];
}

/**
 * [CK2] No coalition gets more wrong and final than is charged, on average: is what these runs show within three times its own deviation of that?
 * @param balances of runs, by runs that had one
 */
export function isWithinCharges(balances: readonly number[]): boolean {
  const sum = balances.reduce((total, one) => total + one, 0);
  const squares = balances.reduce((total, one) => total + one * one, 0);
  return sum <= 3 * Math.sqrt(squares);
}

const SEEDS_AT_ONCE = 25;
/** A broken coordinator breaks every seed: the first ones say what there is to know. */
const VIOLATIONS_MAX = 100;

/** @param onPart told after every few seeds: how many are done */
export async function runSeeds(all: Seeds, processes: number, onPart: (done: number) => void): Promise<SeedsOutcome> {
  const parts: Seeds[] = [];
  for (let done = 0; done < all.count; done += SEEDS_AT_ONCE)
    parts.push({ ...all, start: all.start + done, count: Math.min(SEEDS_AT_ONCE, all.count - done) });
  let [seeds, events] = [0, 0];
  const violations: Violation[] = [];
  const balances: number[] = [];
  const work = async (run: (part: Seeds) => Promise<SeedsOutcome>) => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const outcome = await run(part);
      seeds += outcome.seeds;
      events += outcome.events;
      violations.push(...outcome.violations);
      balances.push(...outcome.balances);
      if (violations.length > VIOLATIONS_MAX) parts.length = 0;
      onPart(seeds);
    }
  };
  if (processes === 1 || parts.length === 1) await work(runHere);
  else await Promise.all(Array.from({ length: Math.min(processes, parts.length) }, () => inProcess(work)));
  violations.sort((a, b) => a.seed - b.seed);
  return { seeds, events, violations, balances };
}

export async function runHere({ start, count, mode, tabs }: Seeds): Promise<SeedsOutcome> {
  let events = 0;
  const violations: Violation[] = [];
  const balances: number[] = [];
  for (let seed = start; seed < start + count; seed++) {
    const { happenings, problems, wrongFinal, charged } = await runDrawnSeed(seed, mode, tabs);
    events += happenings;
    if (wrongFinal !== charged) balances.push(wrongFinal - charged);
    for (const problem of problems) violations.push({ seed, problem });
  }
  return { seeds: count, events, violations, balances };
}

async function inProcess(work: (run: (part: Seeds) => Promise<SeedsOutcome>) => Promise<void>): Promise<void> {
  const file = fileURLToPath(new URL("simulate-part.ts", import.meta.url));
  const child = fork(file, [], { execArgv: ["--import", "tsx"] });
  try {
    await work((part) => ask(child, part));
  } finally {
    child.kill();
  }
}

function ask(child: ChildProcess, part: Seeds): Promise<SeedsOutcome> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) =>
      reject(new Error(`simulate: the process of seeds from ${part.start} ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (outcome) => {
      child.off("exit", ended);
      resolve(outcome as SeedsOutcome);
    });
    child.send(part);
  });
}
