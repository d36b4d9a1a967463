/** The clock of one simulated process: while that is paused nothing of it happens, and all that was due happens when it wakes up. */
import type { Clock } from "../../../../server/shell/clock.ts";
import type { VirtualClock } from "../../../crowd/virtual-clock.ts";

export class CellClock implements Clock {
  readonly #clock: VirtualClock;
  /** What was due while it was paused, in order; null: it is awake. */
  #due: (() => void)[] | null = null;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get isPaused(): boolean {
    return this.#due !== null;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  at(atMs: number, run: () => void): () => void {
    let isOff = false;
    this.#clock.at(atMs, () => {
      this.whenAwake(() => {
        if (!isOff) run();
      });
    });
    return () => {
      isOff = true;
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.nowMs() + ms, resolve));
  }

  every(ms: number, run: () => void): () => void {
    let cancel = () => {};
    const next = () => {
      cancel = this.at(this.nowMs() + ms, () => {
        next();
        run();
      });
    };
    next();
    return () => cancel();
  }

  /** Now, or as soon as it wakes up. */
  whenAwake(run: () => void): void {
    if (this.#due === null) run();
    else this.#due.push(run);
  }

  awake(): Promise<void> {
    return new Promise((resolve) => this.whenAwake(resolve));
  }

  pause(): void {
    this.#due ??= [];
  }

  wake(): void {
    const due = this.#due ?? [];
    this.#due = null;
    for (const run of due) run();
  }
}
