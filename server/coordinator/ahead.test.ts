/** Batches that are sent ahead: to whom, when they begin, and when they are taken back. SPEC.md AS9, AS10, DP7, DP10. */
import { expect, test } from "vitest";
import { ASSIGNMENT_DEADLINE_MS_MIN, BATCH_AHEAD_WAIT_MS_MIN } from "../../shared/protocol/limits.ts";
import { crowdOf, isSlowFor } from "./ranking.ts";
import { recordChecks, restVolunteer } from "./reputation.ts";
import { predictMs, recordResponse, tripMsOf } from "./response-times.ts";
import { PLAIN, Story, type StoryOptions } from "./testing/story.ts";

/** More than is out at once. */
const ROWS = 20_000;
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

/** One tab that is at a claim of a long job, with another one waiting behind it. */
function busy(ms = 20, options: StoryOptions = {}) {
  const story = new Story(options);
  story.crowd(1);
  story.submit("job", PLAIN, ROWS);
  for (let n = 0; n < 9; n++) story.answer(story.out()[0]!, ms);
  const [first, ahead] = story.out();
  expect([first?.isAhead !== undefined, ahead?.isAhead]).toEqual([true, true]);
  const session = story.state.sessions.get("s1")!;
  const stateOf = () => story.inUse(ahead!.assignmentId);
  return { story, first: first!, ahead: ahead!, session, stateOf };
}

const begun = (story: Story, sessionId: string) =>
  story.hand(sessionId).waited.filter((id) => story.state.assignments.get(id)!.startedMs !== null).length;

test("[DP7] a quick tab is at one claim, has one more in hand at most, and is sent no third", () => {
  const { story } = busy();
  const had = new Set<number>();
  for (let n = 0; n < 8; n++) {
    had.add(story.hand("s1").waited.length);
    expect(begun(story, "s1")).toBe(1);
    story.answer(story.out()[0]!);
    if (story.out().length === 0) break;
  }
  expect([...had].sort()).toEqual([1, 2]);
});

test("[DP10] nothing is sent ahead to a tab that nobody knows yet", () => {
  const story = new Story();
  story.crowd(1);
  story.submit("job", PLAIN, ROWS);
  expect(story.out().map(({ isAhead }) => isAhead)).toEqual([false]);
});

test("[DP10] idle tabs come first, and the rest goes to those that are busy", () => {
  const { story } = busy();
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  for (const n of [1, 2, 3]) story.join(n);
  const firstThree = story.asked("sendAssignment").slice(-3);
  expect(firstThree.map(({ sessionId, isAhead }) => [sessionId, isAhead])).toEqual([
    ["s1", false],
    ["s2", false],
    ["s3", false],
  ]);
});

test("[AS9] what was sent ahead begins when the one before it is answered: its response counts from then", () => {
  const { story, first, session, stateOf } = busy();
  expect(stateOf()).toMatchObject({ startedMs: null, state: "outstanding" });
  story.answer(first, 30);
  expect(stateOf()).toMatchObject({ startedMs: story.nowMs });
  const { timerId } = stateOf()!;
  expect(story.asked("setTimer").find((timer) => timer.timerId === timerId)!.atMs).toBeGreaterThan(story.nowMs);
  const tripMs = tripMsOf(session);
  story.answer(story.out()[0]!, 25);
  expect(session.responses.at(-1)!.ms).toBeLessThanOrEqual(25 + tripMs);
  expect(session.recent.slice(-2).map(({ ms }) => ms)).toEqual([30, 25]);
});

