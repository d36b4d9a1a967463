/**
 * Work of the main thread in pieces. One turn of the event loop takes in all that has come: the answers of a thousand tabs, what threads have
 * computed, and what follows once each of them is durable. Meanwhile no timer fires, and nobody else is answered. What begins here
 * waits for another turn once this one has lasted some milliseconds.
 */

/** Half a dozen answers of tabs, with all that follows from each. */
const TURN_MS_MAX = 8;
/** Of what waits, so much looks in each turn whether there is room. */
const LOOKS_OF_TURN_MAX = 64;
/** What has begun is cleared away so much at a time. */
const BEGUN_KEPT_MAX = 1_024;

export class LoopTurns {
  readonly #msMax: number;
  readonly #nowMs: () => number;
  readonly #nextTurn: (work: () => void) => void;
  readonly #waiting: (() => void)[] = [];
  /** Of `waiting`, those that have begun. */
  #begun = 0;
  #looks = 0;
  /** null: nothing has begun in this turn. */
  #turnBeganMs: number | null = null;

  /** @param nextTurn as setImmediate: promises go on between one piece of work and the next */
  constructor(
    msMax = TURN_MS_MAX,
    nowMs = () => performance.now(),
    nextTurn: (work: () => void) => void = setImmediate,
  ) {
    this.#msMax = msMax;
    this.#nowMs = nowMs;
    this.#nextTurn = nextTurn;
  }

  /** Does it now where nothing waits and this turn has room; else in one of the next turns, in the order in which it was asked. */
  take(work: () => void): void {
    if (this.#begun === this.#waiting.length && this.#hasRoom()) return work();
    this.#waiting.push(work);
    this.#lookLater();
  }

  /** Resolves in a turn that has room, in the order in which it was asked. */
  room(): Promise<void> {
    return new Promise((resolve) => this.take(resolve));
  }

  #hasRoom(): boolean {
    const nowMs = this.#nowMs();
    if (this.#turnBeganMs !== null) return nowMs - this.#turnBeganMs < this.#msMax;
    this.#turnBeganMs = nowMs;
    this.#nextTurn(() => {
      this.#turnBeganMs = null;
    });
    return true;
  }

  #lookLater(): void {
    const wanted = Math.min(LOOKS_OF_TURN_MAX, this.#waiting.length - this.#begun);
    while (this.#looks < wanted) {
      this.#looks++;
      this.#nextTurn(() => this.#look());
    }
  }

  /** One piece, and no loop over all: what follows from it by promises is done before the next look, and counts. */
  #look(): void {
    this.#looks--;
    if (this.#begun < this.#waiting.length && this.#hasRoom()) {
      const work = this.#waiting[this.#begun++]!;
      if (this.#begun === this.#waiting.length || this.#begun === BEGUN_KEPT_MAX) {
        this.#waiting.splice(0, this.#begun);
        this.#begun = 0;
      }
      this.#afterLook();
      return work();
    }
    this.#afterLook();
  }

  #afterLook(): void {
    if (this.#looks === 0) this.#lookLater();
  }
}

/** Of this process: there is one event loop. */
export const loopTurns = new LoopTurns();
