import { expect, test } from "vitest";
import { step } from "../kinds/core-kinds.ts";
import { JOBS_ENDED_KEPT_MAX } from "./jobs.ts";
import { initialState } from "./state.ts";
import { stateFingerprint } from "./testing/state-fingerprint.ts";
import { batchSource, GOOD_DECODE, Story, storedJob } from "./testing/story.ts";

const UNCODED = { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 5, roundsInFlight: 2 };

test("[JB1] [PS1] a submission is answered only after it is durable, and nothing is begun before", () => {
  const story = new Story({ hold: ["persist"] });
  const effects = story.submit("job", UNCODED);
  expect(effects.map((effect) => effect.type)).toEqual(["persist"]);
  const { effectId } = story.asked("persist")[0]!;
  const after = story.happen({ type: "persisted", effectId });
  expect(after.slice(0, 2).map((effect) => effect.type)).toEqual(["answerSubmission", "prepare"]);
});

test("[EV3] only the write that is under way can become durable: word of another changes nothing", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("first", UNCODED);
  const earlier = story.state.write!.effectId;
  story.happen({ type: "persisted", effectId: earlier });
  const { effectId } = story.state.write!;
  expect(effectId).not.toBe(earlier);
  story.submit("second", UNCODED); // waits in line behind it
  for (const stale of [earlier, effectId + 1_000]) {
    expect(story.happen({ type: "persisted", effectId: stale })).toEqual([]);
    expect(story.state.write).toMatchObject({ effectId });
    expect(["first", "second"].map((jobId) => story.jobState(jobId))).toEqual(["running", "accepting"]);
  }
  story.happen({ type: "persisted", effectId });
  expect(story.state.write!.effectId).toBeGreaterThan(effectId);
  story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  expect(story.asked("answerSubmission")).toMatchObject([{ jobId: "first" }, { jobId: "second" }]);
});

test("[PS3] a refused submission is answered with the reason and leaves nothing behind", () => {
  const story = new Story({ hold: ["persist"] });
  story.submit("job", UNCODED);
  const { effectId } = story.asked("persist")[0]!;
  const effects = story.happen({ type: "persistFailed", effectId, message: "disk full" });
  expect(effects).toMatchObject([{ type: "answerSubmission", problem: "disk full" }, { type: "releaseJob" }]);
  expect(story.jobState("job")).toBe("gone");
});

test("[PS3] a round that the store refuses is written again, and dispatch waits meanwhile", () => {
  const story = new Story({ hold: ["persist"] });
  const persisted = () => {
    const { write } = story.state;
    if (write !== null) story.happen({ type: "persisted", effectId: write.effectId });
  };
  story.crowd(2);
  story.submit("job", { ...UNCODED, roundsInFlight: 1 }, 40);
  persisted();
  persisted();
  for (const assignment of story.out()) story.answer(assignment);
  const refused = story.asked("persist").at(-1)!;
  story.happen({ type: "persistFailed", effectId: refused.effectId, message: "disk full" });
  expect(story.out()).toEqual([]);
  const again = story.pass(1_000).find((effect) => effect.type === "persist");
  expect(again).toMatchObject({ records: refused.records });
  persisted();
  expect(story.job("job").finishedRounds.size).toBe(1);
  expect(story.out().length).toBeGreaterThan(0);
});

test("[JB2] a cancelled job ends once, its assignments are void, and late answers change nothing", () => {
  const story = new Story();
  story.crowd(2);
  story.submit("job", UNCODED, 40);
  const sent = story.out();
  story.happen({ type: "jobCancelled", jobId: "job" });
  expect(story.jobState("job")).toBe("cancelled");
  for (const assignment of sent) expect(story.answer(assignment)).toEqual([]);
  expect(story.happen({ type: "jobCancelled", jobId: "job" })).toEqual([]);
});

test("[JB5] a job that cannot be prepared fails with the reason; others go on", () => {
  const story = new Story({ hold: ["prepare"] });
  story.crowd(2);
  story.submit("bad", UNCODED);
  story.submit("good", UNCODED);
  const [bad, good] = story.asked("prepare");
  story.happen({ type: "prepareFailed", effectId: bad!.effectId, jobId: "bad", message: "a blob is corrupt" });
  story.happen({ type: "prepared", effectId: good!.effectId, jobId: "good", orderSha256: "1".repeat(64) });
  story.answerAll();
  expect([story.jobState("bad"), story.jobState("good")]).toEqual(["failed", "done"]);
  expect(story.job("bad").stored.error).toBe("a blob is corrupt");
});

