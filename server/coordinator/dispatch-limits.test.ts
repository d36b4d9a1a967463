/** Where dispatch stops, to the number: what is waited for, what fits, and how often one batch is out. */
import { expect, test } from "vitest";
import {
  ASSIGNMENT_DEADLINE_MS_MIN,
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  BYTES_IN_FLIGHT_TOTAL_MAX,
  NUMERICS_PENDING_MAX,
  STORE_PENDING_MAX,
} from "../../shared/protocol/limits.ts";
import { inferenceJobs } from "../kinds/inference/core/job.ts";
import { bytesInFlight, lackOfTabs } from "../kinds/inference/core/queue.ts";
import { pausedBecause } from "./dispatch.ts";
import { Story, SYSTEMATIC, storedJob } from "./testing/story.ts";
import { outOf, tellDecoded } from "./testing/verdicts.ts";

const UNCODED = { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 5, roundsInFlight: 4 };

test("[DP1] the store and the numerics fall behind at their limits, not one before, and the reason is said", () => {
  const { state } = new Story();
  const fill = (count: number) => {
    while (state.persistQueue.length < count) state.persistQueue.push({ purpose: { kind: "standing" }, records: [] });
  };
  fill(STORE_PENDING_MAX - 1);
  expect(pausedBecause(state)).toBeNull();
  fill(STORE_PENDING_MAX);
  expect(pausedBecause(state)).toBe("the store falls behind");
  state.persistQueue.length = 0;
  for (let n = 1; n < NUMERICS_PENDING_MAX; n++) state.numericsPending.set(n, `${n}`);
  expect(pausedBecause(state)).toBeNull();
  state.numericsPending.set(NUMERICS_PENDING_MAX, "last");
  expect(pausedBecause(state)).toBe("encoding, audits and decoding fall behind");
});

test("[JB2] a job says what crowd it waits for: any where it may share, as many different ones as its code has where it may not", () => {
  const story = new Story();
  story.submit("any", SYSTEMATIC, 40);
  story.submit("different", { ...SYSTEMATIC, scheme: "replication", queriesPerGroup: 2, stragglers: 0 }, 40);
  const problems = () => ["any", "different"].map((id) => lackOfTabs(story.state, story.job(id)));
  const nobody = { waitingFor: "waiting for tabs: no tab is connected and ready", lacksTabs: "any" };
  expect(problems()).toEqual([nobody, nobody]);
  story.crowd(5);
  const smaller = "with --queries-per-group 2 --stragglers 0 --liars 0, 2 are enough";
  const few = `waiting for tabs: replication needs 6 different volunteers, 5 are ready; ${smaller}`;
  expect(problems()).toEqual([null, { waitingFor: few, lacksTabs: "more" }]);
  story.join(5, "s5b");
  expect(problems()[1]).not.toBeNull();
  story.join(6);
  expect(problems()).toEqual([null, null]);
});

/** A job of rounds that are so many bytes each. @param bytes a multiple of 80: a round of 10 rows and 2 workers */
function largeJob(story: Story, jobId: string, bytesOfRound: number, rounds: number, submitter = "tester"): void {
  const job = storedJob(jobId, { ...UNCODED, roundsInFlight: rounds }, 10 * rounds, story.nowMs);
  const submission = { ...job.submission, submitter };
  story.submitJob({ ...job, submission, inputSize: bytesOfRound / 40, outputSize: 0 });
  expect(story.job(jobId).openRounds.size).toBeGreaterThan(0);
}

const roundsOpen = (story: Story, jobId: string) => story.job(jobId).openRounds.size;

test("[DP3] the rounds of a job fit its bytes exactly, and not one byte more; a single round is always let through", () => {
  const open = (bytesOfRound: number) => {
    const story = new Story();
    story.crowd(8);
    largeJob(story, "job", bytesOfRound, 4);
    return roundsOpen(story, "job");
  };
  expect(open(BYTES_IN_FLIGHT_PER_JOB_MAX / 4)).toBe(4);
  expect(open(BYTES_IN_FLIGHT_PER_JOB_MAX / 4 + 40)).toBe(3);
  expect(open(2 * BYTES_IN_FLIGHT_PER_JOB_MAX)).toBe(1);
  expect(open(2 * BYTES_IN_FLIGHT_TOTAL_MAX)).toBe(1);
});

