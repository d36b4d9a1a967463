/** What comes back for assignments, audits and decodes, and what is made of it: the cases that no other story needs. */
import { expect, test } from "vitest";
import { ASSIGNMENT_DEADLINE_MS_MAX, ASSIGNMENT_DEADLINE_MS_MIN } from "../../shared/protocol/limits.ts";
import { referenceOf, Story, SYSTEMATIC, storedJob } from "./testing/story.ts";
import { judge, outOf, type Sent, tellDecoded, volunteerOf } from "./testing/verdicts.ts";

const UNCODED = { scheme: "uncoded", queriesPerGroup: 2, groupsPerRound: 5, roundsInFlight: 1 };
const ONE_SPARE = { ...SYSTEMATIC, stragglers: 1, liars: 0 };

const outcomesOf = (story: Story, sessionId: string) =>
  story.state.sessions.get(sessionId)!.recent.map(({ outcome, ms }) => [outcome, ms]);

const fail = (story: Story, { sessionId, assignmentId }: Sent, message = "out of memory") =>
  story.happen({ type: "assignmentFailed", sessionId, assignmentId, message });

test("a tab's latest outcomes say what became of each batch, and after how long", () => {
  const story = new Story();
  story.crowd(4);
  story.submit("job", UNCODED, 10);
  const [straggler, other] = story.out() as [Sent, Sent];
  story.answer(other, 20);
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  const backup = outOf(story, straggler.workerIndex).find((sent) => sent !== straggler)!;
  fail(story, backup, "a kernel broke");
  story.answer(straggler, 5);
  expect(outcomesOf(story, other.sessionId)).toEqual([["answered", 20]]);
  expect(outcomesOf(story, straggler.sessionId)).toEqual([["late", 20 + ASSIGNMENT_DEADLINE_MS_MIN + 5]]);
  expect(outcomesOf(story, backup.sessionId)[0]![0]).toBe("failed: a kernel broke");
});

test("[AS7] an answer ends a row of silences: the next rest is a first one again", () => {
  const story = new Story();
  story.crowd(1);
  story.submit("job", { ...UNCODED, queriesPerGroup: 1, groupsPerRound: 1 }, 3);
  const volunteer = story.state.volunteers.get("v1")!;
  volunteer.unansweredInRow = 3;
  story.answer(story.out()[0]!);
  expect(volunteer.unansweredInRow).toBe(0);
});

test("[AS4] a tab that fails at three models is told why in its own words, and no longer than a page can show", () => {
  const story = new Story();
  story.crowd(1);
  for (const model of ["a", "b", "c"]) {
    const job = storedJob(`job ${model}`, { ...UNCODED, queriesPerGroup: 1, groupsPerRound: 1 }, 10, story.nowMs);
    story.submitJob({ ...job, modelSha256: model.repeat(64) });
  }
  for (let n = 0; n < 2; n++) fail(story, story.out()[0]!, "x".repeat(600));
  expect(story.asked("closeSession")).toEqual([]);
  fail(story, story.out()[0]!, "x".repeat(600));
  const { message } = story.asked("closeSession")[0]!;
  expect(message).toMatch(/^3 assignments in a row failed on your device: x+$/);
  expect(message).toHaveLength(500);
});

test("[SE3] a batch that is given back unbegun goes to another at once, and its tab may have the next", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", UNCODED, 10);
  const [first] = story.out() as [Sent];
  const { sessionId, assignmentId } = first;
  story.happen({ type: "availabilityChanged", sessionId, available: false });
  const effects = story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  // It has let go already: there is nothing to tell it.
  expect(effects).toContainEqual(expect.objectContaining({ type: "voidAssignment", assignmentId, tell: false }));
  expect(effects.filter(({ type }) => type === "sendAssignment")).toMatchObject([
    { workerIndex: first.workerIndex, sessionId: "s3" },
  ]);
  expect(story.answer(first)).toEqual([]);
  expect(story.state.sessions.get(sessionId)!.failuresInRow).toBe(0);
  story.happen({ type: "availabilityChanged", sessionId, available: true });
  expect(story.state.crowd.turns.idle.has(sessionId)).toBe(true);
});

test("[AS8] who does not let go of a dropped batch in time is closed, and rests; who does is not", () => {
  for (const letsGo of [true, false]) {
    const story = new Story({ hold: ["voidAssignment"] });
    story.crowd(3);
    story.submit("job", UNCODED, 10);
    const [straggler, other] = story.out() as [Sent, Sent];
    story.answer(other, 20);
    story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
    story.answer(outOf(story, straggler.workerIndex).find((sent) => sent !== straggler)!);
    story.pass(ASSIGNMENT_DEADLINE_MS_MAX - 1);
    expect(story.asked("closeSession")).toEqual([]);
    const { sessionId, assignmentId } = straggler;
    if (letsGo) story.happen({ type: "assignmentReturned", sessionId, assignmentId });
    story.pass(1);
    const closed = letsGo ? [] : [{ sessionId, code: "unresponsive" }];
    expect(story.asked("closeSession")).toMatchObject(closed);
    expect(story.state.volunteers.get(volunteerOf(straggler))!.restsUntilMs > story.nowMs).toBe(!letsGo);
  }
});

