/** Batches that are sent ahead: to whom, when they begin, and when they are taken back. SPEC.md AS9, AS10, DP7, DP10. */
import { expect, test } from "vitest";
import {
  ASSIGNMENT_DEADLINE_MS_MIN,
  BATCH_AHEAD_MS_MAX,
  BATCH_AHEAD_OVERDUE_FACTOR,
  BATCH_AHEAD_OVERDUE_MS_MIN,
  BATCH_AHEAD_WAIT_FACTOR,
  BATCH_AHEAD_WAIT_MS_MIN,
} from "../../shared/protocol/limits.ts";
import { sessionFor } from "../kinds/inference/core/placement.ts";
import { restUntil } from "./crowd/keep-crowd.ts";
import { crowdOf, isSlowFor } from "./ranking.ts";
import { predictMs, recordResponse, tripMsOf } from "./response-times.ts";
import { Story, type StoryOptions, SYSTEMATIC, storedJob } from "./testing/story.ts";

/** One batch of 500 multiply-adds a round. */
const ONE_BY_ONE = { scheme: "uncoded", queriesPerGroup: 1, groupsPerRound: 5, roundsInFlight: 4 };
const WORK = 500;

/** One tab for each of these times, s1 first; null: nobody knows yet how long it takes. */
function measured(times: readonly (number | null)[], options: StoryOptions = {}): Story {
  const story = new Story(options);
  story.crowd(times.length);
  times.forEach((ms, i) => {
    const session = story.state.sessions.get(`s${i + 1}`)!;
    if (ms !== null) recordResponse(story.state, session, { ms, work: WORK });
  });
  return story;
}

const sentTo = (story: Story) =>
  story.asked("sendAssignment").map(({ sessionId, isAhead }) => (isAhead ? `${sessionId} ahead` : sessionId));

/** One tab that is at its first batch of a long job, with a second one waiting behind it. */
function busy(ms = 20, options: StoryOptions = {}, roundsInFlight = 4) {
  const story = measured([ms], options);
  story.submit("job", { ...ONE_BY_ONE, roundsInFlight }, 100);
  const [first, ahead] = story.asked("sendAssignment");
  const session = story.state.sessions.get("s1")!;
  const stateOf = () => story.inUse(ahead!.assignmentId);
  return { story, first: first!, ahead: ahead!, session, stateOf };
}

test("[DP7] a quick tab is at one batch, has one more in hand, and is sent no third", () => {
  const { story } = busy();
  expect(sentTo(story)).toEqual(["s1", "s1 ahead"]);
  expect(story.hand("s1").waited.length).toBe(2);
  story.answer(story.out()[0]!);
  expect(sentTo(story)).toEqual(["s1", "s1 ahead", "s1 ahead"]);
  expect(story.hand("s1").waited.length).toBe(2);
});

test("[DP10] idle tabs come first, and the rest goes to whoever is expected to answer it first", () => {
  const story = measured([90, 20, 30]);
  story.submit("job", { ...ONE_BY_ONE, roundsInFlight: 5 }, 100);
  expect(sentTo(story)).toEqual(["s2", "s3", "s1", "s2 ahead", "s3 ahead"]);
});

test("[DP10] nothing is sent ahead to a tab that nobody knows yet, or that takes longer than BATCH_AHEAD_MS_MAX", () => {
  for (const [ms, count] of [
    [null, 1],
    [BATCH_AHEAD_MS_MAX, 2],
    [BATCH_AHEAD_MS_MAX + 1, 1],
  ] as const) {
    const story = measured([ms]);
    story.submit("job", ONE_BY_ONE, 100);
    expect(story.out(), `${ms} ms`).toHaveLength(count);
  }
  // A larger batch takes longer in proportion.
  const story = measured([BATCH_AHEAD_MS_MAX / 2]);
  story.submit("job", { ...ONE_BY_ONE, groupsPerRound: 11 }, 110);
  expect(story.out()).toHaveLength(1);
});

