/** Cases of a bench that are simulated on several threads. */
import { cpus } from "node:os";
import { Piscina } from "piscina";

const THREADS_MAX = 4;

/**
 * @param entry plain JavaScript beside the bench, for threads start as that: `new URL("./some-thread.mjs", import.meta.url)`
 * @returns to be destroyed by who asks; threads are started when there is work for them
 */
export function seedThreads<Case, Tally>(entry: URL): Piscina<Case, Tally> {
  return new Piscina<Case, Tally>({
    filename: entry.href,
    execArgv: [],
    minThreads: 0,
    maxThreads: Math.max(1, Math.min(THREADS_MAX, cpus().length)),
  });
}
