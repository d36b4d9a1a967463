import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Activity, type FinishedAssignment, NOT_STARTED } from "../session/session-status.ts";
import { calmStatus } from "./calm-status.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const waiting: Activity = { kind: "waiting" };

/** @param run takes activities, each with the round of the assignment that has just been finished, if any has */
function shownBy(run: (take: (activity: Activity, finishedRound?: number) => void) => void): string[] {
  const shown: string[] = [];
  const take = calmStatus(({ activity }) => {
    shown.push(activity.kind === "computing" ? `computing ${activity.assignment.assignmentId}` : activity.kind);
  });
  let history: FinishedAssignment[] = [];
  run((activity, finished) => {
    if (finished !== undefined) {
      const assignment = {
        assignmentId: String(finished),
        kind: "inference",
        ms: 3,
        finishedAtMs: Date.now(),
      } as FinishedAssignment;
      history = [assignment, ...history];
    }
    take({ ...NOT_STARTED, activity, history });
  });
  return shown;
}

test("short waits between batches show as computing the batch just finished", () => {
  const shown = shownBy((take) => {
    take(waiting, 1);
    vi.advanceTimersByTime(1_000);
    take(waiting, 2);
    vi.advanceTimersByTime(1_000);
  });
  expect(shown).toEqual(["computing 1", "computing 2"]);
});

test("a wait that lasts is shown, once", () => {
  const shown = shownBy((take) => {
    take(waiting, 1);
    vi.advanceTimersByTime(60_000);
    take(waiting);
    vi.advanceTimersByTime(60_000);
  });
  expect(shown).toEqual(["computing 1", "waiting", "waiting"]);
});

test("a tab that has computed nothing yet waits from the start", () => {
  expect(shownBy((take) => take(waiting))).toEqual(["waiting"]);
});

test("short rests between batches show as computing too, long ones as rests", () => {
  const resting: Activity = { kind: "resting", untilMs: 0 };
  const shown = shownBy((take) => {
    take(resting, 1);
    vi.advanceTimersByTime(1_000);
    take(resting, 2);
    vi.advanceTimersByTime(60_000);
  });
  expect(shown).toEqual(["computing 1", "computing 2", "resting"]);
});

test("everything else is shown at once and stays", () => {
  const shown = shownBy((take) => {
    take(waiting, 1);
    take({ kind: "off", why: "stopped" });
    vi.advanceTimersByTime(60_000);
  });
  expect(shown).toEqual(["computing 1", "off"]);
});

test("a share that is fetched beside products is shown once no product has come for a while", () => {
  const fetching = {
    assignment: { kind: "regression", work: "shard", lane: "fetching", assignmentId: "0" },
    sinceMs: 0,
  } as Omit<Activity & { kind: "computing" }, "kind">;
  const shown = shownBy((take) => {
    take({ kind: "computing", ...fetching }, 1);
    take({ kind: "computing", ...fetching }, 2);
    vi.advanceTimersByTime(60_000);
  });
  expect(shown).toEqual(["computing 1", "computing 2", "computing 0"]);
  expect(shownBy((take) => take({ kind: "computing", ...fetching }))).toEqual(["computing 0"]);
});
