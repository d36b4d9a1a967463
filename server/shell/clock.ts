import { loopTurns } from "../loop-turns.ts";

/** Time as the shell sees it; the simulator has a virtual one. */
export interface Clock {
  /** Milliseconds since the epoch, never running backwards. */
  nowMs(): number;
  /** Calls back once, not before atMs. @returns a way to call it off */
  at(atMs: number, run: () => void): () => void;
}

/** Timers of Node overflow beyond this and would fire at once. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export function systemClock(): Clock {
  // performance.now() does not jump when somebody sets the clock.
  const originMs = Date.now() - performance.now();
  const nowMs = () => originMs + performance.now();
  return {
    nowMs,
    at(atMs, run) {
      let isCalledOff = false;
      const runUnlessCalledOff = () => {
        if (!isCalledOff) run();
      };
      // Node looks at timers first: of a loop that was long at something else they would find late whoever's answer has come and waits to be heard.
      const behindWhatCame = () => setImmediate(() => loopTurns.take(runUnlessCalledOff));
      const timer = setTimeout(behindWhatCame, Math.min(TIMEOUT_MS_MAX, Math.max(0, Math.ceil(atMs - nowMs()))));
      return () => {
        isCalledOff = true;
        clearTimeout(timer);
      };
    },
  };
}

/** The timers that the core has set, by their ids. */
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
