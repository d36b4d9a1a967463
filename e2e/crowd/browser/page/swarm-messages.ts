/** Between a swarm page, its session worker and its compute thread. */
import type { SessionToPage } from "../../../../client/session/session-messages.ts";

export type PageToSwarmSession =
  /** @param settings the page's query string */
  { kind: "start"; url: string; settings: string } | { kind: "stop" };

/** What ran for one batch. */
export interface KernelReport {
  /** As tfjs's profiler tells them, with the back-end whose implementation ran: "wasm:_FusedMatMul". */
  names: string[];
  /** Draw calls to WebGL meanwhile. */
  drawCalls: number;
}

/** From the compute thread, beside Comlink's messages. */
export type FromFaultyThread =
  /** Its tab leaves. */
  | { kind: "paritab-leaves" }
  /** The kernels of one batch. */
  | { kind: "paritab-kernels"; report: KernelReport };

export type SwarmSessionToPage =
  | Extract<SessionToPage, { kind: "status" }>
  | Extract<FromFaultyThread, { kind: "paritab-kernels" }>;
