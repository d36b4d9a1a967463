/** How loaded this process is: how late its event loop runs, and how full its heap is. Decides what is turned away first. */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import {
  HEAP_SHARE_SHED_JOBS,
  HEAP_SHARE_SHED_TABS,
  LOOP_LAG_SHED_JOBS_MS,
  LOOP_LAG_SHED_TABS_MS,
} from "../../shared/protocol/limits.ts";

const SAMPLE_MS = 20;
const WINDOW_MS = 1_000;
const WINDOWS = 5;

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
  readonly #histogram: IntervalHistogram;
  readonly #timer: NodeJS.Timeout;
  /** Mean lateness of the last windows, the latest last. */
  readonly #windows: number[] = [];

  constructor(limits = LIMITS, windowMs = WINDOW_MS) {
    this.#limits = limits;
    this.#histogram = monitorEventLoopDelay({ resolution: SAMPLE_MS });
    this.#histogram.enable();
    this.#timer = setInterval(() => this.#endWindow(), windowMs);
    this.#timer.unref();
  }

  /** Mean over the last seconds: one long task does not count for much, one after the other does. */
  lagMs(): number {
    return this.#windows.reduce((sum, ms) => sum + ms, 0) / Math.max(1, this.#windows.length);
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
    this.#histogram.disable();
  }

  #endWindow(): void {
    // A window without a sample was one task from end to end: its own timer tells nothing, so the worst that is known counts.
    const meanMs = this.#histogram.mean / 1e6;
    this.#windows.push(Math.max(0, (Number.isFinite(meanMs) ? meanMs : this.#histogram.max / 1e6) - SAMPLE_MS));
    if (this.#windows.length > WINDOWS) this.#windows.shift();
    this.#histogram.reset();
  }
}
