/**
 * Whether this tab may compute now, how hard, and what holds it back where it may not. Decides; watching the device and
 * obeying the decision is the business of others.
 */
import type { Ease } from "./pressure.ts";
import { isOpenAt, nextMidnightMs, nextOpeningMs } from "./schedule.ts";
import type { VolunteerSettings } from "./volunteer-settings.ts";

/** Of the volunteer, for a while or until Resume. */
export interface Pause {
  /** null: until Resume. */
  readonly untilMs: number | null;
}

export interface Conditions {
  readonly pause: Pause | null;
  /** unknown: the browser does not tell. */
  readonly power: "mains" | "battery" | "unknown";
  readonly user: "active" | "idle" | "unknown";
  readonly ease: Ease;
  /** The browser asks sites to spare data. */
  readonly savesData: boolean;
  /** A mobile network; false also where the browser does not tell. */
  readonly isCellular: boolean;
  /** Of this local day. */
  readonly dataBytesToday: number;
}

/** Why work is held back. Words for it stand in client/volunteer/texts. */
export type HoldReason =
  | { readonly kind: "paused"; readonly untilMs: number | null }
  /** null: the schedule has no hour at all. */
  | { readonly kind: "schedule"; readonly untilMs: number | null }
  | { readonly kind: "battery" }
  | { readonly kind: "in-use" }
  | { readonly kind: "save-data" }
  | { readonly kind: "cellular" }
  | { readonly kind: "data-cap"; readonly untilMs: number; readonly capMb: number }
  | { readonly kind: "pressure" }
  /** The volunteer said: finish, then stop. */
  | { readonly kind: "finishing" };

export interface Decision {
  readonly allowed: boolean;
  /** null exactly where it is allowed. */
  readonly because: HoldReason | null;
  /** Share of the time to compute while allowed. */
  readonly intensity: number;
  /** The computer is under pressure, so the intensity is half of what was set. */
  readonly eased: boolean;
}

const BYTES_PER_MB = 1e6;

/** The first reason in the order of how much it is the volunteer's own; rules that the browser cannot tell hold nothing back. */
export function mayWork(settings: VolunteerSettings, conditions: Conditions, nowMs: number): Decision {
  const because = holdReason(settings, conditions, nowMs);
  const eased = settings.easesUnderPressure && conditions.ease === "eased";
  return { allowed: because === null, because, intensity: eased ? settings.intensity / 2 : settings.intensity, eased };
}

function holdReason(settings: VolunteerSettings, conditions: Conditions, nowMs: number): HoldReason | null {
  const { pause } = conditions;
  if (pause !== null && (pause.untilMs === null || nowMs < pause.untilMs)) {
    return { kind: "paused", untilMs: pause.untilMs };
  }
  const { isOn, days } = settings.schedule;
  if (isOn && !isOpenAt(days, nowMs)) return { kind: "schedule", untilMs: nextOpeningMs(days, nowMs) };
  if (settings.onlyOnMains && conditions.power === "battery") return { kind: "battery" };
  if (settings.onlyWhenIdle && conditions.user === "active") return { kind: "in-use" };
  if (settings.respectsSaveData && conditions.savesData) return { kind: "save-data" };
  if (settings.notOnCellular && conditions.isCellular) return { kind: "cellular" };
  const capMb = settings.dataCapMbPerDay;
  if (capMb !== null && conditions.dataBytesToday >= capMb * BYTES_PER_MB) {
    return { kind: "data-cap", untilMs: nextMidnightMs(nowMs), capMb };
  }
  if (settings.easesUnderPressure && conditions.ease === "held") return { kind: "pressure" };
  return null;
}
