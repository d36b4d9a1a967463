import { expect, test } from "vitest";
import { must } from "../../../coordinator/assert.ts";
import { referenceOf, Story, type StoryOptions, SYSTEMATIC, storedJob } from "../../../coordinator/testing/story.ts";
import { outOf, type Sent, volunteerOf } from "../../../coordinator/testing/verdicts.ts";
import { changeRecord, countRecord, noVerifiedWork } from "../../../coordinator/verified-work.ts";
import { MEASURED_BACKENDS_MAX } from "./model-classes.ts";
import { lackOfTabs } from "./queue.ts";
import type { OutcomeOf } from "./work.ts";

type Audited = Pick<OutcomeOf<"audited">, "checked" | "failed" | "coarse" | "golden">;

function begin(crowd = 8, options: StoryOptions = {}): Story {
  const story = new Story({ hold: ["audit", "confirm"], ...options });
  story.crowd(crowd);
  story.submit("job", { ...SYSTEMATIC, liars: 0, stragglers: 1 }, 400);
  return story;
}

/** It answers, and its audit finds that; what differs is confirmed. */
function found(story: Story, sent: Sent, { checked, failed, ...more }: Audited): void {
  story.answer(sent, 1);
  const audit = story.asked("audit").find(({ assignmentId }) => assignmentId === sent.assignmentId)!;
  const { effectId, jobId, roundIndex, generation, assignmentId, randomRows } = audit;
  const of = { effectId, jobId, roundIndex, generation, assignmentId };
  story.happen({ type: "audited", ...of, checked, randomlyChecked: randomRows, failed, ...more, against: null });
  for (const { effectId: confirm, of: asked, volunteerIds } of story.asked("confirm")) {
    if (asked !== effectId) continue;
    const judged = volunteerIds.map((volunteerId) => ({ volunteerId, verdict: "differs" as const, spread: 0 }));
    story.happen({ type: "confirmed", effectId: confirm, jobId, assignmentId: sent.assignmentId, judged });
  }
}

const volunteer = (story: Story, sent: Sent) => story.state.volunteers.get(volunteerOf(sent))!;

test("[PC5] whose every row is wrong gets no more of that model, no credit, is told so, and is not quarantined", () => {
  const story = begin();
  const [sent] = outOf(story, 0) as [Sent];
  found(story, sent, { checked: 8, failed: 8 });
  expect(volunteer(story, sent)).toMatchObject({ quarantine: null, creditAssignments: 0 });
  expect(story.asked("tellUnfit")).toMatchObject([{ sessionId: sent.sessionId, message: /other answers/ }]);
  expect(story.job("job").openRounds.get(0)!.slots[0]!.accepted).toBeNull();
  story.answerAll();
  const later = story.asked("sendAssignment").filter(({ sessionId }) => sessionId === sent.sessionId);
  expect(later.map(({ assignmentId }) => assignmentId)).toEqual([sent.assignmentId]);
  // Of another model it gets work.
  const other = { ...SYSTEMATIC, liars: 0, stragglers: 1 };
  story.happen({
    type: "jobSubmitted",
    job: {
      ...story.job("job").stored,
      jobId: "other",
      modelSha256: "f".repeat(64),
      state: "accepting",
      finishedMs: null,
      submission: { ...story.job("job").stored.submission, ...other },
    } as never,
  });
  expect(story.out().some(({ sessionId, jobId }) => sessionId === sent.sessionId && jobId === "other")).toBe(true);
});

test("[PC5] [CR1] who is turned away keeps the credit for what somebody else gave too, and so stands", () => {
  const story = new Story({ hold: ["audit", "confirm"] });
  story.crowd(14);
  story.submit("job", { ...SYSTEMATIC, liars: 0, stragglers: 1, roundsInFlight: 4 }, 400);
  const unseen = { checked: 0, randomlyChecked: 0, failed: 0 };
  const answered = (sent: Sent, draw: number, against: typeof unseen | null) => {
    story.draw = draw;
    story.answer(sent, 1);
    const { assignmentId, ...audit } = story.asked("audit").at(-1)!;
    story.happen({ type: "audited", ...referenceOf(audit), assignmentId, ...unseen, against });
  };
  const [first] = outOf(story, 0) as [Sent];
  const { sessionId, roundIndex } = first;
  const itsNext = () => story.out().find((sent) => sent.sessionId === sessionId)!;
  answered(first, 0, null);
  const unchecked = itsNext();
  answered(unchecked, 0.9, null);
  // Whoever has nothing else to do gives an opinion.
  const opinionOut = () => outOf(story, 0).find((sent) => sent.roundIndex === roundIndex);
  while (opinionOut() === undefined) answered(story.out().find((sent) => sent.sessionId !== sessionId)!, 0.9, null);
  const opinion = opinionOut()!;
  answered(opinion, 0.9, unseen);
  const round = story.job("job").openRounds.get(roundIndex)!;
  const stands = { volunteerId: volunteerOf(first), opinionBy: volunteerOf(opinion) };
  expect(round.slots[0]!.accepted).toMatchObject(stands);
  const credit = { ...round.credits.get(volunteerOf(first))! };
  expect(credit.macs).toBeGreaterThan(0);
  found(story, itsNext(), { checked: 8, failed: 8 });
  expect(story.asked("tellUnfit")).toMatchObject([{ sessionId }]);
  expect(round.slots[0]!.accepted).toMatchObject(stands);
  expect(round.credits.get(volunteerOf(first))).toEqual(credit);
  const others = story.job("job").openRounds.get(unchecked.roundIndex)!;
  expect(others.slots[unchecked.workerIndex]!.accepted).toBeNull();
  expect(others.credits.get(volunteerOf(first))).toBeUndefined();
});

