/** A connection that says nothing for too long is lost, even where nobody has told: a laptop slept, a cable was pulled. */
import { ParitabApiError } from "./paritab-api-error.ts";

/** Aborts with `signal`, or after a silence. */
export class Silence {
  readonly #ms: number;
  readonly #outer: AbortSignal | undefined;
  readonly #inner = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, signal: AbortSignal | undefined) {
    this.#ms = ms;
    this.#outer = signal;
    if (signal?.aborted) this.#giveUp();
    signal?.addEventListener("abort", this.#giveUp, { once: true });
  }

  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  /** What is waited for, as long as that may take. */
  async during<T>(waiting: Promise<T>): Promise<T> {
    const lost = () => this.#inner.abort(new ParitabApiError(0, "unreachable", `nothing came for ${this.#ms} ms`));
    this.#timer = setTimeout(lost, this.#ms);
    try {
      return await waiting;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#giveUp);
  }

  readonly #giveUp = () => this.#inner.abort(this.#outer?.reason);
}
