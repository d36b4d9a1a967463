/**
 * Sockets that ask to be let in, and wait for it one behind the other. After a restart thousands ask within a second. Let in all at once they held the
 * event loop up for seconds: what they then said was heard when their handshakes had run out of time, and they began again. One is let in
 * where a turn of the loop has room for it, after those who are in have been heard.
 */
import type { Duplex } from "node:stream";
import type { LoopTurns } from "../loop-turns.ts";

interface Comer {
  readonly untilMs: number;
  readonly answer: (isIn: boolean) => void;
}

export interface DoorOptions {
  readonly turns: Pick<LoopTurns, "room">;
  /** Whoever has waited for so long by its turn is turned away, and comes again. */
  readonly waitMsMax: number;
  /** Resolves once there is a place for one more handshake. */
  readonly place: () => Promise<void>;
  readonly nowMs?: () => number;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #nowMs: () => number;
  readonly #waiting = new Set<Comer>();
  #isAtWork = false;
  #isClosed = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** @returns whether it is let in; never rejects */
  wait(socket: Duplex): Promise<boolean> {
    // Nobody else listens yet, and an error without a listener would end the process.
    socket.on("error", ignore);
    return new Promise((resolve) => {
      const answer = (isIn: boolean) => {
        // Of one that is destroyed the error may still be told.
        if (!socket.destroyed) socket.off("error", ignore);
        resolve(isIn && !socket.destroyed);
      };
      if (this.#isClosed) return answer(false);
      this.#waiting.add({ untilMs: this.#nowMs() + this.#options.waitMsMax, answer });
      if (!this.#isAtWork) void this.#letIn();
    });
  }

  /** Turns away all who wait, and all who come. */
  close(): void {
    this.#isClosed = true;
    for (const { answer } of this.#waiting) answer(false);
    this.#waiting.clear();
  }

  async #letIn(): Promise<void> {
    this.#isAtWork = true;
    // Those who come meanwhile are walked over too.
    for (const comer of this.#waiting) {
      await this.#options.turns.room();
      await this.#options.place();
      if (this.#waiting.delete(comer)) comer.answer(this.#nowMs() < comer.untilMs);
    }
    this.#isAtWork = false;
  }
}

const ignore = () => {};