test("[PC5] of whom some rows are right and some are not is named", () => {
  const story = begin();
  const [sent] = outOf(story, 0) as [Sent];
  found(story, sent, { checked: 8, failed: 7 });
  expect(volunteer(story, sent).quarantine).not.toBeNull();
  expect(story.asked("tellUnfit")).toEqual([]);
});

test("[PC3] a result counts as half precision until rows of the model have shown that its tab computes finer", () => {
  const story = begin();
  const [first] = outOf(story, 0) as [Sent];
  found(story, first, { checked: 1, failed: 0 });
  const slots = story.job("job").openRounds.get(0)!.slots;
  expect(slots[0]!.accepted).toMatchObject({ precision: "float16" });
  const [second] = outOf(story, 1) as [Sent];
  found(story, second, { checked: 3, failed: 0 });
  expect(slots[1]!.accepted).toMatchObject({ precision: "fixed32" });
});

test.each([
  ["wasm", "fixed32"],
  ["cpu", "float32"],
  ["webgpu", "float32"],
  ["wasm ", "float32"],
])("[PC10] rows that a tab computes on %j are looked at as %s", (backend, expected) => {
  const story = begin();
  const [sent] = outOf(story, 0) as [Sent];
  const { modelSha256 } = story.job("job").stored;
  story.happen({ type: "modelOnBackend", sessionId: sent.sessionId, modelSha256, backend });
  found(story, sent, { checked: 3, failed: 0 });
  expect(story.asked("audit").at(-1)).toMatchObject({ precision: expected, isFine: false });
  expect(story.job("job").openRounds.get(0)!.slots[0]!.accepted).toMatchObject({ precision: expected });
});

test("[PC10] a tab that answered the known question in half precision is taken for that, whatever it computes on", () => {
  const story = begin();
  const { stored } = story.job("job");
  story.join(20, "half", { precision: "float16" });
  story.submit("other", { ...stored.submission, completion: "fast", stragglers: 0 }, 400);
  const sent = story.out().find(({ sessionId }) => sessionId === "half")!;
  found(story, sent, { checked: 3, failed: 0 });
  expect(story.asked("audit").at(-1)).toMatchObject({ precision: "float16", isFine: false });
});

test("[PC4] a row within the wide tolerance alone, before its class is known, makes it coarse, and its record starts anew", () => {
  const story = begin();
  const [sent] = outOf(story, 0) as [Sent];
  volunteer(story, sent).auditsPassed = 500;
  found(story, sent, { checked: 3, failed: 0, coarse: 1 });
  expect(volunteer(story, sent)).toMatchObject({ quarantine: null });
  expect(volunteer(story, sent).auditsPassed).toBeLessThan(500);
  expect(story.job("job").openRounds.get(0)!.slots[0]!.accepted).toMatchObject({ precision: "float16" });
});

test("[PC4] a batch is judged as the class that it was compared in: what another batch shows meanwhile makes no lie of its coarse rows", () => {
  const story = begin(2);
  const [sent] = outOf(story, 0) as [Sent];
  story.answer(sent, 1);
  const next = story.out().find(({ sessionId }) => sessionId === sent.sessionId)!;
  story.answer(next, 1);
  const [first, second] = [sent, next].map(
    (one) => story.asked("audit").find(({ assignmentId }) => assignmentId === one.assignmentId)!,
  );
  expect([first, second].map((audit) => audit!.isFine)).toEqual([false, false]);
  for (const [audit, checked, coarse] of [[first!, 3, 0] as const, [second!, 4, 2] as const]) {
    const { effectId, jobId, roundIndex, generation, assignmentId, randomRows } = audit;
    const of = { effectId, jobId, roundIndex, generation, assignmentId };
    story.happen({
      ...{ type: "audited", ...of, checked, randomlyChecked: randomRows },
      ...{ failed: 0, coarse, against: null },
    });
  }
  expect(story.asked("confirm")).toEqual([]);
  expect(volunteer(story, sent)).toMatchObject({ quarantine: null, auditsFailed: 0 });
  expect([...volunteer(story, sent).classes.values()]).toEqual([{ fine: 5, coarse: 2, wrong: 0 }]);
});

