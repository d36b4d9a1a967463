import { expect, test } from "vitest";
import { TAB_CREDIT_MARKS_MAX, TAB_HELPED_JOBS_MAX, TAB_HISTORY_LENGTH_MAX } from "../../shared/protocol/limits.ts";
import type { AssignmentView } from "./assignment-view.ts";
import type { HoldReason } from "./may-work.ts";
import { NOT_STARTED, reduceStatus, type SessionEvent, type SessionStatus } from "./session-status.ts";

const assignment: AssignmentView = {
  kind: "inference",
  work: "batch",
  lane: "computing",
  jobId: "j1",
  jobName: "digits",
  submitter: "Ada",
  assignmentId: "one",
  rowCount: 10,
  receivedBytes: 100,
  sentBytes: 40,
};
const PAUSED: HoldReason = { kind: "paused", untilMs: null };
const credit = { macs: 5, assignments: 1 };
const welcomed: SessionEvent = {
  type: "welcomed",
  invitation: null,
  seat: null,
  owner: null,
  volunteerId: "v",
  credit,
  atMs: 90,
};
const begun: SessionEvent = { type: "assignmentBegun", assignment, atMs: 100 };
const ended: SessionEvent = { type: "assignmentEnded", assignment, outcome: "answered", atMs: 130, ms: 30 };

function after(...events: SessionEvent[]): SessionStatus {
  return [{ type: "calibrating" } as const, ...events].reduce(reduceStatus, NOT_STARTED);
}

test("a welcomed tab waits, computes, waits again, and remembers what it did", () => {
  expect(after(welcomed).activity).toEqual({ kind: "waiting" });
  expect(after(welcomed, begun).activity).toEqual({ kind: "computing", assignment, sinceMs: 100 });
  const done = after(welcomed, begun, ended);
  expect(done.activity).toEqual({ kind: "waiting" });
  expect(done.counts.answered).toBe(1);
  expect(done.history).toEqual([{ ...assignment, outcome: "answered", finishedAtMs: 130, ms: 30 }]);
});

test("a pause lets the running assignment finish and outlives a lost connection", () => {
  const pausing = after(welcomed, begun, { type: "heldBack", because: PAUSED });
  expect(pausing.activity).toEqual({ kind: "held", because: PAUSED, finishing: { assignment, sinceMs: 100 } });
  expect(reduceStatus(pausing, { type: "heldBack", because: null }).activity.kind).toBe("computing");
  const paused = reduceStatus(pausing, ended);
  expect(paused.activity).toEqual({ kind: "held", because: PAUSED, finishing: null });
  const lost = reduceStatus(paused, { type: "disconnected", reason: "lost", retryAtMs: 9 });
  expect(lost.activity).toEqual({ kind: "reconnecting", retryAtMs: 9, reason: "lost" });
  expect(reduceStatus(lost, welcomed).activity).toEqual({ kind: "held", because: PAUSED, finishing: null });
  expect(reduceStatus(paused, { type: "heldBack", because: null }).activity).toEqual({ kind: "waiting" });
});

test("what ends after the connection was lost does not hide that it is lost", () => {
  const status = after(welcomed, begun, { type: "disconnected", reason: "lost", retryAtMs: 9 }, ended);
  expect(status.activity.kind).toBe("reconnecting");
});

