/**
 * As many sessions of one volunteer as the tab has compute threads: a session computes one assignment at a time, so a second
 * thread needs a second one. To whoever holds it, they are one session.
 */
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { mergeStatuses } from "./merge-statuses.ts";
import { type SessionCore, type SessionOptions, startSession } from "./session-core.ts";
import { hasEnded, NOT_STARTED, type SessionStatus } from "./session-status.ts";

export interface SeveralSessionsOptions extends SessionOptions {
  /** How many threads, 1 to TAB_THREADS_MAX, once the back-end of the first one is known. */
  threadsOn(backend: BackendName): number;
}

/** The first one chooses a back-end; the others start with it once the first is welcome. */
export function startSessions({ threadsOn, ...options }: SeveralSessionsOptions): SessionCore {
  const statuses: SessionStatus[] = [];
  const sessions: SessionCore[] = [];
  let held = options.held ?? null;
  let pace: SessionStatus["pace"] = { intensity: options.intensity ?? 1, eased: null };
  let choice = options.choice ?? null;
  let { seat } = options;
  let isOver = false;

  function startOne(forcedBackend: SessionOptions["forcedBackend"]): void {
    const index = statuses.push(NOT_STARTED) - 1;
    const report = (status: SessionStatus) => {
      statuses[index] = status;
      onReport(index);
    };
    // [PR102] The first has what the others leave; those are as any tab.
    const memoryMib = index === 0 ? options.memoryMib : undefined;
    const now = { held, choice, intensity: pace.intensity, ...(seat === undefined ? {} : { seat }) };
    sessions.push(startSession({ ...options, ...now, forcedBackend, memoryMib, report }));
  }

  function onReport(index: number): void {
    const first = statuses[0]!;
    const { activity, backend } = first;
    if (index === 0 && hasEnded(activity) && !(activity.kind === "off" && activity.why === "finished")) {
      isOver = true;
      for (const other of sessions.slice(1)) other.stop();
    }
    if (!isOver && first.volunteerId !== null && backend !== null)
      while (statuses.length < threadsOn(backend)) startOne(backend);
    options.report(mergeStatuses(statuses));
  }

  const all = (command: (session: SessionCore) => void) => {
    for (const session of sessions) command(session);
  };

  startOne(options.forcedBackend);
  return {
    hold(because) {
      held = because;
      all((session) => session.hold(because));
    },
    pace(intensity, eased) {
      pace = { intensity, eased };
      all((session) => session.pace(intensity, eased));
    },
    choose(next) {
      choice = next;
      all((session) => session.choose(next));
    },
    sit(code) {
      seat = code;
      all((session) => session.sit(code));
    },
    finishThenStop() {
      isOver = true;
      all((session) => session.finishThenStop());
    },
    stop() {
      isOver = true;
      all((session) => session.stop());
    },
    retryNow: () => all((session) => session.retryNow()),
    reconnect: () => all((session) => session.reconnect()),
  };
}
