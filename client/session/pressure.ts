/**
 * How much a busy or hot computer is spared. Browsers tell of the whole machine, this tab's own load included, so the tab looks
 * which of the two it is: it works less at once, and where that does not help it computes nothing for some seconds. Pressure that
 * falls meanwhile was its own, and never pauses it; pressure that stays is of other programs, and pauses it only where it lasts
 * and began after Start. Each step back waits for quiet: fans that howl, fall silent and howl again are worse than fans that run.
 */
import {
  TAB_CALM_MS,
  TAB_COOLING_MS,
  TAB_OTHERS_LOAD_MS,
  TAB_OWN_LOAD_MS,
  TAB_OWN_RISE_MS,
  TAB_PRESSURE_AT_FIRST_MS,
  TAB_PRESSURE_FRESH_MS,
  TAB_PRESSURE_LASTS_MS,
  TAB_PRESSURE_STALE_MS,
  TAB_QUIET_MS,
  TAB_QUIET_WAIT_MS_MAX,
} from "../../shared/protocol/limits.ts";

/** As the Compute Pressure API names it. */
export type PressureState = "nominal" | "fair" | "serious" | "critical";
/** looking: nothing for some seconds, to see whose load it is. held: nothing. The others: PACE_OF of the volunteer's intensity. */
export type Ease = "full" | "eased" | "gentle" | "looking" | "held";
/** null: not known. */
export type LoadOf = "own" | "others" | null;

export const PACE_OF: Readonly<Record<Ease, number>> = { full: 1, eased: 1 / 2, gentle: 1 / 4, looking: 1, held: 1 };

export interface Easing {
  readonly ease: Ease;
  readonly loadOf: LoadOf;
  readonly startedMs: number;
  /** When this step was taken; later, when the pressure was last as bad as that asks for. */
  readonly sinceMs: number;
  /** As it was told last; null: it was not told, or so long ago that it says nothing. */
  readonly state: PressureState | null;
  readonly heardAtMs: number;
  /** null: it is not critical. */
  readonly criticalSinceMs: number | null;
  /** The pressure was critical before the tab could be its cause, and has not been lower since. */
  readonly wasBusyBefore: boolean;
  /** A look at whose load it is: the pace before it, and since when the tab computes nothing (null: the tab finishes a batch). */
  readonly look: { readonly from: "eased" | "gentle"; readonly quietSinceMs: number | null } | null;
  /** When it last went back to the full intensity; null: not yet. */
  readonly fullAgainMs: number | null;
  /** Until then pressure is taken for its own. */
  readonly ownUntilMs: number;
}

export function noEasing(nowMs: number): Easing {
  return {
    ...{ ease: "full", loadOf: null, startedMs: nowMs, sinceMs: nowMs, state: null, heardAtMs: nowMs },
    ...{ criticalSinceMs: null, wasBusyBefore: false, look: null, fullAgainMs: null, ownUntilMs: 0 },
  };
}

/**
 * @param told what the browser has just told; null: nothing, only time has passed
 * @param computes is this tab computing anything at this moment?
 */
export function easingAfter(before: Easing, told: PressureState | null, computes: boolean, nowMs: number): Easing {
  const easing = heard(before, told, nowMs);
  if (easing.look !== null) return whileLooking(easing, easing.look, computes, nowMs);
  if (isAsBad(easing)) return worse({ ...easing, sinceMs: nowMs }, nowMs);
  return stepBack(easing, nowMs);
}

function heard(before: Easing, told: PressureState | null, nowMs: number): Easing {
  if (told === null) {
    // Browsers tell pages in front alone: after a long silence the worst is assumed no longer.
    const isStale = nowMs - before.heardAtMs >= TAB_PRESSURE_STALE_MS;
    return isStale ? { ...before, state: null, criticalSinceMs: null, wasBusyBefore: false } : before;
  }
  const isCritical = told === "critical";
  const isFirst = before.state === null && nowMs - before.startedMs <= TAB_PRESSURE_AT_FIRST_MS;
  return {
    ...before,
    state: told,
    heardAtMs: nowMs,
    criticalSinceMs: isCritical ? (before.criticalSinceMs ?? nowMs) : null,
    wasBusyBefore: isCritical && (before.wasBusyBefore || isFirst),
  };
}