test("[RD3] without a majority more results are waited for, and the answer is missing if none comes", () => {
  const story = new Story({ hold: ["decode"] });
  story.crowd(6);
  story.submit("job", { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1, groupsPerRound: 1 }, 2);
  const sent = story.out();
  expect(sent).toHaveLength(6);
  for (const assignment of sent.slice(0, 5)) story.answer(assignment);
  const decodes = () => story.asked("decode");
  const outcome = (missingRows: number) => {
    const { effectId, jobId, roundIndex, generation } = decodes().at(-1)!;
    return story.happen({
      type: "decoded",
      effectId,
      jobId,
      roundIndex,
      generation,
      outcome: { ...GOOD_DECODE, missingRows },
    });
  };
  expect(decodes().at(-1)!.results).toHaveLength(4);
  // Undecided, and a fifth result has come meanwhile: it is decoded again, and again with the sixth.
  expect(outcome(1).map((effect) => effect.type)).toEqual(["decode"]);
  story.answer(sent[5]!);
  expect(outcome(1).map((effect) => effect.type)).toEqual(["decode"]);
  expect(decodes().map((effect) => effect.results.length)).toEqual([4, 5, 6]);
  expect(outcome(1).some((effect) => effect.type === "publish")).toBe(true);
  expect(story.jobState("job")).toBe("done");
});

test("[RS1] after a restart durable rounds stand and the others begin anew", () => {
  const before = storedJob("job", UNCODED, 40, 5);
  const story = new Story();
  const round = {
    generation: 0,
    sources: [batchSource("v1"), batchSource("v2")],
    firstMs: 7,
    exactMs: 7,
    estimatedAtFirst: 0,
    redispatched: 0,
  };
  story.happen({
    type: "restored",

    jobs: [
      {
        job: { ...before, state: "running", orderSha256: "1".repeat(64) },
        rounds: [{ roundIndex: 1, ...round }],
        contributions: [],
      },
    ],
    volunteers: [],
  });
  story.crowd(2);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  const encoded = story.asked("encode").map((effect) => effect.roundIndex);
  expect(encoded.sort()).toEqual([0, 2, 3]);
});

test("[RS3] a durable round of a volunteer that was quarantined before the restart is opened again", () => {
  const liar = {
    volunteerId: "v1",
    nickname: "",
    team: "",
    released: null,
    creditMacs: 0,
    creditAssignments: 0,
    auditsPassed: 3,
    auditsFailed: 1,
    rowsTaken: 0,
    choseUntilMs: null,
    ownerId: null,
    quarantine: { atMs: 1, jobId: "job", roundIndex: 0, reason: "1 of 3 recomputed rows differ" },
  };
  const story = new Story();
  const job = storedJob("job", { scheme: "systematic", queriesPerGroup: 2, stragglers: 1, liars: 0 }, 4, 5);
  const round = {
    roundIndex: 0,
    generation: 0,
    sources: [batchSource("v1"), batchSource("v2"), null],
    firstMs: 7,
    exactMs: 7,
    estimatedAtFirst: 0,
    redispatched: 0,
  };
  story.happen({
    type: "restored",

    jobs: [{ job: { ...job, state: "running", orderSha256: "1".repeat(64) }, rounds: [round], contributions: [] }],
    volunteers: [liar],
  });
  expect(story.asked("withdraw")).toMatchObject([{ roundIndex: 0, workerIndex: 0, generation: 0 }]);
  story.join(3);
  expect(story.out()).toMatchObject([{ workerIndex: 0, payload: { generation: 1 } }]);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
});

test("[EV1] the log of events replays to the same state and the same effects", () => {
  const story = new Story();
  story.crowd(9);
  story.submit("one", UNCODED, 60);
  story.submit("two", { scheme: "systematic" }, 100);
  story.happen({ type: "sessionClosed", sessionId: "s4" });
  story.pass(2_000);
  story.answerAll();
  const replayed = initialState();
  const effects = story.events.flatMap((event) => [...step(replayed, structuredClone(event))]);
  expect(effects).toEqual(story.rawEffects);
  expect(stateFingerprint(replayed)).toBe(stateFingerprint(story.state));
});

test("[EV4] time never runs backwards", () => {
  const state = initialState();
  step(state, { type: "timerFired", timerId: 1, atMs: 500 });
  step(state, { type: "timerFired", timerId: 1, atMs: 100 });
  expect(state.nowMs).toBe(500);
});

