/** How loaded this process is: how late its event loop runs, and how full its heap is. Decides what is turned away first. */
import { getHeapStatistics } from "node:v8";
import {
  HEAP_SHARE_SHED_JOBS,
  HEAP_SHARE_SHED_TABS,
  LOOP_LAG_SHED_JOBS_MS,
  LOOP_LAG_SHED_TABS_MS,
} from "../../shared/protocol/limits.ts";

const SAMPLE_MS = 20;
const SAMPLES = 250;

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
  readonly #timer: NodeJS.Timeout;
  /** How late each of the last looks was, ms; the oldest is overwritten. */
  readonly #late: Float64Array;
  #looks = 0;

  /** @param samples looks that the mean is taken over, one each 20 ms */
  constructor(limits = LIMITS, samples = SAMPLES) {
    this.#limits = limits;
    this.#late = new Float64Array(samples);
    let expectedMs = performance.now() + SAMPLE_MS;
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#late[this.#looks++ % samples] = Math.max(0, nowMs - expectedMs);
      expectedMs = nowMs + SAMPLE_MS;
    }, SAMPLE_MS);
    this.#timer.unref();
  }

  /** Mean over the last seconds: one long task does not count for much, one after the other does. */
  lagMs(): number {
    const count = Math.min(this.#looks, this.#late.length);
    return count === 0 ? 0 : this.#late.reduce((sum, ms) => sum + ms, 0) / count;
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
