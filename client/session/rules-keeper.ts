/**
 * Keeps the volunteer's rules while a session runs: looks at them at every change and every TAB_RULES_MS, and tells what
 * they decide. Lives in the session worker, whose timers go on while the page is hidden.
 */
import { TAB_ASLEEP_MS_MIN, TAB_RULES_MS } from "../../shared/protocol/limits.ts";
import { type Conditions, type Decision, mayWork, type Pause } from "./may-work.ts";
import { type Easing, easingAfter, noEasing, type PressureState } from "./pressure.ts";
import { dayOf } from "./schedule.ts";
import type { VolunteerSettings } from "./volunteer-settings.ts";

/** What only the page is told by its browser. */
export type DeviceState = Pick<Conditions, "power" | "user" | "savesData" | "isCellular">;

export interface RulesKeeper {
  settings(next: VolunteerSettings): void;
  device(next: DeviceState): void;
  pause(next: Pause | null): void;
  pressure(state: PressureState): void;
  /** The tab has begun to compute, or computes nothing more. */
  computing(isSo: boolean): void;
  /** In all since the start; what a day has used is counted from its differences. */
  traffic(bytesInAll: number): void;
  readonly decision: Decision;
  stop(): void;
}

export interface RulesKeeperOptions {
  readonly settings: VolunteerSettings;
  readonly device: DeviceState;
  readonly pause: Pause | null;
  /** Of this day, before the start. */
  readonly dataBytesToday: number;
  nowMs(): number;
  /** At the start, and whenever the decision is another one. */
  onDecision(decision: Decision): void;
  /** The pause has run out by itself. */
  onPauseOver(): void;
  /** The computer has slept meanwhile. */
  onSlept(): void;
}

export function createRulesKeeper(options: RulesKeeperOptions): RulesKeeper {
  let { settings, device, pause, dataBytesToday } = options;
  let easing: Easing = noEasing(options.nowMs());
  let isComputing = false;
  let countedBytes = 0;
  let day = dayOf(options.nowMs());
  let lookedAtMs = options.nowMs();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let decision: Decision = decide();

  function decide(): Decision {
    const conditions: Conditions = { ...device, pause, dataBytesToday, easing };
    return mayWork(settings, conditions, options.nowMs());
  }

  function look(pressure: PressureState | null = null): void {
    const nowMs = options.nowMs();
    if (nowMs - lookedAtMs > TAB_ASLEEP_MS_MIN) options.onSlept();
    lookedAtMs = nowMs;
    if (dayOf(nowMs) !== day) {
      day = dayOf(nowMs);
      dataBytesToday = 0;
    }
    easing = easingAfter(easing, pressure, isComputing, nowMs);
    if (pause?.untilMs != null && nowMs >= pause.untilMs) {
      pause = null;
      options.onPauseOver();
    }
    const next = decide();
    clearTimeout(timer);
    timer = setTimeout(look, untilNextLookMs(next, nowMs));
    if (JSON.stringify(next) === JSON.stringify(decision)) return;
    decision = next;
    options.onDecision(next);
  }

  timer = setTimeout(look, TAB_RULES_MS);
  options.onDecision(decision);
  return {
    settings(next) {
      settings = next;
      look();
    },
    device(next) {
      device = next;
      look();
    },
    pause(next) {
      pause = next;
      look();
    },
    pressure: look,
    computing(isSo) {
      if (isSo === isComputing) return;
      isComputing = isSo;
      // A look may have waited until the tab was quiet.
      if (easing.look !== null) look();
    },
    traffic(bytesInAll) {
      if (bytesInAll <= countedBytes) return;
      dataBytesToday += bytesInAll - countedBytes;
      countedBytes = bytesInAll;
      // Only a cap makes it matter, and packets are many.
      if (settings.dataCapMbPerDay !== null) look();
    },
    get decision() {
      return decision;
    },
    stop: () => clearTimeout(timer),
  };
}

/** A pause or a closed hour ends on time, not at the next look that happens to come. */
function untilNextLookMs({ because }: Decision, nowMs: number): number {
  const untilMs = because !== null && "untilMs" in because ? because.untilMs : null;
  return untilMs === null ? TAB_RULES_MS : Math.max(0, Math.min(TAB_RULES_MS, untilMs - nowMs));
}