test("[RD3] a result that comes during a decode without majority is decoded too, before anything is published", () => {
  const story = new Story({ hold: ["decode"] });
  story.crowd(6);
  story.submit("job", { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1, groupsPerRound: 1 }, 2);
  const sent = story.out();
  for (const assignment of sent.slice(0, 5)) story.answer(assignment);
  const first = story.asked("decode").at(-1)!;
  story.answer(sent[5]!);
  const { effectId, jobId, roundIndex, generation } = first;
  const effects = story.happen({
    type: "decoded",
    ...{ effectId, jobId, roundIndex, generation },
    outcome: { ...GOOD_DECODE, missingRows: 1 },
  });
  expect(effects.map((effect) => effect.type)).toEqual(["decode"]);
  expect(story.asked("decode").at(-1)!.results).toHaveLength(6);
});

test("[AS8] a tab that was told to drop a batch gets no other before it has let go, and that time counts", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(3);
  story.submit("job", { ...UNCODED, roundsInFlight: 1 }, 20);
  const [straggler, other] = story.out();
  story.answer(other!, 20);
  story.pass(500);
  const backup = story.out().find((assignment) => assignment.sessionId === "s3")!;
  story.answer(backup);
  expect(story.out().map((assignment) => assignment.sessionId)).not.toContain(straggler!.sessionId);
  story.nowMs += 300;
  const { sessionId, assignmentId } = straggler!;
  story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(story.state.sessions.get(sessionId)!.responses).toMatchObject([{ ms: 830, work: 500 }]);
  expect(story.state.crowd.turns.idle.has(sessionId) || story.out().some((a) => a.sessionId === sessionId)).toBe(true);
});

test("[PS2] [PS3] nothing older is written over something newer: a refused write keeps its place at the head", () => {
  const story = new Story({ hold: ["persist", "audit"] });
  const write = () => story.asked("persist").at(-1)!;
  const persisted = () =>
    story.state.write && story.happen({ type: "persisted", effectId: story.state.write.effectId });
  story.crowd(4);
  story.submit("job", { scheme: "systematic", queriesPerGroup: 2, stragglers: 1, liars: 0, groupsPerRound: 2 }, 8);
  for (let n = 0; n < 3; n++) persisted();
  const sent = story.out();
  const audits = () => story.asked("audit");
  for (const assignment of sent) story.answer(assignment, 1);
  const judge = (n: number, failed: number) => {
    const { effectId, jobId, roundIndex, generation, assignmentId } = audits()[n]!;
    return story.happen({
      type: "audited",
      effectId,
      jobId,
      roundIndex,
      generation,
      assignmentId,
      checked: 3,
      randomlyChecked: 3,
      failed,
      against: null,
    });
  };
  for (let n = 0; n < sent.length; n++) if (n !== 2) judge(n, 0);
  const roundWrite = write();
  expect(roundWrite.records.some((record) => record.kind === "round")).toBe(true);
  story.happen({ type: "persistFailed", effectId: roundWrite.effectId, message: "disk full" });
  judge(2, 1); // a quarantine, while the store is ill
  expect(write()).toBe(roundWrite); // nothing overtakes it
  story.pass(1_000);
  const kinds = write().records.map((record) =>
    record.kind === "volunteer" && record.volunteer.quarantine ? "quarantine" : record.kind,
  );
  expect(kinds.lastIndexOf("quarantine")).toBeGreaterThan(kinds.indexOf("round"));
  const lastOfLiar = write()
    .records.filter((record) => record.kind === "volunteer" && record.volunteer.volunteerId === "v3")
    .at(-1);
  expect(lastOfLiar).toMatchObject({ volunteer: { quarantine: { reason: "1 of 3 recomputed rows differ" } } });
});

test("[JB2] a job whose end is being written cannot be cancelled any more", () => {
  const story = new Story({ hold: ["persist"] });
  const persisted = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  story.crowd(2);
  story.submit("job", UNCODED, 10);
  persisted();
  persisted();
  for (const assignment of story.out()) story.answer(assignment);
  persisted();
  expect(story.jobState("job")).toBe("finishing");
  expect(story.happen({ type: "jobCancelled", jobId: "job" })).toEqual([]);
  persisted();
  expect(story.jobState("job")).toBe("done");
});

test("[JB2] a job that took longer than the next two hundred is still there when it has ended; the earliest to end gives way", () => {
  const story = new Story();
  const cancel = (jobId: string) => {
    story.pass(1);
    story.happen({ type: "jobCancelled", jobId });
  };
  story.submit("long", UNCODED);
  for (let n = 1; n <= JOBS_ENDED_KEPT_MAX; n++) {
    story.submit(`short ${n}`, UNCODED);
    cancel(`short ${n}`);
  }
  cancel("long");
  expect(story.jobState("long")).toBe("cancelled");
  expect(["short 1", "short 2"].map((jobId) => story.jobState(jobId))).toEqual(["gone", "cancelled"]);
});
