/**
 * Small batches make a tab's activity flicker between computing and waiting many times a second. What the page shows
 * calls that computing, and says waiting only once it lasts.
 */
import type { SessionStatus } from "../session/session-status.ts";

const WAITING_SHOWN_AFTER_MS = 1_500;

/** @returns takes each status; calls `show` with what to show, at once or when a wait has lasted */
export function calmStatus(show: (status: SessionStatus) => void): (status: SessionStatus) => void {
  let shown: SessionStatus | null = null;
  let latest: SessionStatus | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;

  function showNow(status: SessionStatus): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    shown = status;
    show(status);
  }

  return (status) => {
    latest = status;
    if (status.activity.kind !== "waiting" || shown?.activity.kind !== "computing") {
      showNow(status);
      return;
    }
    // Counts and history move on at once; the activity stays until the wait has lasted.
    shown = { ...status, activity: shown.activity };
    show(shown);
    timer ??= setTimeout(() => {
      if (latest !== null) showNow(latest);
    }, WAITING_SHOWN_AFTER_MS);
  };
}
