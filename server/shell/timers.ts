/** The timers that the core has set, by their ids. */
import type { Clock } from "./clock.ts";

export class Timers {
  readonly #clock: Clock;
  readonly #cancels = new Map<number, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(timerId: number, atMs: number, fire: () => void): void {
    const cancel = this.#clock.at(atMs, () => {
      this.#cancels.delete(timerId);
      fire();
    });
    this.#cancels.set(timerId, cancel);
  }

  clear(timerId: number): void {
    this.#cancels.get(timerId)?.();
    this.#cancels.delete(timerId);
  }

  clearAll(): void {
    for (const timerId of [...this.#cancels.keys()]) this.clear(timerId);
  }
}