test("[AS6] a batch that is out for ten deadlines is void, and its tab is told to drop it", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(2);
  story.submit("job", UNCODED, 10);
  const [mute, other] = story.out() as [Sent, Sent];
  story.answer(other, 20);
  story.pass(10 * ASSIGNMENT_DEADLINE_MS_MIN - 21);
  expect(story.asked("voidAssignment")).toEqual([]);
  story.pass(1);
  expect(story.asked("voidAssignment")).toMatchObject([{ assignmentId: mute.assignmentId, tell: true }]);
  expect(story.answer(mute)).toEqual([]);
  expect(story.state.crowdSeen.silent).toBe(1);
});

/** Everybody else has answered and passed; somebody was asked for an opinion on worker index 0 and does not answer. */
function opinionIsLate(auditShareMax?: number): { story: Story; asked: Sent } {
  const story = new Story(auditShareMax === undefined ? {} : { settings: { auditShareMax } });
  story.crowd(8);
  story.submit("job", ONE_SPARE, 40);
  story.draw = 0;
  story.answer(outOf(story, 0)[0]!, 10);
  story.draw = 0.9;
  const [asked] = outOf(story, 0) as [Sent];
  for (const sent of story.out()) if (sent !== asked && sent.workerIndex > 0) story.answer(sent, 10);
  return { story, asked };
}

test("[VF7] a late opinion is dropped where audits have looked at the batch, and its tab is told", () => {
  const { story, asked } = opinionIsLate();
  expect(story.jobState("job")).toBe("running");
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(story.asked("voidAssignment")).toContainEqual(
    expect.objectContaining({ assignmentId: asked.assignmentId, tell: true }),
  );
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("sendAssignment").filter(({ workerIndex }) => workerIndex === 0)).toHaveLength(2);
});

test("[VF10] where nothing has looked at a batch a late opinion is asked of somebody else", () => {
  const { story, asked } = opinionIsLate(0);
  for (const sent of story.out()) if (sent !== asked && sent.workerIndex > 0) story.answer(sent, 10);
  expect(story.jobState("job")).toBe("running");
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  const again = outOf(story, 0);
  expect(again).toHaveLength(1);
  expect(again[0]!.sessionId).not.toBe(asked.sessionId);
  story.answer(again[0]!, 10);
  expect(story.job("job").finishedRounds.get(0)!.sources[0]).toMatchObject({
    opinionBy: volunteerOf(again[0]!),
  });
});

test("how long verdicts take is measured from the result to its audit", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  const [first] = story.out() as [Sent];
  story.answer(first, 10);
  story.nowMs += 250;
  judge(story, first);
  expect(story.state.crowdSeen.auditMs).toBe(250);
});

test("[VF8] an audit that could compare with nothing is no opinion, and says nothing of the first", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(6);
  story.submit("job", ONE_SPARE, 40);
  const [first] = outOf(story, 0) as [Sent];
  story.draw = 0;
  story.answer(first, 1);
  judge(story, first);
  const record = { ...story.state.volunteers.get(volunteerOf(first))! };
  const [other] = outOf(story, 0) as [Sent];
  story.draw = 0.9;
  story.answer(other, 1);
  const audit = story.asked("audit").at(-1)!;
  expect(audit.against).not.toBeNull();
  story.happen({
    ...{ type: "audited", ...referenceOf(audit), assignmentId: other.assignmentId },
    ...{ checked: 3, randomlyChecked: 3, failed: 0, against: null },
  });
  const { accepted } = story.job("job").openRounds.get(0)!.slots[0]!;
  expect(accepted).toMatchObject({ volunteerId: volunteerOf(first), opinionBy: null, auditedRows: 3 });
  expect(story.state.volunteers.get(volunteerOf(first))).toMatchObject({ auditsPassed: record.auditsPassed });
  expect(story.state.volunteers.get(volunteerOf(other))!.auditsPassed).toBe(3);
});

test("[VF3] a verdict on work of a job that has been forgotten meanwhile harms nobody", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  const [first] = story.out() as [Sent];
  story.answer(first, 1);
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.state.jobs.delete("job");
  expect(judge(story, first, { failed: 1 })).toEqual([]);
  expect(story.state.volunteers.get(volunteerOf(first))!.quarantine).toBeNull();
});

test("[JB5] rows that the coordinator cannot recompute end their job with the reason, and are held against nobody", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(8);
  story.submit("job", SYSTEMATIC, 40);
  story.submit("other", UNCODED, 40);
  const [first] = story.out() as [Sent];
  story.answer(first, 1);
  const { effectId, jobId, roundIndex, generation, assignmentId } = story.asked("audit")[0]!;
  const failed = { type: "auditFailed", effectId, jobId, roundIndex, generation, assignmentId } as const;
  const effects = story.happen({ ...failed, message: "no memory" });
  expect(effects).toContainEqual(expect.objectContaining({ type: "voidAssignment", assignmentId, tell: false }));
  expect(story.job("job").stored).toMatchObject({
    state: "failed",
    error: "the coordinator could not recompute rows of this model: no memory",
  });
  expect(story.state.volunteers.get(volunteerOf(first))).toMatchObject({ auditsFailed: 0, quarantine: null });
  expect(story.state.numericsPending.has(effectId)).toBe(false);
  expect(story.jobState("other")).toBe("running");
  expect(story.happen({ ...failed, message: "again" })).toEqual([]);
});

