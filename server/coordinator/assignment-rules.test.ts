/** One batch on its way: what is written down when it goes out, when it is late, and what its audit asks for. */
import { expect, test } from "vitest";
import {
  ASSIGNMENT_DEADLINE_MS_MAX,
  ASSIGNMENT_DEADLINE_MS_MIN,
  LATE_FACTOR_MAX,
  TAB_FETCH_BYTES_PER_MS_MIN,
} from "../../shared/protocol/limits.ts";
import { auditRowsLeft, sendBatch } from "../kinds/inference/core/batches.ts";
import { type BatchAssignment, slotOf } from "../kinds/inference/core/job.ts";
import { fetchedFirst } from "../kinds/inference/core/model-classes.ts";
import { recordResponse } from "./response-times.ts";
import type { Session } from "./state.ts";
import { Story, SYSTEMATIC, storedJob } from "./testing/story.ts";
import { judge, outOf, volunteerOf } from "./testing/verdicts.ts";

const UNCODED = { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 5, roundsInFlight: 1 };

test("[DP7] what goes out is written down with its round, its tab and its work", () => {
  const story = new Story();
  story.join(1, "s1", { addressGroup: "school", precision: "float16" });
  story.submit("job", { ...UNCODED, queriesPerGroup: 1 }, 5);
  const [sent] = story.out();
  expect(story.state.assignments.get(sent!.assignmentId)).toMatchObject({
    ...{ jobId: "job", roundIndex: 0, workerIndex: 0, sessionId: "s1", volunteerId: "v1", payload: { generation: 0 } },
    ...{ precision: "float16", addressGroup: "school", sentMs: story.nowMs, work: 500, state: "outstanding" },
  });
  expect(sent).toMatchObject({
    jobId: "job",
    roundIndex: 0,
    payload: { generation: 0 },
    deadlineMs: ASSIGNMENT_DEADLINE_MS_MAX,
  });
  const job = story.job("job");
  expect(job).toMatchObject({ turns: { served: 500 }, sentWork: 500 });
  expect(job.openRounds.get(0)!).toMatchObject({ redispatched: 0 });
  expect(story.state.crowd.turns.idle.has("s1")).toBe(false);
  expect(story.asked("setTimer").at(-1)).toMatchObject({ atMs: story.nowMs + ASSIGNMENT_DEADLINE_MS_MIN });
});

test("[SE1] nothing goes to a tab that has not proved itself", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", UNCODED, 10);
  const job = story.job("job");
  const round = job.openRounds.get(0)!;
  const session = { ...story.state.sessions.get("s1")!, state: "probing", probeTimerId: 1 } as Session;
  const step = story.step();
  expect(() => sendBatch(step, job, round, round.slots[0]!, session)).toThrow("s1 is probing");
});

test("a batch that is sent again counts as redispatched; one for an opinion does not, but is counted as asked", () => {
  const story = new Story();
  story.crowd(8);
  story.submit("job", { ...SYSTEMATIC, stragglers: 1, liars: 0 }, 40);
  const round = story.job("job").openRounds.get(0)!;
  story.draw = 0;
  story.answer(outOf(story, 0)[0]!, 1);
  expect(round.redispatched).toBe(0);
  expect(round.slots[0]!.opinionsAsked).toBe(1);
  story.draw = 0.9;
  story.happen({ type: "sessionClosed", sessionId: outOf(story, 1)[0]!.sessionId });
  expect(outOf(story, 1)).toHaveLength(1);
  expect(round.redispatched).toBe(1);
  expect(round.slots[1]!.opinionsAsked).toBe(0);
});