test("[DP3] all jobs together fit their bytes, and what is free again is used", () => {
  const jobs = Math.floor(BYTES_IN_FLIGHT_TOTAL_MAX / BYTES_IN_FLIGHT_PER_JOB_MAX);
  const story = new Story();
  story.crowd(2 * (jobs + 2));
  for (let n = 0; n < jobs; n++) largeJob(story, `job ${n}`, BYTES_IN_FLIGHT_PER_JOB_MAX, 1, `submitter ${n}`);
  const held = inferenceJobs(story.state).reduce((sum, job) => sum + bytesInFlight(job), 0);
  expect(held).toBe(jobs * BYTES_IN_FLIGHT_PER_JOB_MAX);
  const rest = BYTES_IN_FLIGHT_TOTAL_MAX - held;
  const more = storedJob("more", { ...UNCODED, roundsInFlight: 1 }, 10, story.nowMs);
  story.submitJob({ ...more, inputSize: rest / 40 + 1, outputSize: 0 });
  expect(roundsOpen(story, "more")).toBe(0);
  for (const sent of story.out().filter(({ jobId }) => jobId === "job 0")) story.answer(sent, 1);
  expect(roundsOpen(story, "more")).toBe(1);
});

test("[DP3] of the bytes of all no submitter's jobs take more than three quarters of what others leave", () => {
  const open = (story: Story, jobId: string, submitter: string) => {
    const job = storedJob(jobId, { ...UNCODED, roundsInFlight: 1 }, 10, story.nowMs);
    const submission = { ...job.submission, submitter };
    story.submitJob({ ...job, submission, inputSize: BYTES_IN_FLIGHT_TOTAL_MAX / 16 / 40, outputSize: 0 });
    return roundsOpen(story, jobId);
  };
  const story = new Story();
  story.crowd(60);
  const opened = (submitter: string) =>
    Array.from({ length: 16 }, (_, n) => open(story, `${submitter} ${n}`, submitter)).reduce((sum, n) => sum + n);
  expect(["mallory", "ada", "bob"].map(opened)).toEqual([12, 3, 1]);
});

test("[DP1] a submitter that keeps numerics busy leaves the others room, is sent nothing more, and is told why", () => {
  const story = new Story();
  story.submit("hers", UNCODED, 200);
  const { state } = story;
  const share = (NUMERICS_PENDING_MAX * 3) / 4;
  const [own] = state.parties.keys();
  for (let n = 1; n < share; n++) state.numericsPending.set(-n, own!);
  expect(pausedBecause(state, own)).toBeNull();
  state.numericsPending.set(-share, own!);
  expect([pausedBecause(state), pausedBecause(state, "another")]).toEqual([null, null]);
  expect(pausedBecause(state, own)).toBe("encoding, audits and decoding for this submitter fall behind");
  story.crowd(2);
  expect(story.out()).toEqual([]);
  state.numericsPending.delete(-1);
  story.crowd(3);
  expect(story.out().length).toBeGreaterThan(0);
});

test("[DP3] no more rounds are open than the job allows, and no further one while a batch of them waits for a tab", () => {
  const story = new Story();
  story.crowd(20);
  story.submit("job", { ...UNCODED, roundsInFlight: 3 }, 200);
  expect(roundsOpen(story, "job")).toBe(3);
  expect(story.out()).toHaveLength(6);
  const few = new Story();
  few.crowd(1);
  few.submit("job", UNCODED, 200);
  expect(roundsOpen(few, "job")).toBe(1);
});

test("[DP3] who idles and can take nothing of the open rounds has the next one opened", () => {
  const story = new Story();
  for (let n = 1; n <= 8; n++) story.join(n, `s${n}`, { precision: n <= 4 ? "float32" : "float16" });
  // Half precision holds no query of an exact job as it is: four raw batches for float32, three parities.
  story.submit("job", { ...SYSTEMATIC, roundsInFlight: 2 }, 80);
  const busy = story.out().map(({ sessionId }) => sessionId);
  expect(busy.length).toBe(8);
  expect(roundsOpen(story, "job")).toBe(2);
});

test("[DP4] before first answers a batch is out once in time, and again as soon as it is late", () => {
  const story = new Story();
  story.crowd(12);
  story.submit("job", { ...SYSTEMATIC, stragglers: 0, liars: 0, spares: "backups" }, 40);
  const sent = story.out();
  expect(sent).toHaveLength(4);
  story.answer(sent[1]!, 20);
  expect(outOf(story, 0)).toHaveLength(1);
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(outOf(story, 0)).toHaveLength(2);
});

test("[DP4] a batch that nobody is at goes before one that somebody is late with", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", { scheme: "uncoded", queriesPerGroup: 1, groupsPerRound: 10, roundsInFlight: 3 }, 40);
  const sent = () => story.asked("sendAssignment").map(({ sessionId, roundIndex }) => `${sessionId} ${roundIndex}`);
  expect(sent()).toEqual(["s1 0", "s2 1"]);
  const answerOfSecond = () => {
    story.pass(600);
    story.answer(story.out().find(({ sessionId }) => sessionId === "s2")!, 0);
  };
  answerOfSecond();
  answerOfSecond();
  // 1.2 s have passed, where the other takes .6: the first tab is late.
  expect(story.state.sessions.get("s1")!.lateAssignments).toBe(1);
  expect(sent().slice(2)).toEqual(["s2 2", "s2 3"]);
  answerOfSecond();
  expect(sent().at(-1)).toBe("s2 0");
});