test("[DP10] [EV5] a tab that usually takes longer is not among those that are looked at, though its latest answer was quick", () => {
  const story = measured([20, BATCH_AHEAD_MS_MAX + 1]);
  const slow = story.state.sessions.get("s2")!;
  for (const ms of [BATCH_AHEAD_MS_MAX + 1, 20]) recordResponse(story.state, slow, { ms, work: WORK });
  story.submit("job", { ...ONE_BY_ONE, roundsInFlight: 2 }, 100);
  story.answer(story.out().find(({ sessionId }) => sessionId === "s1")!);
  const soonIdle = [...story.state.crowd.turns.soonIdle.keys()];
  expect(sentTo(story)).not.toContain("s2 ahead");
  expect(story.hand("s2").waited).toHaveLength(1);
  expect(soonIdle).not.toContain("s2");
});

test("[DP10] nothing waits behind a slow tab, nor behind one that takes longer than was expected of it", () => {
  const story = measured([20, 20, 41]);
  story.submit("job", { ...ONE_BY_ONE, roundsInFlight: 6 }, 100);
  expect(sentTo(story)).toEqual(["s1", "s2", "s3", "s1 ahead", "s2 ahead"]);

  const late = measured([20]);
  late.submit("job", { ...ONE_BY_ONE, roundsInFlight: 1 }, 5);
  late.pass(BATCH_AHEAD_WAIT_MS_MIN);
  late.submit("other", ONE_BY_ONE, 100);
  expect(sentTo(late)).toEqual(["s1"]);
});

test("[DP6] [DP10] who has a worker index of a round is not sent another one of it ahead", () => {
  const story = measured([20, 20, 20, 20, 20, 20, 20, 20]);
  story.submit("job", { ...SYSTEMATIC, groupsPerRound: 5, roundsInFlight: 1 }, 80);
  expect(story.out()).toHaveLength(7);
  const round = () => story.job("job").openRounds.get(0)!;
  story.happen({ type: "availabilityChanged", sessionId: "s8", available: false });
  story.happen({ type: "assignmentReturned", ...lastOf(story, 6) });
  // Whoever of the seven it went to, it was not sent behind a batch of the same round.
  for (const { attempts } of round().slots)
    for (const id of attempts) expect(story.state.assignments.get(id)!.startedMs).not.toBeNull();
});

function lastOf(story: Story, workerIndex: number): { sessionId: string; assignmentId: number } {
  const { sessionId, assignmentId } = story.out().find((one) => one.workerIndex === workerIndex)!;
  return { sessionId, assignmentId };
}

test("[DP10] [SM3] of a stream only full windows are sent ahead: while its tab is busy the next one gets larger", () => {
  const story = measured([20]);
  const hash = "0".repeat(64);
  const source = { kind: "stream", modelSha256: hash, closeAfterMs: 50, idleMs: 60_000 };
  const stored = storedJob("job", { ...ONE_BY_ONE, source }, 0, story.nowMs);
  story.submitJob({ ...stored, queriesSha256: null, isOpen: true });
  const post = (queryCount: number) => {
    const firstQuery = story.job("job").stream!.received;
    story.happen({ type: "queriesPosted", jobId: "job", firstQuery, queryCount });
  };
  post(1);
  post(3);
  story.pass(60);
  // The window of three is closed, for it was due, and waits here.
  expect(story.job("job").schedule.roundCount).toBe(2);
  expect(sentTo(story)).toEqual(["s1"]);
  post(5);
  story.answer(story.out()[0]!, 1);
  expect(sentTo(story)).toEqual(["s1", "s1", "s1 ahead"]);
});

