/** What each thread beside the first adds, as measured for two on two cores (npm run bench -- tab-loop --threads 2): it shares caches and memory with the others. */
const FURTHER_THREAD_SHARE = 0.9;

/** How many times the work of one thread so many do, about: one digit after the point. */
export function timesTheWork(threads: number): number {
  return Number((1 + FURTHER_THREAD_SHARE * (threads - 1)).toFixed(1));
}