test("[DP4] after first answers a query that is wanted is out twice in time, and never more than three times in all", () => {
  const story = new Story();
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  for (const one of sent.slice(1)) story.answer(one, 20);
  expect(story.asked("publish")).toHaveLength(1);
  expect(outOf(story, 0)).toHaveLength(2);
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(outOf(story, 0)).toHaveLength(3);
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(outOf(story, 0)).toHaveLength(3);
});

test("[DP4] while a round is decoded, and while a batch is checked, nothing of it is sent again", () => {
  const story = new Story({ hold: ["decode", "audit"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  story.answer(sent[0]!, 20);
  story.pass(3 * ASSIGNMENT_DEADLINE_MS_MIN);
  expect(outOf(story, 0)).toEqual([]);
  const decoding = new Story({ hold: ["decode"] });
  decoding.crowd(12);
  decoding.submit("job", SYSTEMATIC, 40);
  const [lost, ...others] = decoding.out();
  for (const one of others) decoding.answer(one, 1);
  decoding.happen({ type: "sessionClosed", sessionId: lost!.sessionId });
  expect(outOf(decoding, 0)).toEqual([]);
  tellDecoded(decoding);
  expect(outOf(decoding, 0).length).toBeGreaterThan(0);
});

test("[RS1] rounds that are durable already are not opened again, those between them are, and what is redone comes first", () => {
  const story = new Story({ hold: ["encode"] });
  story.submit("job", { ...SYSTEMATIC, groupsPerRound: 1, roundsInFlight: 1 }, 16);
  const job = story.job("job");
  const durable = {
    ...{ generation: 0, openedMs: 0, firstMs: 1, exactMs: 1, estimatedAtFirst: 0, redispatched: 0 },
    sources: [],
  };
  job.finishedRounds.set(0, durable);
  job.finishedRounds.set(1, durable);
  job.finishedRounds.set(3, durable);
  story.join(1);
  expect([...job.openRounds.keys()]).toEqual([2]);
  job.openRounds.clear();
  job.toRedo.add(3);
  story.join(2);
  // Nothing of it had to be asked again: it was written anew at once.
  expect(job.finishedRounds.get(3)!.generation).toBe(1);
  expect(job.toRedo.size).toBe(0);
});

test("[DP2] a job that begins is level with the least served that is at work, not with what only waits", () => {
  const story = new Story();
  story.crowd(4);
  story.submit("one", { ...UNCODED, roundsInFlight: 1 }, 4_000);
  story.submit("waits", { ...SYSTEMATIC, scheme: "approxifer" }, 40);
  for (let n = 0; n < 20; n++) story.answer(story.out()[0]!, 1);
  const served = (id: string) => story.job(id).turns.served;
  expect(served("waits")).toBe(0);
  expect(served("one")).toBeGreaterThan(10_000);
  const before = served("one");
  story.submit("new", { ...UNCODED, roundsInFlight: 1 }, 4_000);
  expect(served("new")).toBeGreaterThanOrEqual(before);
  expect(served("new")).toBeLessThanOrEqual(before + 4 * 500);
});

test("[DP3] what nobody idle can take of an open round does not keep the next one from those who idle", () => {
  const story = new Story();
  for (let n = 1; n <= 8; n++) story.join(n, `s${n}`, { precision: n <= 5 ? "float32" : "float16" });
  story.submit("job", { ...SYSTEMATIC, stragglers: 1, liars: 0, roundsInFlight: 2 }, 400);
  const first = story.out().filter(({ roundIndex }) => roundIndex === 0);
  expect(first.map(({ sessionId }) => sessionId)).toEqual(["s1", "s2", "s3", "s4", "s5"]);
  story.job("job").openRounds.delete(1);
  // A query waits for float32, of which all are busy; who idles computes in half precision.
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect(outOf(story, 0)).toEqual([]);
  expect(roundsOpen(story, "job")).toBe(2);
});

test("[DP1] [DP3] rounds are opened as far as the numerics keep up, and no further", () => {
  const story = new Story({ hold: ["encode"] });
  story.submit("one", { ...SYSTEMATIC, roundsInFlight: 2 }, 400);
  story.submit("two", { ...SYSTEMATIC, roundsInFlight: 2 }, 400);
  for (let n = 1; n < NUMERICS_PENDING_MAX; n++) story.state.numericsPending.set(-n, `${n}`);
  story.crowd(4);
  expect(roundsOpen(story, "one") + roundsOpen(story, "two")).toBe(1);
});
