/** Between a page and its session worker: commands one way, the status the other. */
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import type { SessionStatus } from "./session-status.ts";

export type PageToSession =
  | { kind: "start"; url: string; keyName: string; forcedBackend: BackendName | null }
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "stop" };

export type SessionToPage = { kind: "status"; status: SessionStatus };