test("[AS9] what was sent ahead begins when the one before it is answered: deadline and response count from then", () => {
  const { story, first, session, stateOf } = busy();
  const slot = () => story.job("job").openRounds.get(1)!.slots[0]!;
  expect(stateOf()).toMatchObject({ startedMs: null, state: "outstanding", sentMs: story.nowMs });
  expect(slot().tried.size).toBe(0);
  story.answer(first, 30);
  expect(stateOf()).toMatchObject({ startedMs: story.nowMs });
  expect(slot().tried).toEqual(new Set(["v1"]));
  const { timerId } = stateOf()!;
  expect(story.asked("setTimer").find((timer) => timer.timerId === timerId)!.atMs).toBe(
    story.nowMs + ASSIGNMENT_DEADLINE_MS_MIN,
  );
  const startedMs = story.nowMs;
  story.answer(story.out()[0]!, 25);
  expect(session.responses.map(({ ms }) => ms)).toEqual([20, 30, 25]);
  expect(session.recent.map(({ ms }) => ms)).toEqual([30, 25]);
  // Of the next one, the deadline counts from that answer.
  story.pass(startedMs + 25 + ASSIGNMENT_DEADLINE_MS_MIN - story.nowMs - 1);
  expect(session.lateAssignments).toBe(0);
  story.pass(1);
  expect(session.lateAssignments).toBe(1);
});

test("[AS9] an answer that overtakes that of the batch before it is taken in, and not measured", () => {
  const { story, first, ahead, session } = busy();
  story.answer(ahead, 5);
  expect(story.job("job").finishedRounds.has(1)).toBe(true);
  expect(session.responses.map(({ ms }) => ms)).toEqual([20]);
  story.answer(first, 5);
  expect(session.responses.map(({ ms }) => ms)).toEqual([20, 10]);
  expect([...story.job("job").finishedRounds.keys()].sort()).toEqual([0, 1]);
});

const NOTHING_OUT: StoryOptions = { hold: ["voidAssignment"] };

test.each<[string, (told: ReturnType<typeof busy>) => void]>([
  [
    "the one before it fails",
    ({ story, first: { sessionId, assignmentId } }) =>
      story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "no" }),
  ],
  [
    "the one before it is answered with something malformed",
    ({ story, first: { sessionId, assignmentId } }) =>
      story.happen({ type: "resultMalformed", sessionId, assignmentId, message: "no" }),
  ],
  [
    "the one before it is given back",
    ({ story, first: { sessionId, assignmentId } }) =>
      story.happen({ type: "assignmentReturned", sessionId, assignmentId }),
  ],
  ["the one before it is void", ({ story }) => story.happen({ type: "jobCancelled", jobId: "job" })],
  ["the one before it is late", ({ story }) => story.pass(ASSIGNMENT_DEADLINE_MS_MIN)],
  [
    "its tab says that it is not available",
    ({ story }) => story.happen({ type: "availabilityChanged", sessionId: "s1", available: false }),
  ],
  ["its tab goes", ({ story }) => story.happen({ type: "sessionClosed", sessionId: "s1" })],
])("[AS10] it is taken back, and costs nobody anything, when %s", (_when, happens) => {
  const told = busy(20, NOTHING_OUT);
  const { story, ahead, session, stateOf } = told;
  const { turns, sentWork } = story.job("job");
  expect([turns.served, sentWork]).toEqual([2 * WORK, 2 * WORK]);
  happens(told);
  expect(stateOf()).toBeUndefined();
  expect(story.asked("voidAssignment").map(({ assignmentId }) => assignmentId)).toContain(ahead.assignmentId);
  const round = story.job("job").openRounds.get(1);
  if (round !== undefined) expect(round.slots[0]!.tried.has("v1")).toBe(round.slots[0]!.attempts.size > 0);
  expect(session.recent.filter(({ roundIndex }) => roundIndex === 1)).toEqual([]);
  expect(session.responses.map(({ ms }) => ms)).toEqual([20]);
  expect(story.state.volunteers.get("v1")?.unansweredInRow ?? 0).toBe(0);
  expect([...story.state.timers.values()].filter(({ kind }) => kind === "ahead")).toEqual([]);
});

