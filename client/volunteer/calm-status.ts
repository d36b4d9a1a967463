/**
 * Small batches take a few milliseconds, with short waits and rests between them. What the page shows calls all of that
 * computing, and says waiting or resting only once that lasts; so too with a share of the data that is fetched beside them.
 */
import type { SessionStatus } from "../session/session-status.ts";

const WAITING_SHOWN_AFTER_MS = 1_500;

/** @returns takes each status; calls `show` with what to show, at once and again when a wait has lasted */
export function calmStatus(
  show: (status: SessionStatus) => void,
  nowMs: () => number = Date.now,
): (status: SessionStatus) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  return (status) => {
    clearTimeout(timer);
    const last = status.history[0];
    const waitedMs = last === undefined ? Infinity : nowMs() - last.finishedAtMs;
    if (!gapsBetweenBatches(status) || last === undefined || waitedMs >= WAITING_SHOWN_AFTER_MS) {
      show(status);
      return;
    }
    show({ ...status, activity: { kind: "computing", assignment: last, sinceMs: last.finishedAtMs - last.ms } });
    timer = setTimeout(() => show(status), WAITING_SHOWN_AFTER_MS - waitedMs);
  };
}

function gapsBetweenBatches({ activity, history }: SessionStatus): boolean {
  if (activity.kind === "computing") return activity.assignment.lane === "fetching" && history[0]?.lane !== "fetching";
  return activity.kind === "waiting" || activity.kind === "resting";
}
