/** What all tabs of a crowd have done so far, together. */
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

export async function spentByTabs({ crowd, client }: Pick<CoordinatorWithTabs, "crowd" | "client">): Promise<Spent> {
  const statuses = await crowd.status();
  const volunteers = await client.volunteers();
  return {
    bytes: statuses.reduce((sum, status) => sum + (status?.trafficBytes ?? 0), 0),
    upBytes: statuses.reduce((sum, status) => sum + (status?.upBytes ?? 0), 0),
    batches: statuses.reduce((sum, status) => sum + (status?.counts.answered ?? 0), 0),
    ms: statuses.reduce((sum, status) => sum + (status?.computedMs ?? 0), 0),
    macs: volunteers.reduce((sum, { creditMacs }) => sum + creditMacs, 0),
  };
}