/** Is the pressure such that nothing is given back yet? */
function isAsBad({ ease, state }: Easing): boolean {
  return state === "critical" || (state === "serious" && (ease === "full" || ease === "eased"));
}

function worse(easing: Easing, nowMs: number): Easing {
  const { ease, state, criticalSinceMs, wasBusyBefore, ownUntilMs, fullAgainMs, heardAtMs } = easing;
  if (ease === "full") {
    // The pressure came back as soon as the tab worked more.
    const isOwnRise = fullAgainMs !== null && nowMs - fullAgainMs <= TAB_OWN_RISE_MS && !wasBusyBefore;
    if (isOwnRise) return { ...easing, ease: "eased", loadOf: "own", ownUntilMs: nowMs + TAB_OWN_LOAD_MS };
    const loadOf = wasBusyBefore ? "others" : nowMs < ownUntilMs ? "own" : null;
    return { ...easing, ease: "eased", loadOf };
  }
  const isFresh = nowMs - heardAtMs < TAB_PRESSURE_FRESH_MS;
  if (state !== "critical" || criticalSinceMs === null || !isFresh || nowMs < ownUntilMs) return easing;
  const lastsMs = nowMs - criticalSinceMs;
  if (ease === "eased" && lastsMs >= TAB_PRESSURE_LASTS_MS) {
    if (wasBusyBefore) return { ...easing, ease: "gentle", loadOf: "others" };
    return { ...easing, ease: "looking", look: { from: "eased", quietSinceMs: null } };
  }
  if (ease === "gentle" && !wasBusyBefore && lastsMs >= TAB_OTHERS_LOAD_MS) {
    return { ...easing, ease: "looking", look: { from: "gentle", quietSinceMs: null } };
  }
  return easing;
}

function whileLooking(easing: Easing, look: NonNullable<Easing["look"]>, computes: boolean, nowMs: number): Easing {
  const { from } = look;
  const quietSinceMs = computes ? null : (look.quietSinceMs ?? nowMs);
  const over = { ...easing, sinceMs: nowMs, look: null };
  if (easing.state !== "critical") {
    // While it still finished a batch that says nothing.
    if (quietSinceMs === null) return { ...over, ease: from };
    return { ...over, ease: "eased", loadOf: "own", ownUntilMs: nowMs + TAB_OWN_LOAD_MS };
  }
  const isHeard = nowMs - easing.heardAtMs < TAB_PRESSURE_FRESH_MS;
  const waitsInVain = quietSinceMs === null && nowMs - easing.sinceMs >= TAB_QUIET_WAIT_MS_MAX;
  if (!isHeard || waitsInVain) return { ...over, ease: from, criticalSinceMs: nowMs };
  if (quietSinceMs === null || nowMs - quietSinceMs < TAB_QUIET_MS) return { ...easing, look: { from, quietSinceMs } };
  return { ...over, ease: from === "eased" ? "gentle" : "held", loadOf: "others" };
}

const BACK: Readonly<Record<Ease, readonly [to: Ease, afterMs: number]>> = {
  full: ["full", 0],
  eased: ["full", TAB_COOLING_MS],
  gentle: ["eased", TAB_COOLING_MS],
  looking: ["eased", 0],
  held: ["gentle", TAB_CALM_MS],
};

function stepBack(easing: Easing, nowMs: number): Easing {
  const { ease, loadOf, ownUntilMs, sinceMs } = easing;
  const [to, afterMs] = BACK[ease];
  const isOwn = loadOf === "own" && nowMs < ownUntilMs;
  if (ease === "full" || isOwn || nowMs - sinceMs < afterMs) return easing;
  if (to !== "full") return { ...easing, ease: to, sinceMs: nowMs };
  return { ...easing, ease: to, loadOf: null, sinceMs: nowMs, fullAgainMs: nowMs };
}
