/** One claim on its way: what is written down when it goes out, and when it is late. */
import { expect, test } from "vitest";
import {
  ASSIGNMENT_DEADLINE_MS_MAX,
  ASSIGNMENT_DEADLINE_MS_MIN,
  LATE_FACTOR_MAX,
  TAB_FETCH_BYTES_PER_MS_MIN,
} from "../../shared/protocol/limits.ts";
import { fetchedFirst } from "../kinds/inference/core/model-classes.ts";
import type { RowClaim } from "../kinds/inference/rows/work.ts";
import { recordResponse } from "./response-times.ts";
import { PLAIN, Story, storedJob } from "./testing/story.ts";

const ROWS = 2_000;

test("[DP7] what goes out is written down with its tab and its work", () => {
  const story = new Story();
  story.join(1, "s1", { addressGroup: "school", precision: "float16" });
  story.submit("job", PLAIN, ROWS);
  const [sent] = story.out();
  const rows = (sent!.payload as RowClaim).rows.length;
  const { macsPerQuery } = story.job("job").stored;
  expect(story.state.assignments.get(sent!.assignmentId)).toMatchObject({
    ...{ jobId: "job", sessionId: "s1", volunteerId: "v1", work: rows * macsPerQuery, state: "outstanding" },
    ...{ precision: "float16", addressGroup: "school", sentMs: story.nowMs },
  });
  expect(sent).toMatchObject({ jobId: "job", isAhead: false });
  expect(story.job("job")).toMatchObject({ turns: { served: rows * macsPerQuery }, sentWork: rows * macsPerQuery });
  expect(story.state.crowd.turns.idle.has("s1")).toBe(false);
});

test("the pages see a tab's last ten outcomes", () => {
  const story = new Story();
  story.join(1);
  story.submit("job", PLAIN, 200_000);
  for (let n = 0; n < 13; n++) story.answer(story.out()[0]!, n);
  const { recent } = story.state.sessions.get("s1")!;
  expect(recent).toHaveLength(10);
  expect(recent.every(({ outcome }) => outcome === "answered")).toBe(true);
});

/** Two tabs; the second has answered, in `fastMs`, and the first is out. */
function straggling(fastMs = 200) {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", PLAIN, ROWS);
  const [late, other] = story.out();
  story.answer(other!, fastMs);
  const assignment = () => story.inUse(late!.assignmentId);
  return { story, assignment, session: story.state.sessions.get(late!.sessionId)!, sentMs: assignment()!.sentMs };
}

test("[AS6] the first batch of a large model is void later by what the model takes to come, and is not measured; the next one is as any other", () => {
  const modelBytes = 50_000 * TAB_FETCH_BYTES_PER_MS_MIN;
  const story = new Story();
  story.crowd(2);
  const job = storedJob("job", PLAIN, ROWS, story.nowMs);
  story.submitJob({ ...job, modelBytes });
  const [late, other] = story.out();
  const session = story.state.sessions.get(other!.sessionId)!;
  story.answer(other!, 1);
  expect([session.responses, [...session.fetched]]).toEqual([[], [job.modelSha256]]);
  for (let n = 0; n < 200; n++) recordResponse(story.state, session, { ms: 1, work: 500 });
  const { sentMs } = story.inUse(late!.assignmentId)!;
  expect(fetchedFirst(story.job("job"), job.modelSha256, session)).toEqual({});
  story.pass(sentMs + 50_000 + ASSIGNMENT_DEADLINE_MS_MIN * LATE_FACTOR_MAX - 1 - story.nowMs);
  expect(story.inUse(late!.assignmentId)!.state).toBe("late");
  story.pass(1);
  expect(story.inUse(late!.assignmentId)).toBeUndefined();
});