test("[PC4] [VF13] what a record had shown before it starts anew is not counted any more", () => {
  const story = begin();
  const { verifiedWork, volunteers } = story.state;
  const [sent] = outOf(story, 0) as [Sent];
  changeRecord(verifiedWork, volunteer(story, sent), (record) => {
    record.auditsPassed = 500;
  });
  found(story, sent, { checked: 3, failed: 0, coarse: 1 });
  const counted = noVerifiedWork();
  for (const record of volunteers.values()) countRecord(counted, record, 1);
  expect(verifiedWork).toEqual(counted);
});

test("[PC6] golden rows measure the class too, and one that is wrong names a liar", () => {
  const story = begin();
  const [measured, liar] = [outOf(story, 0)[0]!, outOf(story, 1)[0]!];
  found(story, measured, { checked: 1, failed: 0, golden: { fine: 2, coarse: 0, wrong: 0 } });
  expect(story.job("job").openRounds.get(0)!.slots[0]!.accepted).toMatchObject({ precision: "fixed32" });
  found(story, liar, { checked: 1, failed: 0, golden: { fine: 1, coarse: 0, wrong: 1 } });
  expect(volunteer(story, liar).quarantine).not.toBeNull();
});

test("[VF15] [PC6] whoever differs in a golden row alone is not named before that was computed again", () => {
  const story = begin();
  const [sent] = outOf(story, 0) as [Sent];
  story.answer(sent, 1);
  const { effectId, jobId, roundIndex, generation, assignmentId, randomRows } = story.asked("audit")[0]!;
  story.happen({
    ...{ type: "audited", effectId, jobId, roundIndex, generation, assignmentId, randomlyChecked: randomRows },
    ...{ checked: 3, failed: 0, golden: { fine: 1, coarse: 0, wrong: 1 }, against: null },
  });
  expect(story.asked("confirm")).toMatchObject([{ of: effectId, volunteerIds: [volunteerOf(sent)] }]);
  expect(volunteer(story, sent).quarantine).toBeNull();
});

test("[PC7] a card that computes a model wrong is unfit, its tab goes on with what else it has, and is measured anew", () => {
  const story = begin();
  const [sent] = outOf(story, 0) as [Sent];
  const { modelSha256 } = story.job("job").stored;
  const { sessionId } = sent;
  // Said after the batch came, before it is answered.
  story.happen({ type: "modelOnBackend", sessionId, modelSha256, backend: "webgpu" });
  found(story, sent, { checked: 8, failed: 8 });
  expect(story.asked("tellUnfit")).toMatchObject([{ sessionId, modelSha256, backend: "webgpu" }]);
  expect([...volunteer(story, sent).classes.keys()]).toEqual([`${modelSha256} webgpu`]);
  const submitAgain = (jobId: string) =>
    story.happen({
      type: "jobSubmitted",
      job: { ...story.job("job").stored, jobId, state: "accepting", finishedMs: null } as never,
    });
  const sentOf = (jobId: string) => story.out().find((one) => one.sessionId === sessionId && one.jobId === jobId);
  story.answerAll();
  submitAgain("other");
  expect(sentOf("other")).toBeUndefined();

  story.happen({ type: "modelOnBackend", sessionId, modelSha256, backend: "wasm" });
  submitAgain("third");
  const next = must(
    story.out().find((one) => one.sessionId === sessionId),
    "PC7: it gets work again",
  );
  found(story, next, { checked: 4, failed: 0 });
  expect(volunteer(story, sent)).toMatchObject({ quarantine: null });
  expect([...volunteer(story, sent).classes.keys()]).toContain(`${modelSha256} wasm`);
});

test("[PC7] what a session says of other models, or of none that there are, changes nothing of this one", () => {
  const story = begin();
  const [sent] = outOf(story, 0) as [Sent];
  story.happen({ type: "modelOnBackend", sessionId: sent.sessionId, modelSha256: "f".repeat(64), backend: "webgpu" });
  story.happen({ type: "modelOnBackend", sessionId: "nobody", modelSha256: "f".repeat(64), backend: "webgpu" });
  found(story, sent, { checked: 8, failed: 8 });
  expect(story.asked("tellUnfit")).toMatchObject([{ backend: expect.not.stringMatching("webgpu") }]);
});

