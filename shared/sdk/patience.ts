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

export function isPassing(error: unknown): boolean {
  // Waiting makes no certificate trusted.
  return (
    error instanceof ParitabApiError &&
    PASSING_STATUSES.includes(error.status) &&
    error.code !== "untrusted-certificate"
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
  let waitedMs = 0;
  for (let delayMs = SDK_RETRY_MS_MIN; ; delayMs = Math.min(2 * delayMs, SDK_RETRY_MS_MAX)) {
    signal?.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (!passes(error) || waitedMs >= SDK_LOST_MS_MAX) throw error;
      const leftMs = SDK_LOST_MS_MAX - waitedMs;
      asker.onWaiting?.({ reason: (error as Error).message, waitedMs, leftMs });
    }
    await waitMs(delayMs, signal);
    waitedMs += delayMs;
  }
}