test("the pages see a tab's last ten outcomes", () => {
  const story = new Story();
  story.join(1);
  story.submit("job", { ...UNCODED, queriesPerGroup: 1, groupsPerRound: 1 }, 13);
  story.answerAll();
  const { recent } = story.state.sessions.get("s1")!;
  expect(recent.map(({ roundIndex }) => roundIndex)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

/** Two tabs; the second has answered, in `fastMs`, and the first is out. */
function straggling(fastMs = 200) {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", UNCODED, 10);
  const [late, other] = story.out();
  story.answer(other!, fastMs);
  const assignment = () => story.inUse(late!.assignmentId);
  return { story, assignment, session: story.state.sessions.get(late!.sessionId)!, sentMs: assignment()!.sentMs };
}

test("[AS5] [AS6] a batch is late at its deadline and void when ten times the patience with it is over, to the millisecond", () => {
  const { story, assignment, session, sentMs } = straggling();
  const limitMs = ASSIGNMENT_DEADLINE_MS_MIN;
  story.pass(sentMs + limitMs - 1 - story.nowMs);
  expect(assignment()!.state).toBe("outstanding");
  story.pass(1);
  expect(assignment()!.state).toBe("late");
  expect(session.lateAssignments).toBe(1);
  story.pass(limitMs * (LATE_FACTOR_MAX - 1) - 1);
  expect(assignment()!.state).toBe("late");
  expect(session.lateAssignments).toBe(1);
  story.pass(1);
  expect(assignment()).toBeUndefined();
  expect(story.asked("closeSession")).toMatchObject([{ sessionId: session.sessionId, code: "unresponsive" }]);
});

test("[AS6] the first batch of a large model is void later by what the model takes to come, and is not measured; the next one is as any other", () => {
  const modelBytes = 50_000 * TAB_FETCH_BYTES_PER_MS_MIN;
  const story = new Story();
  story.crowd(2);
  const job = storedJob("job", { ...UNCODED, queriesPerGroup: 2 }, 40, story.nowMs);
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
  const job = storedJob("job", { ...UNCODED, queriesPerGroup: 2 }, 40, story.nowMs);
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
  story.submit("job", { ...UNCODED, queriesPerGroup: 3 }, 15);
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

test("[AS5] whoever has answered is measured, and a timer that is not needed any more is cleared", () => {
  const { story } = straggling();
  const [sample] = story.state.crowdResponses;
  expect(sample).toEqual({ ms: 200, work: 500, tripMs: null });
  expect(story.state.sessions.get("s2")!.responses).toEqual([sample]);
  expect([...story.state.timers.values()].filter(({ kind }) => kind === "deadline")).toHaveLength(1);
});

test("[AS8] a dropped batch is waited for as long as an answer at most, and the tab is busy meanwhile", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", UNCODED, 10);
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

test("[VF10] the rows that may still be recomputed are those of the operator's share, rounded up, less what was asked for", () => {
  const story = new Story({ settings: { auditShareMax: 0.1 }, hold: ["audit"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 41);
  const job = story.job("job");
  expect(auditRowsLeft(story.state, job)).toBe(5);
  const sent = story.out();
  for (const one of sent.slice(0, 3)) story.answer(one, 1);
  expect(story.asked("audit").map(({ randomRows }) => randomRows)).toEqual([3, 2]);
  expect(auditRowsLeft(story.state, job)).toBe(0);
  expect(job.auditRowsAsked).toBe(5);
  // The third was taken in unchecked.
  const { slots } = job.openRounds.get(0)!;
  expect(slots[sent[2]!.workerIndex]!.accepted).toMatchObject({ auditedRows: 0 });
  job.auditRowsAsked = 9;
  expect(auditRowsLeft(story.state, job)).toBe(0);
});

test("[VF10] a job of one query has a row of each of its worker indexes recomputed, and no cap that nobody set is reached", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(9);
  story.submit("job", { ...SYSTEMATIC, queriesPerGroup: 1, stragglers: 3, liars: 3 }, 1);
  for (const one of story.out()) story.answer(one, 1);
  const { slots } = story.job("job").openRounds.get(0)!;
  expect(slots).toHaveLength(7);
  expect(story.asked("audit").map(({ randomRows }) => randomRows)).toEqual(slots.map(() => 1));
  expect(slots.every(({ accepted }) => accepted === null)).toBe(true);
});

test("[VF9] more rows of a batch are audited for as long as the record is short of the bound", () => {
  for (const [auditsPassed, rows] of [
    [0, 3],
    [40, 3],
    [41, 1],
  ] as const) {
    const story = new Story({ hold: ["audit"] });
    story.crowd(7);
    for (const volunteer of story.state.volunteers.values()) volunteer.auditsPassed = auditsPassed;
    story.submit("job", SYSTEMATIC, 40);
    story.answer(story.out()[0]!, 1);
    const [audit] = story.asked("audit");
    expect(audit!.randomRows, `${auditsPassed} passed`).toBe(rows);
    expect(story.job("job").auditsPending.get(audit!.effectId)).toMatchObject({
      ...{ roundIndex: 0, volunteerId: "v1", askedMs: story.nowMs, against: null },
    });
  }
});

test("[AS3] an assignment has no place in another generation of its round, nor where its round or its job is gone", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  const [sent] = story.out();
  const assignment = story.state.assignments.get(sent!.assignmentId)! as BatchAssignment;
  const job = story.job("job");
  const round = job.openRounds.get(0)!;
  expect(slotOf(story.state, assignment)).toEqual({ job, round, slot: round.slots[sent!.workerIndex] });
  expect(slotOf(story.state, { ...assignment, payload: { ...assignment.payload, generation: 1 } })).toBeNull();
  expect(slotOf(story.state, { ...assignment, roundIndex: 1 })).toBeNull();
  expect(slotOf(story.state, { ...assignment, jobId: "gone" })).toBeNull();
  story.answer(sent!, 1);
  judge(story, sent!);
  expect(round.slots[sent!.workerIndex]!.accepted).toMatchObject({ volunteerId: volunteerOf(sent!) });
});
