/** How loaded this process is: how late its event loop runs, and how full its heap is. Decides what is turned away first. */
import { getHeapStatistics } from "node:v8";
import {
  HEAP_SHARE_SHED_JOBS,
  HEAP_SHARE_SHED_TABS,
  LOOP_LAG_SHED_JOBS_MS,
  LOOP_LAG_SHED_TABS_MS,
} from "../../shared/protocol/limits.ts";

/** Between looks at a loop that does something. */
const LOOK_MS = 20;
/** Between looks at one that does nothing: each wakes the process. */
const IDLE_LOOK_MS = 320;
/** A loop that was busy for less than this share of the time between looks made nothing late for longer than that. */
const IDLE_SHARE = 0.05;
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
  #timer: NodeJS.Timeout | undefined;
  #busy = performance.eventLoopUtilization();
  /** When it was looked, how long after the look before it should have been, and how much too late it was; the oldest first. */
  readonly #looks: { readonly atMs: number; readonly waitMs: number; readonly lateMs: number }[] = [];

  constructor(limits = LIMITS, windowMs = WINDOW_MS) {
    this.#limits = limits;
    this.#windowMs = windowMs;
    this.#lookIn(LOOK_MS);
  }

  #lookIn(waitMs: number): void {
    const dueMs = performance.now() + waitMs;
    this.#timer = setTimeout(() => {
      const atMs = performance.now();
      this.#looks.push({ atMs, waitMs, lateMs: Math.max(0, atMs - dueMs) });
      this.#forget(atMs);
      this.#lookIn(this.#hasIdled() ? Math.min(IDLE_LOOK_MS, 2 * waitMs) : LOOK_MS);
    }, waitMs).unref();
  }

  /** Since it was asked before. */
  #hasIdled(): boolean {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#busy);
    this.#busy = now;
    return utilization < IDLE_SHARE;
  }

  /** Mean over the last seconds: one long task does not count for much, one after the other does. */
  lagMs(): number {
    const nowMs = performance.now();
    this.#forget(nowMs);
    // What was before the start was in time: the first task of all is often a long one.
    const beforeMs = Math.max(0, this.#windowMs - (nowMs - this.#startMs));
    let [lateMs, waitedMs] = [0, beforeMs];
    for (const look of this.#looks) {
      lateMs += look.lateMs;
      // One look at a loop that does nothing stands for those that would have found the same.
      waitedMs += look.waitMs;
    }
    return lateMs / Math.max(1, waitedMs / LOOK_MS);
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
    clearTimeout(this.#timer);
  }
}
