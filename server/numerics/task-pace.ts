/** What tasks are predicted to take: from the numbers that they go through, and from what tasks of that name took for the same job. */

/**
 * Before anything was measured: about what grouping takes. Of no other job, for one that is slow on purpose would have strangers' first tasks
 * taken for slow.
 */
const MS_PER_NUMBER = 2e-5;
const CALL_MS = 1;
/** A new measurement counts so much. */
const NEW_SHARE = 0.3;
const PACES_MAX = 1_000;

export class TaskPace {
  /** Milliseconds a number, by job and task; the least recently measured first. */
  readonly #paces = new Map<string, number>();

  /** @param size numbers that it goes through @returns milliseconds on a thread, above 0 */
  predictedMs(task: string, job: string, size: number): number {
    return CALL_MS + size * (this.#paces.get(keyOf(task, job)) ?? MS_PER_NUMBER);
  }

  measured(task: string, job: string, size: number, ms: number): void {
    const key = keyOf(task, job);
    const now = ms / Math.max(1, size);
    const before = this.#paces.get(key);
    this.#paces.delete(key);
    this.#paces.set(key, before === undefined ? now : before + NEW_SHARE * (now - before));
    if (this.#paces.size > PACES_MAX) this.#paces.delete(this.#paces.keys().next().value!);
  }
}

const keyOf = (task: string, job: string) => `${task} ${job}`;
