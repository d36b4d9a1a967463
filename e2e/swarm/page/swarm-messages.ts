/** Between a swarm page, its session worker and its compute thread. */

export type PageToSwarmSession =
  /** @param settings the page's query string */
  { kind: "start"; url: string; settings: string } | { kind: "stop" };

/** From the compute thread, beside Comlink's messages: its tab leaves. */
export const LEAVE = "paritab-swarm-leaves";
