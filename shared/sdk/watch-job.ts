/** A job as it changes, until it has ended. */
import type { JobView } from "../kinds/kinds.ts";
import { SDK_WATCH_MS } from "../protocol/limits.ts";
import { type Asker, patiently, waitMs } from "./patience.ts";

/**
 * Gives the job at once and then at each change; the last one has ended (done, failed or cancelled: no error here).
 * @throws ParitabApiError where the coordinator refuses, or stays away for too long
 */
export async function* watchJob<View extends JobView>(
  asker: Asker,
  job: (signal?: AbortSignal) => Promise<View>,
  signal?: AbortSignal,
): AsyncGenerator<View, void, undefined> {
  for (let last = ""; ; ) {
    const view = await patiently(asker, () => job(signal), signal);
    const now = JSON.stringify(view);
    if (now !== last) yield view;
    if (view.finishedMs !== null) return;
    last = now;
    await waitMs(SDK_WATCH_MS, signal);
  }
}
