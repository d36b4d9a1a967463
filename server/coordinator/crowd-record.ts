/** What the service saw of its crowd lately, as it is kept: who was named weighs as much after a restart. SPEC.md CC6. */
import { CrowdWindow } from "../../shared/verify/cross-checks/crowd-window.ts";
import { WINDOW_ROWS } from "../../shared/verify/cross-checks/parameters.ts";
import type { StoredCrowd } from "../store/store.ts";
import type { Step } from "./core-kind.ts";
import { persist } from "./persistence.ts";
import type { CrowdLately, Volunteer } from "./state.ts";

/** With every naming, and whenever a part of the window is full: rows that a crash forgets make bounds larger, never smaller. */
export function keepCrowd(step: Step): void {
  const { window, rowsSinceAlarm } = step.state.crowdLately;
  const crowd: StoredCrowd = { window: window.stored(), rowsSinceAlarm };
  persist(step, { kind: "standing" }, [{ kind: "crowd", crowd }]);
}

/** @param stored of an earlier run; null: there was none */
export function crowdLatelyOf(stored: StoredCrowd | null): CrowdLately {
  const { window = [], rowsSinceAlarm = 0 } = stored ?? {};
  return { window: new CrowdWindow(WINDOW_ROWS, window), rowsSinceAlarm, rowsEver: 0 };
}

/** [VF14] It was named for nothing that can be told: the crowd is what it was without. */
export function takeBackCounted({ state }: Step, volunteer: Volunteer): void {
  const { namingCounted } = volunteer;
  if (namingCounted === null) return;
  state.crowdLately.window.takeBack(namingCounted.counted);
  state.crowdLately.rowsSinceAlarm += namingCounted.rowsForgotten;
  volunteer.namingCounted = null;
}