test("[AS10] it is taken back once the one before it takes far longer than expected, and goes to whoever is free", () => {
  for (const [ms, waitMs] of [
    [20, BATCH_AHEAD_WAIT_MS_MIN],
    [200, BATCH_AHEAD_WAIT_FACTOR * 200],
  ] as const) {
    const { story, ahead, stateOf } = busy(ms);
    story.pass(waitMs - 1);
    expect(stateOf(), `${ms} ms`).toBeDefined();
    story.pass(1);
    expect(stateOf(), `${ms} ms`).toBeUndefined();
    expect(story.asked("voidAssignment")).toMatchObject([{ assignmentId: ahead.assignmentId, tell: true }]);
    expect(story.hand("s1").waited.length).toBe(1);
    story.join(2);
    expect(story.out().find(({ sessionId }) => sessionId === "s2")).toMatchObject({ roundIndex: 1, isAhead: false });
    expect(story.job("job").openRounds.get(1)!.redispatched).toBe(0);
  }
});

test("[AS10] it is taken back as soon as the one before it is overdue and somebody idles", () => {
  for (const [ms, overdueMs] of [
    [4, BATCH_AHEAD_OVERDUE_MS_MIN],
    [40, BATCH_AHEAD_OVERDUE_FACTOR * 40],
  ] as const) {
    const { story, ahead, stateOf } = busy(ms, {}, 2);
    story.join(2);
    story.pass(overdueMs - 1);
    expect(stateOf(), `${ms} ms`).toBeDefined();
    expect([...story.state.crowd.turns.idle.keys()]).toEqual(["s2"]);
    story.pass(1);
    expect(stateOf(), `${ms} ms`).toBeUndefined();
    expect(story.asked("voidAssignment")).toMatchObject([{ assignmentId: ahead.assignmentId, tell: true }]);
    expect(sentTo(story)).toEqual(["s1", "s1 ahead", "s2"]);
  }
  // Where nobody idles it waits on.
  const { story, stateOf } = busy(40);
  story.pass(BATCH_AHEAD_OVERDUE_FACTOR * 40 + 1);
  expect(stateOf()).toBeDefined();
});

test("[AS10] who idles and may not have it, for its volunteer rests or is at it already, is no reason to take it back", () => {
  const resting = busy(40, {}, 2);
  resting.story.join(2);
  restUntil(resting.story.state, resting.story.state.volunteers.get("v2")!, resting.story.nowMs + 10_000);
  const same = busy(40, {}, 2);
  same.story.join(1, "second");
  for (const { story, stateOf } of [resting, same]) {
    expect(story.state.crowd.turns.idle.size).toBe(1);
    story.pass(BATCH_AHEAD_OVERDUE_FACTOR * 40 + 5);
    expect(stateOf()).toBeDefined();
  }
});

test("[AS10] a look that comes too late, for the coordinator was held up, lets the answers that wait be read first", () => {
  const { story, first, stateOf } = busy();
  // Nothing is looked at for a second; then timers come before answers.
  story.nowMs += 1_000;
  const [timer] = [...story.state.timers].filter(([, { kind }]) => kind === "ahead");
  story.happen({ type: "timerFired", timerId: timer![0] });
  expect(stateOf()).toMatchObject({ startedMs: null });
  story.answer(first, 0);
  expect(stateOf()).toMatchObject({ startedMs: story.nowMs });
  // Once only: whoever is silent then is not waited for any longer.
  const silent = busy();
  silent.story.nowMs += 1_000;
  const [late] = [...silent.story.state.timers].filter(([, { kind }]) => kind === "ahead");
  silent.story.happen({ type: "timerFired", timerId: late![0] });
  const [second] = [...silent.story.state.timers].filter(([, { kind }]) => kind === "ahead");
  silent.story.nowMs += 1_000;
  silent.story.happen({ type: "timerFired", timerId: second![0] });
  expect(silent.stateOf()).toBeUndefined();
});

