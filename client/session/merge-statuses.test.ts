import { expect, test } from "vitest";
import type { AssignmentView } from "./assignment-view.ts";
import { mergeStatuses } from "./merge-statuses.ts";
import { type Activity, type FinishedAssignment, NOT_STARTED, type SessionStatus } from "./session-status.ts";

const assignment = { jobId: "j" } as AssignmentView;
const computing: Activity = { kind: "computing", assignment, sinceMs: 1 };
const waiting: Activity = { kind: "waiting" };
const finished: Activity = { kind: "off", why: "finished" };
const finishing: Activity = { kind: "held", because: { kind: "finishing" }, finishing: { assignment, sinceMs: 1 } };
const lost: Activity = { kind: "reconnecting", retryAtMs: 1, reason: "lost" };
const refused: Activity = { kind: "refused", code: "wrong-answers", message: "" };

const status = (activity: Activity, changes: Partial<SessionStatus> = {}): SessionStatus => ({
  ...NOT_STARTED,
  activity,
  ...changes,
});
const shown = (...activities: Activity[]) => mergeStatuses(activities.map((activity) => status(activity))).activity;

test("the session that tells most speaks for the tab", () => {
  expect(shown(waiting, computing)).toBe(computing);
  expect(shown(waiting, waiting)).toEqual(waiting);
  expect(shown({ ...finishing, finishing: null }, finishing)).toBe(finishing);
});

test("what the first one has to say of its connection or its end goes before that", () => {
  expect(shown(lost, computing)).toBe(lost);
  expect(shown(refused, computing)).toBe(refused);
  expect(shown(waiting, refused)).toEqual(waiting);
});

test("a tab has finished once all its sessions have", () => {
  expect(shown(finished, finishing)).toBe(finishing);
  expect(shown(finished, finished)).toBe(finished);
});

test("counts, times and traffic add up, and histories interleave, the latest first", () => {
  const ended = (finishedAtMs: number) => ({ ...assignment, finishedAtMs }) as FinishedAssignment;
  const one = status(waiting, {
    counts: { answered: 1, late: 2, cancelled: 3, failed: 4 },
    computedMs: 10,
    trafficBytes: 100,
    history: [ended(30), ended(10)],
  });
  const other = status(waiting, { ...one, history: [ended(20)], lastError: "no memory" });
  expect(mergeStatuses([one, other])).toMatchObject({
    counts: { answered: 2, late: 4, cancelled: 6, failed: 8 },
    computedMs: 20,
    trafficBytes: 200,
    history: [{ finishedAtMs: 30 }, { finishedAtMs: 20 }, { finishedAtMs: 10 }],
    lastError: "no memory",
  });
});

test("what the sessions answered of a job adds up, the job of the latest answer first", () => {
  const tally = (jobId: string, batches: number, atMs: number) => ({
    ...{ jobId, jobName: jobId, submitter: "ada" },
    ...{ rows: 10 * batches, batches, atMs },
  });
  const one = status(waiting, { byJob: [tally("a", 1, 9), tally("b", 2, 3)] });
  const other = status(waiting, { byJob: [tally("b", 3, 10)] });
  expect(mergeStatuses([one, other]).byJob).toEqual([tally("b", 5, 10), tally("a", 1, 9)]);
});
