/** What all tabs of a crowd do meanwhile, together. */
import type { CoordinatorWithTabs } from "./coordinator-with-tabs.ts";

export interface Spent {
  /** Down and up, by every way. */
  readonly bytes: number;
  /** Of them those that went up. */
  readonly upBytes: number;
  /** That were answered. */
  readonly batches: number;
  /** Computing. */
  readonly ms: number;
  /** That were credited. */
  readonly macs: number;
}

/** What was spent so far, and by which connections. */
export interface SpentSoFar extends Spent {
  readonly sessionIds: readonly string[];
}

const POLL_MS = 100;
const IDLE_MS_MAX = 120_000;

/**
 * Once every tab is connected and idles: where a bench computes in the coordinator's own process, tabs take it for lost, and when it listens again
 * they come back, and are asked a known question.
 */
export async function spentByTabs({
  crowd,
  client,
}: Pick<CoordinatorWithTabs, "crowd" | "client">): Promise<SpentSoFar> {
  const sessionIds = await idleSessions({ crowd, client });
  const statuses = await crowd.status();
  const volunteers = await client.volunteers();
  return {
    sessionIds,
    bytes: statuses.reduce((sum, status) => sum + (status?.trafficBytes ?? 0), 0),
    upBytes: statuses.reduce((sum, status) => sum + (status?.upBytes ?? 0), 0),
    batches: statuses.reduce((sum, status) => sum + (status?.counts.answered ?? 0), 0),
    ms: statuses.reduce((sum, status) => sum + (status?.computedMs ?? 0), 0),
    macs: volunteers.reduce((sum, { creditMacs }) => sum + creditMacs, 0),
  };
}

/** With how many tabs connected anew: what that takes, some 5 KB each, is no row's. */
export function spentMeanwhile(before: SpentSoFar, after: SpentSoFar): Spent & { readonly anew: number } {
  const spent = (what: keyof Spent) => after[what] - before[what];
  return {
    anew: after.sessionIds.filter((id) => !before.sessionIds.includes(id)).length,
    bytes: spent("bytes"),
    upBytes: spent("upBytes"),
    batches: spent("batches"),
    ms: spent("ms"),
    macs: spent("macs"),
  };
}

/** All tabs', or those that are there after a while. */
async function idleSessions({ crowd, client }: Pick<CoordinatorWithTabs, "crowd" | "client">): Promise<string[]> {
  const endMs = performance.now() + IDLE_MS_MAX;
  for (;;) {
    const sessions = await client.sessions();
    const areIdle = sessions.length === crowd.tabs.length && sessions.every(({ state }) => state === "idle");
    if (areIdle || performance.now() > endMs) return sessions.map(({ sessionId }) => sessionId);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