test("[DP10] who rests so long after each batch that it gives back what waits is sent nothing ahead until it goes on at once", () => {
  const { story } = busy();
  const rest = () => {
    const [underWay] = story.out();
    story.nowMs += 20;
    story.happen({ type: "availabilityChanged", sessionId: "s1", available: false });
    for (const one of story.out().slice(1)) story.happen({ type: "assignmentReturned", ...idsOf(one) });
    for (const assignmentId of story.hand("s1").dropped)
      story.happen({ type: "assignmentReturned", sessionId: "s1", assignmentId });
    story.answer(underWay!, 0);
    story.nowMs += 1_000;
    story.happen({ type: "availabilityChanged", sessionId: "s1", available: true });
  };
  rest();
  expect(sentTo(story)).toEqual(["s1", "s1 ahead", "s1"]);
  rest();
  expect(sentTo(story)).toEqual(["s1", "s1 ahead", "s1", "s1"]);
  story.answer(story.out()[0]!, 20);
  expect(sentTo(story)).toEqual(["s1", "s1 ahead", "s1", "s1", "s1", "s1 ahead"]);
});

function idsOf({ sessionId, assignmentId }: { sessionId: string; assignmentId: number }) {
  return { sessionId, assignmentId };
}

test("[DP4] [DP10] a batch that one tab of a volunteer has in hand is backed up by somebody else's", () => {
  const { story } = busy(40, {}, 2);
  const slot = story.job("job").openRounds.get(1)!.slots[0]!;
  expect(slot.attempts.size).toBe(1);
  const job = story.job("job");
  const choose = () => sessionFor(story.state, job, job.openRounds.get(1)!, slot, crowdOf(story.state));
  story.join(1, "second");
  expect(choose()).toBeNull();
  story.join(2);
  expect(choose()?.sessionId).toBe("s2");
});

test("[AS9] the way there and back is added to what was sent ahead, so that who is sent nothing ahead does not look slow", () => {
  const story = measured([200, 200]);
  const [quick, other] = ["s1", "s2"].map((id) => story.state.sessions.get(id)!);
  // 150 ms of it are the way.
  for (let n = 0; n < 9; n++) recordResponse(story.state, quick!, { ms: 50, work: WORK, wasAhead: true });
  expect(quick!.responses.map(({ ms }) => ms)).toEqual(Array.from({ length: 9 }, () => 200));
  expect(tripMsOf(quick!)).toBe(150);
  expect(isSlowFor(other!, WORK, crowdOf(story.state))).toBe(false);
  // It really gets slower, and that is seen.
  for (let n = 0; n < 9; n++) recordResponse(story.state, quick!, { ms: 400, work: WORK, wasAhead: true });
  expect(predictMs(quick!, WORK)).toBe(550);
  // The network changes: the next one that is sent by itself shows it, once that is no longer taken for luck.
  for (let n = 0; n < 3; n++) {
    recordResponse(story.state, quick!, { ms: 420, work: WORK });
    recordResponse(story.state, quick!, { ms: 400, work: WORK, wasAhead: true });
  }
  expect(tripMsOf(quick!)).toBe(20);
  // Batches of another size say nothing of the way.
  recordResponse(story.state, quick!, { ms: 5, work: WORK / 10 });
  expect(quick!.tripsMs).toHaveLength(5);
  expect(tripMsOf(quick!)).toBe(20);
});

test("[AS10] behind a batch that was sent by itself one waits as long as the way there and back takes, too", () => {
  const story = measured([200]);
  const session = story.state.sessions.get("s1")!;
  for (let n = 0; n < 9; n++) recordResponse(story.state, session, { ms: 50, work: WORK, wasAhead: true });
  story.submit("job", { ...ONE_BY_ONE, roundsInFlight: 4 }, 100);
  const [first, ahead] = story.asked("sendAssignment");
  const held = (id: number) => story.inUse(id);
  story.pass(200);
  expect(held(ahead!.assignmentId)).toBeDefined();
  story.answer(first!, 0);
  const next = story.out().find(({ isAhead, assignmentId }) => isAhead && assignmentId !== ahead!.assignmentId)!;
  // Of one that was at its tab already, not.
  story.pass(BATCH_AHEAD_WAIT_FACTOR * 50 - 1);
  expect(held(next.assignmentId)).toBeDefined();
  story.pass(1);
  expect(held(next.assignmentId)).toBeUndefined();
});

