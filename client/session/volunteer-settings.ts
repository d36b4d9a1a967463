/**
 * What a volunteer has set, and what holds by default. The page keeps it (client/volunteer/stored-settings.ts), the session
 * worker obeys it: rules by the clock must not stand in a page whose timers stop while it is hidden.
 */

import type { WorkChoice } from "../../shared/protocol/messages.ts";

/** Work may begin from the hour `from` (0 to 23) until the hour `to` (1 to 24); where `to` is not later, of the next day. */
export interface DayHours {
  readonly from: number;
  readonly to: number;
}

export interface RefusedJob {
  readonly jobId: string;
  readonly name: string;
}

export interface VolunteerSettings {
  /** Shown on the leaderboard; empty: none. */
  readonly nickname: string;
  /** Whose total the credit of this browser's key counts for; empty: nobody's. */
  readonly team: string;
  /** Share of the time that is spent computing, from TAB_INTENSITY_MIN to 1. */
  readonly intensity: number;
  /** Each has a session and a compute thread of its own; null: nobody chose, and the device says how many (tab-memory.ts). */
  readonly threads: number | null;
  readonly onlyOnMains: boolean;
  /** Half the intensity while the computer is under pressure, nothing while it is critical. */
  readonly easesUnderPressure: boolean;
  readonly onlyWhenIdle: boolean;
  readonly respectsSaveData: boolean;
  /** Only on Wi-Fi or cable, where the browser tells. */
  readonly notOnCellular: boolean;
  /** Opening the page again goes on with a visit that was not ended. */
  readonly goesOn: boolean;
  /** The screen stays on while the tab works, where the browser has a lock for that. */
  readonly keepsScreenOn: boolean;
  /** A local day's traffic; null: no cap. */
  readonly dataCapMbPerDay: number | null;
  /** Monday first, by local time. */
  readonly schedule: { readonly isOn: boolean; readonly days: readonly (DayHours | null)[] };
  /** For whom this browser works; null: for everybody. */
  readonly projects: readonly string[] | null;
  /** Jobs that the volunteer has said no to. */
  readonly refusedJobs: readonly RefusedJob[];
  /** What one busy thread adds to what the device draws, for the estimate of energy. */
  readonly wattsPerThread: number;
}

export const DATA_CAP_MB_MAX = 1_000_000;
export const WATTS_MAX = 1_000;

/** Cautious where the browser tells enough to be so: most who stop for good do so over noise and heat. */
export const DEFAULT_SETTINGS: VolunteerSettings = {
  nickname: "",
  team: "",
  intensity: 0.6,
  threads: null,
  onlyOnMains: true,
  easesUnderPressure: true,
  onlyWhenIdle: false,
  respectsSaveData: true,
  notOnCellular: true,
  goesOn: true,
  keepsScreenOn: false,
  dataCapMbPerDay: null,
  schedule: { isOn: false, days: Array.from({ length: 7 }, () => ({ from: 0, to: 24 })) },
  projects: null,
  refusedJobs: [],
  // A laptop's core between half and full clock; desktops and phones differ by a factor of two or three.
  wattsPerThread: 10,
};

/** As the coordinator is told; null: whatever there is. */
export function choiceOf({ projects, refusedJobs }: VolunteerSettings): WorkChoice | null {
  if (projects === null && refusedJobs.length === 0) return null;
  return { projects: projects === null ? null : [...projects], refused: refusedJobs.map(({ jobId }) => jobId) };
}
