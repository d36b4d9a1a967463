import { expect, test } from "vitest";
import { TAB_HISTORY_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import { NOT_STARTED, type Piece, reduceStatus, type SessionEvent, type SessionStatus } from "./session-status.ts";

const piece: Piece = {
  kind: "inference",
  jobId: "j1",
  jobName: "digits",
  submitter: "Ada",
  roundIndex: 3,
  workerIndex: 1,
  rowCount: 10,
};
const credit = { macs: 5, assignments: 1 };
const welcomed: SessionEvent = { type: "welcomed", volunteerId: "v", credit };
const begun: SessionEvent = { type: "pieceBegun", piece, atMs: 100 };
const ended: SessionEvent = { type: "pieceEnded", piece, outcome: "answered", atMs: 130, ms: 30 };

function after(...events: SessionEvent[]): SessionStatus {
  return [{ type: "calibrating" } as const, ...events].reduce(reduceStatus, NOT_STARTED);
}

test("a welcomed tab waits, computes, waits again, and remembers what it did", () => {
  expect(after(welcomed).activity).toEqual({ kind: "waiting" });
  expect(after(welcomed, begun).activity).toEqual({ kind: "computing", piece, sinceMs: 100 });
  const done = after(welcomed, begun, ended);
  expect(done.activity).toEqual({ kind: "waiting" });
  expect(done.counts.answered).toBe(1);
  expect(done.history).toEqual([{ ...piece, outcome: "answered", finishedAtMs: 130, ms: 30 }]);
});

test("a pause lets the running piece finish and outlives a lost connection", () => {
  const pausing = after(welcomed, begun, { type: "pauseSet", paused: true });
  expect(pausing.activity).toEqual({ kind: "paused", finishing: piece });
  const paused = reduceStatus(pausing, ended);
  expect(paused.activity).toEqual({ kind: "paused", finishing: null });
  const lost = reduceStatus(paused, { type: "disconnected", reason: "lost", retryAtMs: 9 });
  expect(lost.activity).toEqual({ kind: "reconnecting", retryAtMs: 9, reason: "lost" });
  expect(reduceStatus(lost, welcomed).activity).toEqual({ kind: "paused", finishing: null });
  expect(reduceStatus(paused, { type: "pauseSet", paused: false }).activity).toEqual({ kind: "waiting" });
});

test("what ends after the connection was lost does not hide that it is lost", () => {
  const status = after(welcomed, begun, { type: "disconnected", reason: "lost", retryAtMs: 9 }, ended);
  expect(status.activity.kind).toBe("reconnecting");
});

test("after a stop nothing that was under way changes the status, and a new start does", () => {
  const stopped = after(welcomed, begun, { type: "stopped" });
  expect(stopped.activity).toEqual({ kind: "off", why: "stopped" });
  for (const event of [welcomed, begun, ended, { type: "connecting" } as const]) {
    expect(reduceStatus(stopped, event)).toBe(stopped);
  }
  expect(reduceStatus(stopped, { type: "calibrating" }).activity.kind).toBe("calibrating");
});

test("refusals, upgrades and breakage stay until a new start", () => {
  const refused = after(welcomed, { type: "refused", code: "wrong-answers", message: "no" });
  expect(reduceStatus(refused, { type: "disconnected", reason: "lost", retryAtMs: 1 })).toBe(refused);
  const upgrade = after({ type: "upgradeNeeded", servedBuildHash: "ab" });
  expect(reduceStatus(upgrade, welcomed)).toBe(upgrade);
});

test("the history keeps the latest pieces only, the latest first", () => {
  let status = after(welcomed);
  const count = TAB_HISTORY_LENGTH_MAX + 5;
  for (let i = 0; i < count; i++) {
    status = reduceStatus(status, { ...ended, piece: { ...piece, roundIndex: i } } as SessionEvent);
  }
  expect(status.history).toHaveLength(TAB_HISTORY_LENGTH_MAX);
  expect(status.history[0]?.roundIndex).toBe(count - 1);
  expect(status.counts.answered).toBe(count);
});

test("an error is remembered beside the outcome", () => {
  const status = after(welcomed, begun, { ...ended, outcome: "failed", error: "no context" } as SessionEvent);
  expect(status.lastError).toBe("no context");
  expect(status.counts.failed).toBe(1);
});