test("[VF2] a suspect that was right is published with the rest; its rows count for the job, not for its record", () => {
  const story = new Story({ hold: ["decode", "topUp"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  for (const assignment of story.out()) story.answer(assignment, 1);
  const { volunteerId, workerIndex } = story.asked("decode")[0]!.results[1]!;
  const { auditsPassed } = story.state.volunteers.get(volunteerId)!;
  const { auditedRows } = story.job("job").stored;
  const elsewhere = { workerIndex: 6, checked: 5, failed: 5 }; // of nobody whose result was decoded
  tellDecoded(story, { suspectAudits: [elsewhere, { workerIndex, checked: 2, failed: 0 }] });
  expect(story.asked("publish")).toHaveLength(1);
  expect(story.asked("decode")).toHaveLength(1);
  expect(story.job("job").stored).toMatchObject({ auditedRows: auditedRows + 2, failedAudits: 0 });
  expect(story.state.volunteers.get(volunteerId)).toMatchObject({ auditsPassed, quarantine: null });
});

/** All rounds are durable, and the records of those who have none are being audited. */
function atLastAudits(): { story: Story; topUps: ReturnType<typeof askedTopUps> } {
  const story = new Story({ hold: ["topUp"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 400);
  story.answerAll();
  expect(story.jobState("job")).toBe("auditing");
  return { story, topUps: askedTopUps(story) };
}

function askedTopUps(story: Story) {
  return story.asked("topUp");
}

test("[JB4] the job ends when the last of its last audits is back: one that found no row is not asked for again", () => {
  const { story, topUps } = atLastAudits();
  expect(topUps.length).toBeGreaterThan(2);
  const [first, ...others] = topUps as [(typeof topUps)[0], ...typeof topUps];
  const reference = ({ effectId, jobId, volunteerId }: typeof first) => ({ effectId, jobId, volunteerId });
  story.happen({ type: "toppedUp", ...reference(first), checked: 0, failed: 0 });
  expect(story.jobState("job")).toBe("auditing");
  for (const topUp of others) story.happen({ type: "toppedUp", ...reference(topUp), checked: topUp.rows, failed: 0 });
  expect(story.jobState("job")).toBe("done");
  expect([...story.job("job").topUpExhausted]).toEqual([first.volunteerId]);
  expect(askedTopUps(story).filter(({ volunteerId }) => volunteerId === first.volunteerId)).toHaveLength(1);
});

test("[JB7] a last audit that cannot be done fails its job with the reason: it passed nobody and failed nobody", () => {
  const { story, topUps } = atLastAudits();
  story.submit("other", UNCODED, 40);
  const [first, second] = topUps as [(typeof topUps)[0], (typeof topUps)[0]];
  const before = structuredClone(story.state.volunteers.get(first.volunteerId));
  const reference = ({ effectId, jobId, volunteerId }: typeof first) => ({ effectId, jobId, volunteerId });
  story.happen({ type: "topUpFailed", ...reference(first), message: "no memory" });
  expect(story.job("job").stored).toMatchObject({
    state: "failed",
    error: "the coordinator could not recompute rows of this model: no memory",
  });
  expect(story.state.volunteers.get(first.volunteerId)).toEqual(before);
  // Of the others nobody waits for an answer.
  expect(story.happen({ type: "topUpFailed", ...reference(second), message: "the job has ended" })).toEqual([]);
  expect(story.job("job").stored.error).toContain("no memory");
  expect(story.jobState("other")).toBe("running");
});

test("[JB7] a decode that cannot be done fails its job with the reason, and no other", () => {
  const story = new Story({ hold: ["decode"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  story.submit("other", UNCODED, 40);
  while (story.asked("decode").length === 0) story.answer(story.out()[0]!, 1);
  const failed = { type: "decodeFailed", ...referenceOf(story.asked("decode")[0]!), message: "no memory" } as const;
  story.happen(failed);
  expect(story.job("job").stored).toMatchObject({
    state: "failed",
    error: "the coordinator could not put the results of a round together: no memory",
  });
  expect(story.job("job").decodesPending.has(failed.effectId)).toBe(false);
  expect(story.jobState("other")).toBe("running");
});

test("[JB4] [VF3] a lie that the last audits find is of no round in particular", () => {
  const { story, topUps } = atLastAudits();
  const { effectId, jobId, volunteerId, rows } = topUps[0]!;
  story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 1 });
  expect(story.state.volunteers.get(volunteerId)!.quarantine).toEqual({
    atMs: story.nowMs,
    jobId: "job",
    roundIndex: -1,
    reason: `1 of ${rows} recomputed rows differ`,
  });
  // Said once more, it changes nothing.
  expect(story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 1 })).toEqual([]);
});