test("[AS10] it is taken back when its volunteer rests for the sake of another tab", () => {
  const { story, stateOf } = busy(20, NOTHING_OUT);
  story.join(1, "broken");
  // [AS4] It failed at two other models before.
  for (const model of ["a", "b"]) story.state.volunteers.get("v1")!.failedModels.set(model, { inRow: 1, untilMs: 0 });
  const { sessionId, assignmentId } = story.out().find(({ sessionId }) => sessionId === "broken")!;
  expect(stateOf()).toBeDefined();
  story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "no" });
  expect(story.state.volunteers.get("v1")!.restsUntilMs).toBeGreaterThan(story.nowMs);
  expect(stateOf()).toBeUndefined();
  expect(story.hand("s1").waited.length).toBe(1);
});

test("[AS8] [AS10] the tab is busy until it has let go of what was taken back, and that is no measure of it", () => {
  const { story, first, ahead, session } = busy(20, NOTHING_OUT);
  story.pass(BATCH_AHEAD_WAIT_MS_MIN);
  expect(story.state.assignments.get(ahead.assignmentId)!.startedMs).toBeNull();
  story.answer(first, 1);
  expect(story.state.crowd.turns.idle.has("s1")).toBe(false);
  expect(story.hand("s1").waited.length).toBe(0);
  const { assignmentId, sessionId } = ahead;
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(session.responses.map(({ ms }) => ms)).toEqual([20, BATCH_AHEAD_WAIT_MS_MIN + 1]);
  expect(story.hand("s1").dropped).toEqual([]);
  expect(story.hand("s1").waited.length).toBe(2);
});

test("[AS10] given back by its tab it is for others, and the one before it goes on", () => {
  const { story, first, ahead, stateOf } = busy();
  const { assignmentId, sessionId } = ahead;
  story.happen({ type: "availabilityChanged", sessionId, available: false });
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(stateOf()).toBeUndefined();
  expect(story.hand(sessionId).waited).toEqual([first.assignmentId]);
  story.answer(first, 5);
  expect(story.job("job").finishedRounds.has(0)).toBe(true);
  expect(story.hand("s1").dropped).toEqual([]);
});

test("[AS10] a quarantined volunteer keeps nothing that was sent ahead, whoever's job it is of", () => {
  const story = measured([20, 20, 20, 20, 20, 20, 20], { hold: ["audit", "voidAssignment"] });
  story.submit("audited", { ...SYSTEMATIC, groupsPerRound: 5 }, 20);
  story.submit("unaudited", { ...ONE_BY_ONE, roundsInFlight: 8 }, 100);
  const [sent] = story.out();
  story.answer(sent!, 1);
  const audit = story.asked("audit")[0]!;
  const { sessionId } = sent!;
  const session = () => story.state.sessions.get(sessionId)!;
  expect(story.hand(sessionId).waited.length).toBe(2);
  const { effectId, jobId, roundIndex, generation, assignmentId, against } = audit;
  story.happen({
    ...{ type: "audited", effectId, jobId, roundIndex, generation, assignmentId },
    ...{ checked: 3, randomlyChecked: 3, failed: 1, against: against && { randomlyChecked: 1, failed: 0 } },
  });
  expect(session().state).toBe("quarantined");
  for (const id of story.hand(sessionId).waited) expect(story.state.assignments.get(id)!.startedMs).not.toBeNull();
  expect(story.hand(sessionId).waited.length).toBe(1);
});
