/** What a round holds while it is open, and what is taken out of it when somebody in it is caught. */
import { expect, test } from "vitest";
import { type AskedRecord, Story, type StoryOptions, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import { judge, outOf, type Sent, tellDecoded, volunteerOf } from "../../../coordinator/testing/verdicts.ts";
import type { BatchAssignment, InferenceJob, Round, Slot } from "./job.ts";
import { acceptOpinion } from "./rounds.ts";

const ONE_SPARE = { ...SYSTEMATIC, stragglers: 1, liars: 0 };

function begin(submission: Record<string, unknown> = SYSTEMATIC, options: StoryOptions = {}, crowd = 12) {
  const story = new Story(options);
  story.crowd(crowd);
  story.submit("job", submission, 40);
  const job = story.job("job");
  return { story, job, sent: story.out() };
}

const OPINION = { precision: "float32", auditedRows: 3 } as const;
const roundOf = (job: InferenceJob): Round => job.openRounds.get(0)!;
const slotsOf = (job: InferenceJob): Slot[] => roundOf(job).slots;

/** An audit of something else that it did comes back, with a wrong row. */
function caught(story: Story, volunteerId: string): void {
  const effectId = story.state.nextEffectId++;
  const reference = { jobId: "job", roundIndex: 0 };
  const measured = { volunteerId, classKey: "model wasm", probed: "float32" } as const;
  const asked = {
    roundIndex: 0,
    volunteerId,
    measured,
    isFine: true,
    askedMs: story.nowMs,
    rows: 3,
    against: null,
    crossChecked: null,
    duplicates: [],
  };
  story.job("job").auditsPending.set(effectId, asked);
  const rows = { checked: 3, randomlyChecked: 3, failed: 1, against: null };
  story.happen({ type: "audited", effectId, ...reference, generation: 0, assignmentId: -5, ...rows });
  expect(story.state.volunteers.get(volunteerId)!.quarantine).not.toBeNull();
}

function roundRecords(story: Story): Extract<AskedRecord, { kind: "round" }>[] {
  const records = story.asked("persist").flatMap((effect): readonly AskedRecord[] => effect.records);
  return records.filter((record) => record.kind === "round");
}

/** The first answers are out; worker indices 0 and 1 have not answered, 2 to 6 have. */
function published(submission: Record<string, unknown> = SYSTEMATIC, options: StoryOptions = {}) {
  const { story, job, sent } = begin(submission, options);
  for (const one of sent.slice(2)) story.answer(one, 1);
  expect(story.asked("publish")).toHaveLength(1);
  return { story, job, sent };
}

test("[DP3] a crowd that needs more than four rounds to be busy has more, where its job does not say how many", () => {
  const outWith = (roundsInFlight: number) => {
    const story = new Story();
    story.crowd(30);
    story.submit("job", { ...ONE_SPARE, spares: "parities", roundsInFlight }, 4_000);
    return [story.out().length, story.job("job").openRounds.size];
  };
  expect(outWith(4)).toEqual([20, 4]);
  // Who idles next finds a round open.
  expect(outWith(0)).toEqual([30, 7]);
});

test("[VF4] [VF5] what a liar answered of an open round is withdrawn at once, and asked of somebody else", () => {
  const { story, job, sent } = published();
  const liar = volunteerOf(sent[2]!);
  expect(roundOf(job).exactMs).toBeNull();
  caught(story, liar);
  expect(story.asked("withdraw")).toMatchObject([{ jobId: "job", roundIndex: 0, generation: 0, workerIndex: 2 }]);
  expect(slotsOf(job)[2]!.accepted).toBeNull();
  expect(roundOf(job).takenOut).toEqual([{ volunteerId: liar, rows: 10, wasDurable: false }]);
  expect(roundOf(job).decode.state).toBe("published");
  expect(story.state.assignments.has(sent[2]!.assignmentId)).toBe(false);
  expect(story.asked("voidAssignment")).toContainEqual(
    expect.objectContaining({ assignmentId: sent[2]!.assignmentId, tell: false }),
  );
  const again = outOf(story, 2);
  expect(again.length).toBeGreaterThan(0);
  expect(again.map(volunteerOf)).not.toContain(liar);
  for (const one of story.out()) story.answer(one, 1);
  expect(story.jobState("job")).toBe("done");
  const { sources } = roundRecords(story)[0]!;
  expect(again.map(volunteerOf)).toContain(sources[2]!.volunteerId);
  expect(job.contributions.get(liar)).toMatchObject({ withdrawnAssignments: 1, withdrawnRows: 10, assignments: 1 });
  expect(job.contributions.get(volunteerOf(sent[3]!))).toMatchObject({ withdrawnAssignments: 0, assignments: 1 });
});

test("[VF4] a liar's parity is taken out too, but nothing that answers a query is asked again for it", () => {
  const { story, job, sent } = published();
  caught(story, volunteerOf(sent[5]!));
  expect(story.asked("withdraw")).toMatchObject([{ workerIndex: 5 }]);
  expect(slotsOf(job)[5]!.accepted).toBeNull();
  expect(outOf(story, 5)).toEqual([]);
  expect([...roundOf(job).wanted].sort()).toEqual([0, 1, 2, 3]);
});

test("[VF4] who has no part in what was accepted of a round leaves it as it was, but for the batch that it holds", () => {
  const { story, job, sent } = published();
  const before = slotsOf(job).map(({ accepted }) => accepted);
  const holds = sent[0]!;
  caught(story, volunteerOf(holds));
  expect(story.asked("withdraw")).toEqual([]);
  expect(roundOf(job).takenOut).toEqual([]);
  expect(slotsOf(job).map(({ accepted }) => accepted)).toEqual(before);
  expect(story.asked("voidAssignment")).toContainEqual(
    expect.objectContaining({ assignmentId: holds.assignmentId, tell: true }),
  );
  expect(slotsOf(job)[0]!.attempts.has(holds.assignmentId)).toBe(false);
  expect(slotsOf(job)[1]!.attempts.has(sent[1]!.assignmentId)).toBe(true);
});

test("[VF4] a decode without a liar's part goes on when somebody else is caught; one with it does not count", () => {
  for (const isIn of [true, false]) {
    const { story, job, sent } = begin(SYSTEMATIC, { hold: ["decode"] });
    for (const one of sent.slice(2)) story.answer(one, 1);
    const { effectId } = story.asked("decode")[0]!;
    caught(story, volunteerOf(sent[isIn ? 2 : 0]!));
    const { decode } = roundOf(job);
    if (isIn) expect(decode).toEqual({ state: "none", minimumResults: 0 });
    else expect(decode).toMatchObject({ state: "running", effectId });
    expect(story.asked("withdraw")).toEqual([]);
    tellDecoded(story);
    expect(story.asked("publish")).toHaveLength(isIn ? 0 : 1);
  }
});

test("[VF4] [RD7] a round that was exact is so no longer once a part of it is taken out, and it is told when it is again", () => {
  const { story, job, sent } = begin(ONE_SPARE, {}, 8);
  story.draw = 0; // an opinion on the first keeps the round open
  story.answer(sent[0]!, 1);
  story.draw = 0.9;
  for (const one of sent.slice(1)) story.answer(one, 1);
  const { exactMs } = roundOf(job);
  expect(exactMs).not.toBeNull();
  story.nowMs += 50;
  caught(story, "v8");
  expect(roundOf(job).exactMs).toBe(exactMs);
  caught(story, volunteerOf(sent[1]!));
  expect(roundOf(job).exactMs).toBeNull();
});

test("[VF4] in a fast job the estimates that a liar's part went into are withdrawn with it, in the open round too", () => {
  const { story, sent } = begin({ ...SYSTEMATIC, completion: "fast" }, { hold: ["decode"] });
  for (const one of sent.slice(2)) story.answer(one, 1);
  tellDecoded(story, { estimatedRows: 20, unanswered: [1] });
  expect(story.asked("publish")).toHaveLength(1);
  caught(story, volunteerOf(sent[3]!));
  expect(new Set(story.asked("withdraw").map(({ workerIndex }) => workerIndex))).toEqual(new Set([0, 1, 3]));
  expect(new Set(story.out().map(({ workerIndex }) => workerIndex))).toEqual(new Set([0, 1, 3]));

  const other = begin({ ...SYSTEMATIC, completion: "fast" }, { hold: ["decode"] });
  for (const one of other.sent.slice(2)) other.story.answer(one, 1);
  tellDecoded(other.story, { estimatedRows: 20, unanswered: [1] });
  caught(other.story, volunteerOf(other.sent[0]!));
  expect(other.story.asked("withdraw")).toEqual([]);
});

/** Worker index 0 has a result and an opinion; the round is open. */
function withOpinion(options: StoryOptions = {}) {
  const { story, job, sent } = begin(ONE_SPARE, options, 8);
  story.draw = 0;
  story.answer(sent[0]!, 1);
  story.draw = 0.9;
  const [asked] = outOf(story, 0) as [Sent];
  story.answer(asked, 1);
  expect(slotsOf(job)[0]!.accepted).toMatchObject({ opinionBy: volunteerOf(asked) });
  return { story, job, sent, asked };
}

test("[VF8] [VF9] the word of somebody who was caught is none any more; what audits have seen of the batch stays", () => {
  const { story, job, sent, asked } = withOpinion();
  const before = slotsOf(job)[0]!.accepted!;
  caught(story, "v8");
  expect(slotsOf(job)[0]!.accepted).toBe(before);
  caught(story, volunteerOf(asked));
  expect(slotsOf(job)[0]!.accepted).toEqual({ ...before, opinionBy: null });
  expect(before).toMatchObject({ volunteerId: volunteerOf(sent[0]!), auditedRows: 6, ownDrawnRows: 3 });
  expect(roundOf(job).takenOut).toEqual([]);
});

test("[CR1] both who computed a batch count it as verified, and the tab of an opinion is told nothing more of it", () => {
  const { story, sent, asked } = withOpinion();
  for (const { sessionId } of [sent[0]!, asked]) {
    expect(story.state.sessions.get(sessionId)!.verifiedAssignments).toBe(1);
  }
  expect(story.asked("voidAssignment")).toMatchObject([{ assignmentId: asked.assignmentId, tell: false }]);
  expect(story.asked("patch")).toEqual([]);
});

test("[RD7] an opinion that comes after the first answers is told at once, with what it vouches for", () => {
  const { story, sent } = begin(ONE_SPARE, {}, 8);
  story.draw = 0;
  story.answer(sent[0]!, 1);
  story.draw = 0.9;
  for (const one of sent.slice(1)) story.answer(one, 1);
  const patches = story.asked("patch").length;
  const [asked] = outOf(story, 0) as [Sent];
  story.answer(asked, 1);
  expect(story.asked("patch").slice(patches)).toMatchObject([
    { results: [{ workerIndex: 0, volunteerId: volunteerOf(sent[0]!), opinionBy: volunteerOf(asked) }] },
  ]);
});

test("[VF8] an opinion on a result that stands no longer vouches for nothing, but its work counts", () => {
  const { story, job, sent } = begin(ONE_SPARE, {}, 8);
  story.draw = 0;
  story.answer(sent[0]!, 1);
  const slot = slotsOf(job)[0]!;
  const accepted = slot.accepted!;
  const [asked] = outOf(story, 0) as [Sent];
  const assignment = story.state.assignments.get(asked.assignmentId) as BatchAssignment;
  for (const against of [null, { assignmentId: accepted.assignmentId! + 100, randomlyChecked: 3 }]) {
    acceptOpinion(story.step(), job, roundOf(job), slot, assignment, OPINION, against);
    expect(slot.accepted).toBe(accepted);
  }
  slot.accepted = null;
  const against = { assignmentId: accepted.assignmentId!, randomlyChecked: 3 };
  acceptOpinion(story.step(), job, roundOf(job), slot, assignment, OPINION, against);
  expect(slot.accepted).toBeNull();
  expect(roundOf(job).credits.get(volunteerOf(asked))!.assignments).toBe(3);
});

test("[VF8] who was at the batch too gives the opinion only if it may, and has not answered yet", () => {
  const { story, job, sent } = begin(ONE_SPARE, { hold: ["audit"] }, 8);
  for (const one of sent.slice(1)) {
    story.answer(one, 1);
    judge(story, one);
  }
  const backup = outOf(story, 0).find((one) => one !== sent[0])!;
  story.draw = 0;
  story.answer(sent[0]!, 1);
  story.answer(backup, 1);
  story.draw = 0.9;
  judge(story, sent[0]!);
  // Its audit looks at its own rows alone: it compares nothing.
  expect(story.state.assignments.has(backup.assignmentId)).toBe(false);
  const [asked] = outOf(story, 0) as [Sent];
  expect([volunteerOf(sent[0]!), volunteerOf(backup)]).not.toContain(volunteerOf(asked));
  judge(story, backup);
  expect([...roundOf(job).opinionsWanted]).toEqual([0]);
});

test("[VF8] a backup from the network of whose result stands is told to drop the batch", () => {
  const story = new Story();
  for (let n = 1; n <= 8; n++) story.join(n, `s${n}`, { addressGroup: "one household" });
  story.submit("job", ONE_SPARE, 40);
  const sent = story.out();
  for (const one of sent.slice(1)) story.answer(one, 1);
  const backup = outOf(story, 0).find((one) => one !== sent[0])!;
  expect(backup).toBeDefined();
  story.draw = 0;
  story.answer(sent[0]!, 1);
  expect(story.asked("voidAssignment")).toContainEqual(
    expect.objectContaining({ assignmentId: backup.assignmentId, tell: true }),
  );
});

test("[RD7] where nobody checks there is no exact time; where a majority does it is that of the first answers", () => {
  for (const [submission, isExact] of [
    [{ scheme: "uncoded", queriesPerGroup: 4 }, false],
    [{ scheme: "replication", queriesPerGroup: 2, stragglers: 1, liars: 0 }, false],
    [{ scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1 }, true],
  ] as const) {
    const { story, job } = begin({ ...submission, groupsPerRound: 20 });
    story.nowMs += 90;
    story.answerAll();
    const { exactMs, firstMs } = job.finishedRounds.get(0)!;
    expect(firstMs).toBeGreaterThanOrEqual(90);
    expect(firstMs).toBeLessThan(500);
    expect(exactMs, JSON.stringify(submission)).toBe(isExact ? firstMs : null);
    // Their answers are no patches of their own, and nobody is suspected.
    expect(story.asked("patch")).toEqual([]);
    expect(roundRecords(story).map(({ patches }) => patches)).toEqual([[]]);
    expect(story.asked("decode").every(({ auditSuspects }) => !auditSuspects)).toBe(true);
  }
});

test("[RC1] rows that the scheme rejected, and what was compared, are counted for the job", () => {
  const { story, job } = begin(
    { scheme: "approxifer", queriesPerGroup: 4, stragglers: 1, liars: 1 },
    { hold: ["decode"] },
  );
  for (const one of story.out()) story.answer(one, 1);
  const worker = story.asked("decode")[0]!.results[1]!;
  const rejected = [
    { workerIndex: worker.workerIndex, groups: 2 },
    { workerIndex: worker.workerIndex, groups: 3 },
    { workerIndex: slotsOf(job).findIndex(({ accepted }) => accepted === null), groups: 7 },
  ].filter(({ workerIndex }) => workerIndex >= 0);
  tellDecoded(story, { rejected, heldOutAgreed: 9, heldOutTotal: 12 });
  story.answerAll();
  expect(job.contributions.get(worker.volunteerId)).toMatchObject({ rejectedRows: 5 });
  expect(job.stored).toMatchObject({ heldOutAgreed: 9, heldOutTotal: 12 });
});

test("[RD3] a round without a majority waits for one more result before it is decoded again", () => {
  const { story, sent } = begin(
    { scheme: "replication", queriesPerGroup: 2, stragglers: 0, liars: 1, groupsPerRound: 20 },
    { hold: ["decode"] },
    6,
  );
  for (const one of sent.slice(0, 4)) story.answer(one, 1);
  expect(story.asked("decode").map(({ results }) => results.length)).toEqual([4]);
  tellDecoded(story, { missingRows: 1 });
  expect(story.asked("decode")).toHaveLength(1);
  story.answer(sent[4]!, 1);
  expect(story.asked("decode").map(({ results }) => results.length)).toEqual([4, 5]);
});

test("[RD2] the grace of a round is one timer, half the crowd's median from when K results are in", () => {
  const { story } = begin(SYSTEMATIC);
  story.answerAll();
  story.submit("next", SYSTEMATIC, 40);
  const sent = story.out().filter(({ jobId }) => jobId === "next");
  const timers = story.asked("setTimer").length;
  const grace = () =>
    story
      .asked("setTimer")
      .slice(timers)
      .filter(({ timerId }) => story.jobTimers("grace").includes(timerId));
  for (const one of sent.slice(3)) story.answer(one, 100);
  expect(story.asked("decode").filter(({ jobId }) => jobId === "next")).toEqual([]);
  const [timer, ...others] = grace();
  expect(others).toEqual([]);
  expect(timer!.atMs).toBeGreaterThan(story.nowMs);
  story.pass(timer!.atMs - story.nowMs);
  expect(story.asked("decode").filter(({ jobId }) => jobId === "next")).toHaveLength(1);
  expect(grace()).toEqual([]);
});

test("[ES4] once there are first answers, tabs that only served to estimate are free", () => {
  const { story, sent } = begin(SYSTEMATIC, {}, 7);
  for (const one of sent.slice(1, 6)) story.answer(one, 1);
  expect(story.asked("publish")).toHaveLength(1);
  expect(story.asked("voidAssignment")).toMatchObject([{ assignmentId: sent[6]!.assignmentId, tell: true }]);
  expect(story.state.assignments.has(sent[0]!.assignmentId)).toBe(true);
});

test("[RD5] [PS1] a round that is durable lets go of all that it held, and is written with its job", () => {
  const { story, job } = begin(SYSTEMATIC, { hold: ["topUp"] });
  story.answerAll();
  expect(job.finishedRounds.size).toBe(1);
  expect(story.asked("releaseRound")).toMatchObject([{ jobId: "job", roundIndex: 0 }]);
  expect(story.state.assignments.size).toBe(0);
  const write = story.asked("persist").find(({ records }) => records.some(({ kind }) => kind === "round"))!;
  expect(write.records).toContainEqual({
    kind: "job",
    job: expect.objectContaining({ jobId: "job", state: "running" }),
  });
});

test("[JB2] a round that is being written when its job is cancelled does not come back with the write", () => {
  const { story, job } = begin(SYSTEMATIC, { hold: ["persist"] });
  const write = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  write();
  write();
  for (let n = 0; n < 20 && roundRecords(story).length === 0; n++) for (const one of story.out()) story.answer(one, 1);
  expect(roundOf(job).phase).toBe("finishing");
  story.happen({ type: "jobCancelled", jobId: "job" });
  write();
  expect(job.finishedRounds.size + job.openRounds.size).toBe(0);
  write();
  expect(story.jobState("job")).toBe("cancelled");
});

test("[VF4] [VF5] who is caught while its round is being written is taken out of it when it is durable", () => {
  const { story, job } = begin(SYSTEMATIC, { hold: ["persist"] });
  const write = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  write();
  write();
  for (let n = 0; n < 20 && roundRecords(story).length === 0; n++) for (const one of story.out()) story.answer(one, 1);
  const liar = roundRecords(story)[0]!.sources[2]!.volunteerId;
  caught(story, liar);
  expect(story.asked("withdraw")).toEqual([]);
  expect(slotsOf(job)[2]!.accepted).toMatchObject({ volunteerId: liar });
  write();
  expect(story.asked("withdraw")).toMatchObject([{ roundIndex: 0, workerIndex: 2, generation: 0 }]);
  expect(job.openRounds.get(0)).toMatchObject({ generation: 1, phase: "gathering" });
});

test("[RD6] a durable round that is opened again has its first answers still, and its own numbers", () => {
  const { story, job, sent } = begin(SYSTEMATIC, { hold: ["decode", "topUp"] });
  for (const one of sent.slice(1)) story.answer(one, 1);
  tellDecoded(story, { estimatedRows: 10 });
  for (const one of story.out()) story.answer(one, 1);
  const before = job.finishedRounds.get(0)!;
  expect(before).toMatchObject({ estimatedAtFirst: 10 });
  const honest = before.sources[1]!;
  caught(story, before.sources[2]!.volunteerId);
  const again = roundOf(job);
  const { firstMs, openedMs, estimatedAtFirst } = before;
  expect(again).toMatchObject({ generation: 1, firstMs, openedMs, estimatedAtFirst });
  // Its batch went out twice already: the second one is on top of what was sent again before.
  expect(before.redispatched).toBe(1);
  expect(again.redispatched).toBe(2);
  expect(again.decode).toEqual({ state: "published" });
  expect([...again.wanted]).toEqual([2]);
  expect(again.slots[1]!.accepted).toEqual({ ...honest, assignmentId: null, addressGroup: null });
  expect(again.takenOut).toEqual([{ volunteerId: before.sources[2]!.volunteerId, rows: 10, wasDurable: true }]);
  // Somebody else of it is caught while it is open: what was durable is taken out as such.
  caught(story, honest.volunteerId);
  expect(again.takenOut[1]).toEqual({ volunteerId: honest.volunteerId, rows: 10, wasDurable: true });
  expect([...again.wanted]).toEqual([2, 1]);
  for (const one of story.out()) story.answer(one, 1);
  expect(story.asked("decode")).toHaveLength(1);
  expect(job.finishedRounds.get(0)).toMatchObject({ generation: 1, firstMs });
});

test("[VF4] before first answers nothing is withdrawn of anybody: nothing was told yet", () => {
  const { story, job, sent } = begin({ ...SYSTEMATIC, completion: "fast" });
  story.answer(sent[0]!, 1);
  caught(story, volunteerOf(sent[0]!));
  expect(story.asked("withdraw")).toEqual([]);
  expect(roundOf(job)).toMatchObject({ decode: { state: "none" }, takenOut: [{ wasDurable: false }] });
  expect(roundOf(job).wanted.size).toBe(0);
});

test("[RD2] further results do not begin the grace anew", () => {
  const { story, sent } = begin({ ...SYSTEMATIC, stragglers: 0, liars: 2 });
  story.nowMs += 200;
  for (const one of sent.slice(2)) story.answer(one, 1);
  expect(story.asked("decode")).toEqual([]);
  const graces = story.jobTimers("grace");
  expect(sent).toHaveLength(6);
  expect(graces).toHaveLength(1);
  story.answer(sent[1]!, 1);
  expect(story.jobTimers("grace")).toHaveLength(1);
});
