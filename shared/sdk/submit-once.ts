/** A submission until its answer is there, whatever gets lost on the way: one job, and one whose id is known. */
import type { JobView } from "../kinds/kinds.ts";
import { SDK_LAST_WORD_MS_MAX } from "../protocol/limits.ts";
import { type Asker, isLost, patiently } from "./patience.ts";

/**
 * @param submit is given the signal that cuts this request off, and the key that makes a repeated submission the same job
 * @param key absent: one of its own
 * @param signal ends the waiting for a coordinator at once. A request that is under way may become a job whose id nobody would
 *   know, so its answer is waited for SDK_LAST_WORD_MS_MAX more; where it comes, it is returned
 * @throws the signal's reason; ParitabApiError where the coordinator refuses, or stays away for too long
 */
export async function submitOnce<Answer>(
  asker: Asker,
  submit: (signal: AbortSignal, key: string) => Promise<Answer>,
  signal?: AbortSignal,
  key = submissionKey(),
): Promise<Answer> {
  const cut = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    timer = setTimeout(() => cut.abort(signal!.reason), SDK_LAST_WORD_MS_MAX);
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await patiently(asker, () => submit(cut.signal, key), signal, isLost);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Of a job that nobody waits for any more. It may come too late, or reach nobody: the reason for leaving is what its caller hears of. */
export async function cancelInPassing(
  caller: { cancel(jobId: string, signal?: AbortSignal): Promise<JobView> },
  jobId: string,
): Promise<void> {
  await caller.cancel(jobId, AbortSignal.timeout(SDK_LAST_WORD_MS_MAX)).catch(() => undefined);
}

/** A key that makes a repeated submission the same job: hard to guess, for the job's id is made from it. */
const KEY_BYTES = 16;

export function submissionKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