test("[PC9] whoever names a new back-end for each batch has eight of them measured, and gets nothing for a further one", () => {
  const story = begin();
  const [first] = outOf(story, 0) as [Sent];
  const { stored } = story.job("job");
  const { sessionId } = first;
  const { modelSha256 } = stored;
  const says = (backend: string) => story.happen({ type: "modelOnBackend", sessionId, modelSha256, backend });
  const held = () => story.out().find((one) => one.sessionId === sessionId);
  const submitAgain = (jobId: string) =>
    story.happen({
      type: "jobSubmitted",
      job: { ...stored, jobId, state: "accepting", finishedMs: null } as never,
    });
  for (let n = 0; n < MEASURED_BACKENDS_MAX; n++) {
    const sent = must(held(), "PC9: a back-end that is measured yet gets work");
    says(`card ${n}`);
    found(story, sent, { checked: 4, failed: 0 });
    submitAgain(`job ${n}`);
  }
  expect(story.state.volunteers.get(volunteerOf(first))!.classes.size).toBe(MEASURED_BACKENDS_MAX);
  // What it holds, computed on a further one, is somebody else's.
  const sent = must(held(), "PC9: it gets work as long as it names one of these");
  says("card 8");
  expect(story.asked("voidAssignment").map(({ assignmentId }) => assignmentId)).toContain(sent.assignmentId);
  story.happen({ type: "assignmentReturned", sessionId, assignmentId: sent.assignmentId });
  submitAgain("later");
  expect(held()).toBeUndefined();
  says("card 3");
  submitAgain("last");
  expect(held()).toBeDefined();
});

const GIB = 2 ** 30;

/** A job whose batches take so much of a tab. */
function submitLarge(story: Story, tabBytes: number): void {
  const job = storedJob("job", { ...SYSTEMATIC, liars: 0, stragglers: 1 }, 400, story.nowMs);
  story.submitJob({ ...job, tabBytes });
}

test("[PC8] a batch that takes more than any tab has goes only to tabs that give one model so much", () => {
  const story = new Story();
  story.crowd(4);
  for (const n of [5, 6]) story.join(n, `s${n}`, { memoryBytes: 4 * GIB });
  story.join(7, "s7", { memoryBytes: 2 * GIB });
  submitLarge(story, 3 * GIB);
  story.answerAll();
  const sessions = new Set(story.asked("sendAssignment").map(({ sessionId }) => sessionId));
  expect([...sessions].sort()).toEqual(["s5", "s6"]);
  // Of a batch that any tab has room for, what a tab says is not asked.
  const other = new Story();
  for (const n of [1, 2]) other.join(n, `s${n}`, { memoryBytes: GIB / 2 });
  other.submit("job", { ...SYSTEMATIC, liars: 0, stragglers: 1 }, 400);
  expect(other.out().length).toBeGreaterThan(0);
});

test("[PC8] where no tab has so much, the job says how many tabs there are and how much each has, and goes on with the first that has it", () => {
  const story = new Story();
  story.crowd(3);
  story.join(4, "s4", { memoryBytes: 2 * GIB });
  submitLarge(story, 3.03 * GIB);
  expect(story.out()).toEqual([]);
  expect(lackOfTabs(story.state, story.job("job"))?.waitingFor).toMatch(
    /a batch of this model takes 3\.1 GiB of a tab, and no tab that is ready gives one model so much: 1 with 2\.0 GiB, 3 with 1\.0 GiB;/,
  );
  story.join(5, "s5", { memoryBytes: 4 * GIB });
  expect(lackOfTabs(story.state, story.job("job"))).toBeNull();
  expect(story.out().map(({ sessionId }) => sessionId)).toContain("s5");
});

test("[PC13] [JB2] whoever says that it computes such a job elsewhere gets none of it, and a job that all said so of waits for other tabs", () => {
  const story = new Story();
  story.crowd(2);
  const job = storedJob("job", { ...SYSTEMATIC, liars: 0, stragglers: 1 }, 400, story.nowMs);
  story.submitJob({ ...job, isFixedOnly: true });
  const waits = () => lackOfTabs(story.state, story.job("job"))?.waitingFor ?? null;
  const { modelSha256 } = job;
  for (const sessionId of ["s1", "s2"]) {
    expect(waits()).toBeNull();
    story.happen({ type: "modelOnBackend", sessionId, modelSha256, backend: "webgl" });
  }
  expect(waits()).toBe("waiting for tabs: the ready tabs compute this model differently from the coordinator");
  story.join(3);
  expect(waits()).toBeNull();
});