test("[AS9] an answer that overtakes that of the claim before it is taken in, and not measured", () => {
  const { story, first, ahead, session } = busy();
  const { creditAssignments } = story.state.volunteers.get("v1")!;
  const measuredBefore = [...session.responses];
  story.answer(ahead, 5);
  expect(session.responses).toEqual(measuredBefore);
  story.answer(first, 5);
  expect(session.responses).not.toEqual(measuredBefore);
  expect(story.state.volunteers.get("v1")!.creditAssignments).toBe(creditAssignments + 2);
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
  ["the one before it is late", ({ story }) => story.pass(ASSIGNMENT_DEADLINE_MS_MIN + 200)],
  [
    "its tab says that it is not available",
    ({ story }) => story.happen({ type: "availabilityChanged", sessionId: "s1", available: false }),
  ],
  ["its tab goes", ({ story }) => story.happen({ type: "sessionClosed", sessionId: "s1" })],
])("[AS10] it is taken back, and costs nobody anything, when %s", (_when, happens) => {
  const told = busy(20, NOTHING_OUT);
  const { story, ahead, session, stateOf } = told;
  const measuredBefore = [...session.responses];
  happens(told);
  expect(stateOf()).toBeUndefined();
  expect(story.asked("voidAssignment").map(({ assignmentId }) => assignmentId)).toContain(ahead.assignmentId);
  expect(session.responses).toEqual(measuredBefore);
  expect(story.state.volunteers.get("v1")?.unansweredInRow ?? 0).toBe(0);
});

test("[AS10] it is taken back once the one before it takes far longer than expected, and goes to whoever is free", () => {
  const { story, ahead, stateOf } = busy();
  story.pass(BATCH_AHEAD_WAIT_MS_MIN / 2);
  expect(stateOf()).toBeDefined();
  for (let n = 0; n < 100 && stateOf() !== undefined; n++) story.pass(BATCH_AHEAD_WAIT_MS_MIN / 4);
  expect(stateOf()).toBeUndefined();
  expect(story.asked("voidAssignment").at(-1)).toMatchObject({ assignmentId: ahead.assignmentId, tell: true });
  expect(story.hand("s1").waited.length).toBe(1);
  story.join(2);
  expect(story.out().find(({ sessionId }) => sessionId === "s2")).toMatchObject({ isAhead: false });
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

test("[AS10] it is taken back when its volunteer rests for the sake of another tab", () => {
  const { story, stateOf } = busy(20, NOTHING_OUT);
  story.join(1, "broken");
  const restsUntilMs = story.nowMs + 10_000;
  expect(stateOf()).toBeDefined();
  restVolunteer(story.step(), "v1");
  expect(story.state.volunteers.get("v1")!.restsUntilMs).toBeGreaterThanOrEqual(restsUntilMs);
  expect(stateOf()).toBeUndefined();
  expect(story.hand("s1").waited.length).toBe(1);
});

test("[AS8] [AS10] the tab is busy until it has let go of what was taken back", () => {
  const { story, first, ahead, stateOf } = busy(20, NOTHING_OUT);
  for (let n = 0; n < 100 && stateOf() !== undefined; n++) story.pass(BATCH_AHEAD_WAIT_MS_MIN / 4);
  expect(story.state.assignments.get(ahead.assignmentId)!.startedMs).toBeNull();
  story.answer(first, 1);
  expect(story.state.crowd.turns.idle.has("s1")).toBe(false);
  expect(story.hand("s1").waited.length).toBe(0);
  const { assignmentId, sessionId } = ahead;
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(story.hand("s1").dropped).toEqual([]);
  expect(story.hand("s1").waited.length).toBeGreaterThan(0);
});

test("[AS10] given back by its tab it is for others, and the one before it goes on", () => {
  const { story, first, ahead, stateOf } = busy();
  const { assignmentId, sessionId } = ahead;
  story.happen({ type: "availabilityChanged", sessionId, available: false });
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(stateOf()).toBeUndefined();
  expect(story.hand(sessionId).waited).toEqual([first.assignmentId]);
  story.answer(first, 5);
  expect(story.state.volunteers.get("v1")!.creditAssignments).toBe(10);
  expect(story.hand("s1").dropped).toEqual([]);
});

test("[AS10] a quarantined volunteer keeps nothing that was sent ahead", () => {
  const { story, stateOf } = busy(20, NOTHING_OUT);
  const found = { jobId: "job", roundIndex: 0 };
  recordChecks(story.step(), "v1", found, { checked: 3, randomlyChecked: 3, failed: 1 });
  expect(story.state.sessions.get("s1")!.state).toBe("quarantined");
  expect(stateOf()).toBeUndefined();
});
