import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import type { Crowd } from "../crowd/browser/open-crowd.ts";
import { until } from "./until.ts";

const READY_MS_MAX = 120_000;

/** Every tab of the crowd has answered its probe, so that no scheme begins with fewer of them than another. */
export async function crowdReady(client: ParitabClient, crowd: Crowd, signal: AbortSignal): Promise<void> {
  await crowd.connected(READY_MS_MAX);
  const names = new Set(crowd.tabs.map(({ name }) => name));
  await until(signal, READY_MS_MAX, async () => {
    const sessions = await client.sessions(signal);
    const ready = sessions.filter(
      ({ nickname, state }) => names.has(nickname) && (state === "idle" || state === "working"),
    );
    return ready.length === names.size ? ready : `${ready.length} of ${names.size} tabs are ready`;
  });
}
