/**
 * How much a computer under pressure is spared: less work at once, more again only step by step. Fans that howl, fall silent
 * and howl again are worse than fans that run, so each step back waits for TAB_COOLING_MS without pressure.
 */
import { TAB_COOLING_MS, TAB_PRESSURE_STALE_MS } from "../../shared/protocol/limits.ts";

/** As the Compute Pressure API names it. */
export type PressureState = "nominal" | "fair" | "serious" | "critical";
/** `eased`: half the intensity. `held`: nothing. */
export type Ease = "full" | "eased" | "held";

export interface Easing {
  readonly ease: Ease;
  /** When the browser last told of pressure as bad as this ease, or when this step was taken. */
  readonly sinceMs: number;
  readonly heardAtMs: number;
}

export const NO_EASING: Easing = { ease: "full", sinceMs: 0, heardAtMs: 0 };

const ORDER: readonly Ease[] = ["full", "eased", "held"];

function easeFor(state: PressureState): Ease {
  if (state === "critical") return "held";
  return state === "serious" ? "eased" : "full";
}

/** The browser has told how it fares. */
export function afterPressure(easing: Easing, state: PressureState, nowMs: number): Easing {
  const called = easeFor(state);
  const isAsBad = ORDER.indexOf(called) >= ORDER.indexOf(easing.ease);
  if (isAsBad) return { ease: called, sinceMs: nowMs, heardAtMs: nowMs };
  return stepBack({ ...easing, heardAtMs: nowMs }, nowMs);
}

/** Time has passed and the browser has told nothing: it tells pages in front alone. */
export function afterSilence(easing: Easing, nowMs: number): Easing {
  return nowMs - easing.heardAtMs < TAB_PRESSURE_STALE_MS ? easing : stepBack(easing, nowMs);
}

function stepBack(easing: Easing, nowMs: number): Easing {
  const step = ORDER.indexOf(easing.ease);
  if (step === 0 || nowMs - easing.sinceMs < TAB_COOLING_MS) return easing;
  return { ...easing, ease: ORDER[step - 1]!, sinceMs: nowMs };
}
