/** So many that ended earlier than those at hand, and were asked for since, are kept. */
const KEPT_MAX = 20;

/** What was read from the store because somebody asked for it: kept until others have been asked for. */
export class RecentlyAsked<T> {
  /** The latest to be asked for last. */
  readonly #kept = new Map<string, T>();
  readonly #keptMax: number;

  constructor(keptMax = KEPT_MAX) {
    this.#keptMax = keptMax;
  }

  set(jobId: string, value: T): void {
    this.#kept.delete(jobId);
    this.#kept.set(jobId, value);
    if (this.#kept.size > this.#keptMax) this.#kept.delete(this.#kept.keys().next().value!);
  }

  forget(jobId: string): void {
    this.#kept.delete(jobId);
  }

  get(jobId: string): T | undefined {
    return this.#kept.get(jobId);
  }
}
