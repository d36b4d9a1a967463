/** Waiting, and asking again after a lost connection: a coordinator that restarts is back within seconds. */
import { SDK_LOST_MS_MAX, SDK_RETRY_MS_MAX, SDK_RETRY_MS_MIN } from "../protocol/limits.ts";
import { ParitabApiError } from "./paritab-api-error.ts";

/** @throws the signal's reason as soon as it is aborted */
export function waitMs(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * 0: nobody answered. 502, 504: somebody in between did, for a coordinator that is away. 503, 429: its own "not now". The
 * same question may have another answer soon.
 */
const PASSING_STATUSES = [0, 429, 502, 503, 504];

/** Waiting makes no certificate trusted, and no address speak https. */
const LASTING_CODES = ["untrusted-certificate", "not-https"];

export function isPassing(error: unknown): boolean {
  return (
    error instanceof ParitabApiError && PASSING_STATUSES.includes(error.status) && !LASTING_CODES.includes(error.code)
  );
}

/** As isPassing, without 503: a coordinator that has no room for a job says so, and its submitter should hear of it. */
export function isLost(error: unknown): boolean {
  return isPassing(error) && (error as ParitabApiError).status !== 503;
}

/** What is told while nothing can go on. */
export interface Waiting {
  /** Whose answer is missing, and why: "the coordinator at http://... cannot be reached: ...". */
  readonly reason: string;
  readonly waitedMs: number;
  /** Until it is given up; null: as long as the connection stands. */
  readonly leftMs: number | null;
}

/** Who asks, and may want to hear that it takes long. */
export interface Asker {
  readonly onWaiting?: ((waiting: Waiting) => void) | undefined;
}

/** Between two tries: it waits longer each time, and gives up after SDK_LOST_MS_MAX. */
export class Patience {
  readonly #asker: Asker;
  readonly #signal: AbortSignal | undefined;
  #waitedMs = 0;
  #delayMs = SDK_RETRY_MS_MIN;

  /** @param asker is told after every try that failed, before the next */
  constructor(asker: Asker, signal?: AbortSignal) {
    this.#asker = asker;
    this.#signal = signal;
  }

  /** Something has come. */
  renew(): void {
    this.#waitedMs = 0;
    this.#delayMs = SDK_RETRY_MS_MIN;
  }

  /** @throws the error where it will not pass, or has not for too long */
  bear(error: unknown, passes: (error: unknown) => boolean = isPassing): void {
    const leftMs = SDK_LOST_MS_MAX - this.#waitedMs;
    if (!passes(error) || leftMs <= 0) throw error;
    this.#asker.onWaiting?.({ reason: (error as Error).message, waitedMs: this.#waitedMs, leftMs });
  }

  /** @throws the signal's reason as soon as it is aborted */
  async wait(): Promise<void> {
    await waitMs(this.#delayMs, this.#signal);
    this.#waitedMs += this.#delayMs;
    this.#delayMs = Math.min(2 * this.#delayMs, SDK_RETRY_MS_MAX);
  }
}

/**
 * Asks until there is an answer. Only for what may be asked twice.
 * @param asker is told after every try that failed, before the next
 * @param passes whether an error is worth another try
 * @throws what `ask` throws, where it will not pass, or has not within SDK_LOST_MS_MAX
 */
export async function patiently<T>(
  asker: Asker,
  ask: () => Promise<T>,
  signal?: AbortSignal,
  passes: (error: unknown) => boolean = isPassing,
): Promise<T> {
  const patience = new Patience(asker, signal);
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      patience.bear(error, passes);
    }
    await patience.wait();
  }
}
