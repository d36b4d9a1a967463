/** What the Web Workers of this machine's browsers do with their time, as Linux counts it; elsewhere nothing is known. */
import { readdirSync, readFileSync } from "node:fs";

export interface ThreadTimes {
  readonly computedMs: number;
  /** It had something to compute, and no processor was free. */
  readonly waitedMs: number;
}

const WORKER_THREAD = "DedicatedWorker";
const NS_PER_MS = 1e6;

/** By thread, since it began; empty where the system does not tell. */
export function workerThreads(): Map<string, ThreadTimes> {
  const threads = new Map<string, ThreadTimes>();
  for (const process of entriesOf("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const thread of entriesOf(`/proc/${process}/task`)) {
      const folder = `/proc/${process}/task/${thread}`;
      if (textOf(`${folder}/comm`).trim() !== WORKER_THREAD) continue;
      const [computedNs = 0, waitedNs = 0] = textOf(`${folder}/schedstat`).split(" ").map(Number);
      threads.set(thread, { computedMs: computedNs / NS_PER_MS, waitedMs: waitedNs / NS_PER_MS });
    }
  }
  return threads;
}

/** Of so many workers that computed most meanwhile, together; null: nothing is known. */
export function busiestSpent(
  before: Map<string, ThreadTimes>,
  after: Map<string, ThreadTimes>,
  workers: number,
): ThreadTimes | null {
  const spent = [...after].flatMap(([thread, now]) => {
    const then = before.get(thread);
    if (then === undefined) return [];
    return [{ computedMs: now.computedMs - then.computedMs, waitedMs: now.waitedMs - then.waitedMs }];
  });
  if (spent.length < workers) return null;
  const busiest = spent.sort((a, b) => b.computedMs - a.computedMs).slice(0, workers);
  const sum = (of: (one: ThreadTimes) => number) => busiest.reduce((total, one) => total + of(one), 0);
  return { computedMs: sum(({ computedMs }) => computedMs), waitedMs: sum(({ waitedMs }) => waitedMs) };
}

/** Of the worker that computed most meanwhile: the share of the time in which it had something to compute; null: nothing is known. */
export function atWorkShare(before: Map<string, ThreadTimes>, after: Map<string, ThreadTimes>, ms: number) {
  const busiest = busiestSpent(before, after, 1);
  return busiest === null ? null : (busiest.computedMs + busiest.waitedMs) / ms;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Threads end while one looks. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
