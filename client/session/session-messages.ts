/** Between a page and its session worker: commands one way, the status the other. */
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import type { DeviceLink } from "./device-link.ts";
import type { Pause } from "./may-work.ts";
import type { DeviceState } from "./rules-keeper.ts";
import type { SessionStatus } from "./session-status.ts";
import type { VolunteerSettings } from "./volunteer-settings.ts";

export interface StartMessage {
  kind: "start";
  url: string;
  keyName: string;
  forcedBackend: BackendName | null;
  /** That one model may take of this tab, as the volunteer said it; null: as the browser tells of the device. */
  memoryGib: number | null;
  settings: VolunteerSettings;
  device: DeviceState;
  pause: Pause | null;
  /** Of this local day, before the start. */
  dataBytesToday: number;
  /** Opens one job that runs by invitation. */
  invitation: string | null;
  /** A code from a sheet of seats. */
  seat: string | null;
  /** The operator's token for volunteers of its own. */
  admission: string | null;
  /** Another device's word that this one is under its name. */
  deviceLink: DeviceLink | null;
}

export type PageToSession =
  | StartMessage
  | { kind: "settings"; settings: VolunteerSettings }
  | { kind: "device"; device: DeviceState }
  | { kind: "pause"; pause: Pause | null }
  /** A code for a seat that was typed while the session runs. */
  | { kind: "seat"; code: string }
  /** What runs is finished and sent, then the session stops. */
  | { kind: "finish" }
  /** Somebody looks at the page: a connection that is waited for is tried now. */
  | { kind: "retry" }
  | { kind: "stop" };

export type SessionToPage =
  | { kind: "status"; status: SessionStatus }
  /** A pause for a while has run out. */
  | { kind: "pauseOver" };
