/** The routes of each kind of job, from the list of kinds. */
import { type KindPorts, SERVER_KINDS } from "../kinds/kinds.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import type { Web, WebKind } from "./web-kind.ts";

/** The coordinator with a desk for each kind of job. */
export interface DeskPort extends CoordinatorPort {
  /** What one kind of job alone is asked. */
  readonly desks: KindPorts;
}

export function addKindRoutes(web: Web, desks: KindPorts): void {
  const ports: Readonly<Record<string, unknown>> = desks;
  for (const [kind, { web: ofKind }] of Object.entries(SERVER_KINDS)) {
    (ofKind.addRoutes as WebKind<never, unknown>["addRoutes"])(web, ports[kind]);
  }
}
