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
  const work = async (run: (part: Seeds) => Promise<SeedsOutcome>) => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const outcome = await run(part);
      seeds += outcome.seeds;
      events += outcome.events;
      violations.push(...outcome.violations);
      if (violations.length > VIOLATIONS_MAX) parts.length = 0;
      onPart(seeds);
    }
  };
  if (processes === 1 || parts.length === 1) await work(runHere);
  else await Promise.all(Array.from({ length: Math.min(processes, parts.length) }, () => inProcess(work)));
  violations.sort((a, b) => a.seed - b.seed);
  return { seeds, events, violations };
}

export async function runHere({ start, count, mode, tabs }: Seeds): Promise<SeedsOutcome> {
  let events = 0;
  const violations: Violation[] = [];
  for (let seed = start; seed < start + count; seed++) {
    const { happenings, problems } = await runDrawnSeed(seed, mode, tabs);
    events += happenings;
    for (const problem of problems) violations.push({ seed, problem });
  }
  return { seeds: count, events, violations };
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