test("[AS6] a parity model is fetched for itself: whoever has the job's own model has not that one", () => {
  const story = new Story();
  story.crowd(1);
  const job = storedJob("job", PLAIN, ROWS, story.nowMs);
  const parity = { modelSha256: "f".repeat(64), macsPerQuery: 1 };
  story.submitJob({ ...job, modelBytes: 100, parity: { ...parity, modelBytes: 200 } });
  const session = story.state.sessions.get("s1")!;
  session.fetched.add(job.modelSha256);
  const fetches = { sha256: parity.modelSha256, bytes: 200 };
  expect(fetchedFirst(story.job("job"), parity.modelSha256, session)).toEqual({ fetches });
  expect(fetchedFirst(story.job("job"), job.modelSha256, session)).toEqual({});
  session.fetched.add(parity.modelSha256);
  expect(fetchedFirst(story.job("job"), parity.modelSha256, session)).toEqual({});
  // A small one comes at once.
  const small = { ...story.job("job"), stored: { ...story.job("job").stored, parity } };
  session.fetched.clear();
  expect(fetchedFirst(small, parity.modelSha256, session)).toEqual({});
});

test("[AS5] a deadline that others' answers have moved is looked at again, and no later than twice what has passed", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", PLAIN, ROWS);
  const [late, ...others] = story.out();
  const stateOf = () => story.state.assignments.get(late!.assignmentId)!.state;
  // Nobody has answered: it is looked at and left, again and again.
  story.pass(6_000);
  expect(stateOf()).toBe("outstanding");
  for (const one of others) story.answer(one, 1);
  const { crowdResponses } = story.state;
  expect(crowdResponses.map(({ ms }) => ms)).toEqual([6_001, 6_002]);
  // Looked at after 8 s, it may take until one and a half times the crowd's third quartile.
  story.pass(9_003 - 6_002 - 1);
  expect(stateOf()).toBe("outstanding");
  // Meanwhile the crowd has turned out to be fast: it is late as soon as it is looked at.
  for (let n = 0; n < 200; n++) recordResponse(story.state, story.state.sessions.get("s2")!, { ms: 1_000, work: 500 });
  story.pass(1);
  expect(stateOf()).toBe("late");
});

test("[AS6] a late batch is looked at again when it would be void, and is late once, though others turn out to be slow too", () => {
  const { story, assignment, session, sentMs } = straggling();
  story.pass(sentMs + ASSIGNMENT_DEADLINE_MS_MIN - story.nowMs);
  const { timerId } = assignment()!;
  const voidMs = sentMs + LATE_FACTOR_MAX * ASSIGNMENT_DEADLINE_MS_MIN;
  expect(story.asked("setTimer").find((timer) => timer.timerId === timerId)!.atMs).toBe(voidMs);
  for (let n = 0; n < 200; n++) recordResponse(story.state, story.state.sessions.get("s2")!, { ms: 1_000, work: 500 });
  story.pass(voidMs - story.nowMs);
  expect(assignment()!.state).toBe("late");
  expect(session.lateAssignments).toBe(1);
});

test("[AS8] a dropped batch is waited for as long as an answer at most, and the tab is busy meanwhile", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", PLAIN, ROWS);
  const [first] = story.out();
  story.nowMs += 40;
  story.happen({ type: "jobCancelled", jobId: "job" });
  const { sessionId, assignmentId } = first!;
  const session = story.state.sessions.get(sessionId)!;
  expect(session.recent).toMatchObject([{ outcome: "not needed", ms: 40 }]);
  expect(story.hand(sessionId).waited).toEqual([]);
  expect(story.state.crowd.turns.idle.has(sessionId)).toBe(false);
  const timerId = story.state.assignments.get(assignmentId)!.timerId!;
  expect(story.asked("setTimer").find((timer) => timer.timerId === timerId)!.atMs).toBe(
    story.nowMs + ASSIGNMENT_DEADLINE_MS_MAX,
  );
  story.nowMs += 60;
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(session.responses).toMatchObject([{ ms: 100, work: 500 }]);
  expect(story.state.timers.has(timerId)).toBe(false);
  expect(story.state.crowd.turns.idle.has(sessionId)).toBe(true);
});
