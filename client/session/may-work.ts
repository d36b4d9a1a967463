/**
 * Whether this tab may compute now, how hard, and what holds it back where it may not. Decides; watching the device and
 * obeying the decision is the business of others.
 */
import type { AwayReason } from "../../shared/protocol/why-no-tab.ts";
import { type Easing, type LoadOf, PACE_OF } from "./pressure.ts";
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
  readonly easing: Pick<Easing, "ease" | "loadOf">;
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
  /** The tab stops for some seconds, to see whether the pressure is its own. */
  | { readonly kind: "pressure-look" }
  /** The volunteer said: finish, then stop. */
  | { readonly kind: "finishing" };

/** As the coordinator is told. A look ends by itself after seconds, as a rest does. */
export const AWAY_BY_HOLD: Readonly<Record<HoldReason["kind"], AwayReason>> = {
  paused: "paused",
  schedule: "schedule",
  battery: "battery",
  "in-use": "in-use",
  "save-data": "save-data",
  cellular: "cellular",
  "data-cap": "data-cap",
  pressure: "busy",
  "pressure-look": "resting",
  finishing: "finishing",
};

export interface Decision {
  readonly allowed: boolean;
  /** null exactly where it is allowed. */
  readonly because: HoldReason | null;
  /** Share of the time to compute while allowed. */
  readonly intensity: number;
  readonly eased: Eased | null;
}

/** The computer is under pressure, so the intensity is that share of what was set. */
export interface Eased {
  readonly share: number;
  readonly loadOf: LoadOf;
}

const BYTES_PER_MB = 1e6;

/** The first reason in the order of how much it is the volunteer's own; rules that the browser cannot tell hold nothing back. */
export function mayWork(settings: VolunteerSettings, conditions: Conditions, nowMs: number): Decision {
  const because = holdReason(settings, conditions, nowMs);
  const { ease, loadOf } = conditions.easing;
  const share = settings.easesUnderPressure ? PACE_OF[ease] : 1;
  const eased = share < 1 ? { share, loadOf } : null;
  return { allowed: because === null, because, intensity: settings.intensity * share, eased };
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
  if (!settings.easesUnderPressure) return null;
  const { ease } = conditions.easing;
  return ease === "held" ? { kind: "pressure" } : ease === "looking" ? { kind: "pressure-look" } : null;
}
