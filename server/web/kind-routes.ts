/** The routes of each kind of job, from the list of kinds. */
import { WEB_KINDS } from "../kinds/web-kinds.ts";
import type { Web, WebKind } from "./web-kind.ts";

export function addKindRoutes(web: Web): void {
  for (const [kind, { addRoutes }] of Object.entries(WEB_KINDS)) {
    (addRoutes as WebKind<never, unknown>["addRoutes"])(web, web.port.desks[kind as keyof typeof WEB_KINDS]);
  }
}