test("after a stop nothing that was under way changes the status, and a new start does", () => {
  const stopped = after(welcomed, begun, { type: "stopped", why: "stopped" });
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

test("the history keeps the latest assignments only, the latest first", () => {
  let status = after(welcomed);
  const count = TAB_HISTORY_LENGTH_MAX + 5;
  for (let i = 0; i < count; i++) {
    status = reduceStatus(status, { ...ended, assignment: { ...assignment, assignmentId: String(i) } } as SessionEvent);
  }
  expect(status.history).toHaveLength(TAB_HISTORY_LENGTH_MAX);
  expect(status.history[0]?.assignmentId).toBe(String(count - 1));
  expect(status.counts.answered).toBe(count);
});

test("an error is remembered beside the outcome", () => {
  const status = after(welcomed, begun, { ...ended, outcome: "failed", error: "no context" } as SessionEvent);
  expect(status.lastError).toBe("no context");
  expect(status.counts.failed).toBe(1);
});

test("a rest shows between assignments, and not over anything else", () => {
  const resting = after(welcomed, begun, ended, { type: "restBegun", untilMs: 200 });
  expect(resting.activity).toEqual({ kind: "resting", untilMs: 200 });
  expect(reduceStatus(resting, { type: "restEnded" }).activity).toEqual({ kind: "waiting" });
  const held = reduceStatus(resting, { type: "heldBack", because: { kind: "battery" } });
  expect(held.activity).toEqual({ kind: "held", because: { kind: "battery" }, finishing: null });
  expect(reduceStatus(held, { type: "restBegun", untilMs: 300 })).toBe(held);
});

/** Credit of one multiply-add more every so many milliseconds. */
function creditedEvery(ms: number, times: number): SessionStatus {
  let status = after(welcomed);
  for (let i = 1; i <= times; i++) {
    status = reduceStatus(status, { type: "credited", credit: { macs: 5 + i, assignments: 1 + i }, atMs: 90 + i * ms });
  }
  return status;
}

test("credit is remembered with its time, the latest marks only, and what it was at first", () => {
  const { creditMarks, creditAtFirst } = creditedEvery(1_000, TAB_CREDIT_MARKS_MAX);
  expect(creditMarks).toHaveLength(TAB_CREDIT_MARKS_MAX);
  expect(creditMarks.at(-1)).toMatchObject({ macs: 5 + TAB_CREDIT_MARKS_MAX });
  expect(creditAtFirst).toEqual(credit);
});

test("credit that comes many times a second leaves few marks, and the latest is among them", () => {
  const { creditMarks } = creditedEvery(10, 1_000);
  expect(creditMarks.length).toBeLessThan(15);
  expect(creditMarks.at(-1)).toMatchObject({ macs: 1_005, atMs: 10_090 });
});

test("what is fetched beside products is said again once they are done, and a stop forgets it", () => {
  const shard: AssignmentView = { ...assignment, kind: "regression", work: "shard" };
  const product: AssignmentView = { ...assignment, kind: "regression", work: "product" };
  const both = after(
    welcomed,
    { type: "assignmentBegun", assignment: shard, atMs: 100 },
    { type: "assignmentBegun", assignment: product, atMs: 110 },
  );
  expect(both.activity).toEqual({ kind: "computing", assignment: product, sinceMs: 110 });
  const fetching = reduceStatus(both, {
    type: "assignmentEnded",
    assignment: product,
    outcome: "answered",
    atMs: 120,
    ms: 10,
  });
  expect(fetching.activity).toEqual({ kind: "computing", assignment: shard, sinceMs: 100 });
  expect(reduceStatus(both, { type: "stopped", why: "stopped" }).underWay).toEqual([]);
  const done = reduceStatus(fetching, {
    type: "assignmentEnded",
    assignment: shard,
    outcome: "answered",
    atMs: 130,
    ms: 30,
  });
  expect(done.activity).toEqual({ kind: "waiting" });
  expect(done.underWay).toEqual([]);
});

test("what was answered is counted by job, the latest first: rows and batches of what was computed, not of shares that were fetched", () => {
  const of = (jobId: string, changes: Partial<AssignmentView> = {}): AssignmentView => ({
    ...assignment,
    jobId,
    ...changes,
  });
  const end = (about: AssignmentView, atMs: number, outcome: "answered" | "late" = "answered"): SessionEvent => ({
    ...{ type: "assignmentEnded", assignment: about, outcome, atMs, ms: 1 },
  });
  const names = { jobName: "digits", submitter: "Ada" };
  const status = after(
    welcomed,
    end(of("j1"), 1),
    end(of("j2", { kind: "regression", work: "shard" }), 2),
    end(of("j1"), 3, "late"),
    end(of("", { kind: "probe" }), 4),
    end(of("j1", { rowCount: 2 }), 5),
  );
  expect(status.byJob).toEqual([
    { jobId: "j1", ...names, rows: 12, batches: 2, atMs: 5 },
    { jobId: "j2", ...names, rows: 0, batches: 0, atMs: 2 },
  ]);
  const many = Array.from({ length: 2 * TAB_HELPED_JOBS_MAX }, (_, i) => end(of(`many ${i}`), i));
  expect(after(welcomed, ...many).byJob).toHaveLength(TAB_HELPED_JOBS_MAX);
});
