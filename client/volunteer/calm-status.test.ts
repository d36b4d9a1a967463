import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Activity, NOT_STARTED, type Piece, type SessionStatus } from "../session/session-status.ts";
import { calmStatus } from "./calm-status.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const piece = { kind: "inference", roundIndex: 1 } as Piece;
const waiting: Activity = { kind: "waiting" };
const computing: Activity = { kind: "computing", piece, sinceMs: 0 };

function shownBy(run: (take: (activity: Activity, answered?: number) => void) => void): string[] {
  const shown: SessionStatus[] = [];
  const take = calmStatus((status) => shown.push(status));
  run((activity, answered = 0) => take({ ...NOT_STARTED, activity, counts: { ...NOT_STARTED.counts, answered } }));
  return shown.map(({ activity, counts }) => `${activity.kind} ${counts.answered}`);
}

test("short waits between batches show as computing, with counts moving on", () => {
  const shown = shownBy((take) => {
    take(computing);
    take(waiting, 1);
    vi.advanceTimersByTime(100);
    take(computing, 1);
    vi.advanceTimersByTime(10_000);
  });
  expect(shown).toEqual(["computing 0", "computing 1", "computing 1"]);
});

test("a wait that lasts is shown", () => {
  const shown = shownBy((take) => {
    take(computing);
    take(waiting, 1);
    take(waiting, 2);
    vi.advanceTimersByTime(10_000);
  });
  expect(shown).toEqual(["computing 0", "computing 1", "computing 2", "waiting 2"]);
});

test("everything else is shown at once", () => {
  const shown = shownBy((take) => {
    take(computing);
    take(waiting, 1);
    take({ kind: "off", why: "stopped" }, 1);
    vi.advanceTimersByTime(10_000);
  });
  expect(shown).toEqual(["computing 0", "computing 1", "off 1"]);
});
