/** How loaded this process is: how late its event loop runs, and how full its heap is. Decides what is turned away first. */
import { getHeapStatistics } from "node:v8";
import {
  HEAP_SHARE_SHED_JOBS,
  HEAP_SHARE_SHED_TABS,
  LOOP_LAG_SHED_JOBS_MS,
  LOOP_LAG_SHED_TABS_MS,
} from "../../shared/protocol/limits.ts";

const LOOK_MS = 20;
const WINDOW_MS = 5_000;

export interface LoadLimits {
  readonly lagMs: { readonly tabs: number; readonly jobs: number };
  readonly heapShare: { readonly tabs: number; readonly jobs: number };
}
const LIMITS: LoadLimits = {
  lagMs: { tabs: LOOP_LAG_SHED_TABS_MS, jobs: LOOP_LAG_SHED_JOBS_MS },
  heapShare: { tabs: HEAP_SHARE_SHED_TABS, jobs: HEAP_SHARE_SHED_JOBS },
};

export class LoadWatch {
  readonly #limits: LoadLimits;
  readonly #windowMs: number;
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  /** When it was looked, and how much too late; the oldest first. */
  readonly #looks: { readonly atMs: number; readonly lateMs: number }[] = [];

  constructor(limits = LIMITS, windowMs = WINDOW_MS) {
    this.#limits = limits;
    this.#windowMs = windowMs;
    let expectedMs = this.#startMs + LOOK_MS;
    this.#timer = setInterval(() => {
      const atMs = performance.now();
      this.#looks.push({ atMs, lateMs: Math.max(0, atMs - expectedMs) });
      this.#forget(atMs);
      expectedMs = atMs + LOOK_MS;
    }, LOOK_MS);
    this.#timer.unref();
  }

  /** Mean over the last seconds: one long task does not count for much, one after the other does. */
  lagMs(): number {
    const nowMs = performance.now();
    this.#forget(nowMs);
    // What was before the start was in time: the first task of all is often a long one.
    const before = Math.max(0, this.#windowMs - (nowMs - this.#startMs)) / LOOK_MS;
    const lateMs = this.#looks.reduce((sum, look) => sum + look.lateMs, 0);
    return lateMs / Math.max(1, this.#looks.length + before);
  }

  #forget(nowMs: number): void {
    while (this.#looks.length > 0 && this.#looks[0]!.atMs < nowMs - this.#windowMs) this.#looks.shift();
  }

  /** Of what the heap may grow to. */
  heapShare(): number {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    return used / limit;
  }

  /** Why this is turned away now, in words; null: it is not. New tabs go first, new jobs later, what is here stays. */
  sheds(what: "tabs" | "jobs"): string | null {
    const lagMs = this.lagMs();
    if (lagMs > this.#limits.lagMs[what]) return `the coordinator runs ${Math.round(lagMs)} ms late`;
    const share = this.heapShare();
    if (share > this.#limits.heapShare[what]) return `the coordinator's memory is ${Math.round(share * 100)} % full`;
    return null;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
