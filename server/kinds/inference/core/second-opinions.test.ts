import { expect, test } from "vitest";
import { ASSIGNMENT_DEADLINE_MS_MIN } from "../../../../shared/protocol/limits.ts";
import {
  type Asked,
  type AskedRecord,
  batchSource,
  Story,
  type StoryOptions,
} from "../../../coordinator/testing/story.ts";
import { batchBound } from "./batch-bounds.ts";

type Sent = Extract<Asked, { type: "sendAssignment" }>;

const JOB = {
  scheme: "systematic",
  queriesPerGroup: 4,
  stragglers: 1,
  liars: 0,
  groupsPerRound: 10,
  roundsInFlight: 1,
};

/** Draws that ask for a second opinion on the result of worker index 0 alone. */
function begin(options: StoryOptions = {}, crowd = 6): { story: Story; sent: Sent[] } {
  const story = new Story(options);
  story.crowd(crowd);
  story.submit("job", JOB, 40);
  const sent = story.out();
  return { story, sent };
}

function volunteerOf({ sessionId }: Sent): string {
  return `v${sessionId.slice(1)}`;
}

function answer(story: Story, assignment: Sent, draw: number): Asked[] {
  story.draw = draw;
  return story.answer(assignment, 1);
}

const ASK = 0;
const DO_NOT_ASK = 0.99;

test("[VF7] a drawn batch of a volunteer without a record is computed by somebody else too, and holds up no first answer", () => {
  const { story, sent } = begin();
  answer(story, sent[0]!, ASK);
  const again = story.out().filter(({ workerIndex }) => workerIndex === 0);
  expect(again).toHaveLength(1);
  expect(volunteerOf(again[0]!)).not.toBe(volunteerOf(sent[0]!));
  for (const assignment of sent.slice(1)) if (assignment !== again[0]) answer(story, assignment, DO_NOT_ASK);
  expect(story.asked("publish")).toHaveLength(1);
  const rounds = () => story.asked("persist").flatMap(({ records }) => records.filter(({ kind }) => kind === "round"));
  expect(rounds()).toEqual([]);
  answer(story, again[0]!, DO_NOT_ASK);
  const [round] = rounds() as Extract<AskedRecord, { kind: "round" }>[];
  const opinionBy = volunteerOf(again[0]!);
  expect(round!.sources[0]).toMatchObject({ volunteerId: volunteerOf(sent[0]!), opinionBy, auditedRows: 6 });
  // Both did the work.
  expect(story.state.volunteers.get(volunteerOf(again[0]!))!.creditAssignments).toBeGreaterThan(0);
});

test("[VF7] who has a record is asked alone, and so is a parity, whose rows answer nothing", () => {
  const story = new Story();
  const volunteer = {
    nickname: "",
    creditMacs: 1,
    creditAssignments: 1,
    auditsFailed: 0,
    rowsTaken: 0,
    choseUntilMs: null,
    ownerId: null,
    quarantine: null,
    team: "",
    released: null,
  };
  const volunteers = [1, 2, 3, 4, 5, 6].map((n) => ({ ...volunteer, volunteerId: `v${n}`, auditsPassed: 1_000 }));
  story.happen({ type: "restored", jobs: [], volunteers });
  story.crowd(6);
  story.submit("job", JOB, 40);
  const sent = story.out();
  for (const assignment of sent) answer(story, assignment, ASK);
  expect(story.asked("sendAssignment")).toHaveLength(sent.length);

  const other = begin();
  const parity = other.sent.find(({ workerIndex }) => workerIndex === 4)!;
  answer(other.story, parity, ASK);
  expect(other.story.out().filter(({ workerIndex }) => workerIndex === 4)).toEqual([]);
});

test("[VF7] a backup that is at it already gives the opinion", () => {
  const { story, sent } = begin({}, 8);
  for (const assignment of sent.slice(1)) answer(story, assignment, DO_NOT_ASK);
  const backup = story.out().find((assignment) => assignment.workerIndex === 0 && assignment !== sent[0])!;
  expect(backup).toBeDefined();
  answer(story, sent[0]!, ASK);
  expect(story.asked("voidAssignment").map(({ assignmentId }) => assignmentId)).not.toContain(backup.assignmentId);
  answer(story, backup, DO_NOT_ASK);
  expect(story.asked("audit").at(-1)).toMatchObject({ against: { assignmentId: sent[0]!.assignmentId } });
  expect(story.jobState("job")).toBe("done");
});

test("[VF7] a first tab that is late is not kept for the opinion on what its backup answered: somebody in time is asked", () => {
  const { story, sent } = begin({ hold: ["voidAssignment"] }, 8);
  const [late, ...others] = sent as [Sent, ...Sent[]];
  for (const assignment of others.slice(0, 2)) answer(story, assignment, DO_NOT_ASK);
  story.pass(ASSIGNMENT_DEADLINE_MS_MIN);
  expect(story.state.assignments.get(late.assignmentId)!.state).toBe("late");
  const backup = story.out().find((assignment) => assignment.workerIndex === 0 && assignment !== late)!;
  answer(story, backup, ASK);
  expect(story.asked("voidAssignment")).toContainEqual(
    expect.objectContaining({ assignmentId: late.assignmentId, tell: true }),
  );
  const asked = story.out().filter(({ workerIndex }) => workerIndex === 0);
  expect(asked).toHaveLength(1);
  expect([late, backup].map(volunteerOf)).not.toContain(volunteerOf(asked[0]!));
});

test("[VF8] of two who disagree the one that is wrong is quarantined, and the other's result stands", () => {
  const { story, sent } = begin({ hold: ["audit"] });
  const judge = (assignment: Sent, failed: number, againstFailed: number) => {
    const audit = story.asked("audit").find(({ assignmentId }) => assignmentId === assignment.assignmentId)!;
    const { effectId, jobId, roundIndex, generation, assignmentId } = audit;
    const against = audit.against && { randomlyChecked: 3, failed: againstFailed };
    const outcome = { checked: 4, randomlyChecked: 3, failed, against };
    story.happen({ type: "audited", effectId, jobId, roundIndex, generation, assignmentId, ...outcome });
  };
  answer(story, sent[0]!, ASK);
  judge(sent[0]!, 0, 0);
  const other = story.out().find((assignment) => assignment.workerIndex === 0)!;
  answer(story, other, DO_NOT_ASK);
  judge(other, 0, 1);
  expect(story.state.volunteers.get(volunteerOf(sent[0]!))!.quarantine).toMatchObject({
    reason: "1 of 4 recomputed rows differ",
  });
  const slot = story.job("job").openRounds.get(0)!.slots[0]!;
  expect(slot.accepted).toMatchObject({ volunteerId: volunteerOf(other), opinionBy: null, auditedRows: 3 });
  // The four rows were recomputed once, though they count for both.
  expect(story.job("job").stored.auditedRows).toBe(8);
});

test("[VF8] two who lied alike against the recomputed rows are both quarantined, and a third is asked", () => {
  const { story, sent } = begin({ hold: ["audit"] });
  const judge = (assignment: Sent, failed: number, againstFailed: number) => {
    const audit = story.asked("audit").find(({ assignmentId }) => assignmentId === assignment.assignmentId)!;
    const { effectId, jobId, roundIndex, generation, assignmentId } = audit;
    const against = audit.against && { randomlyChecked: 3, failed: againstFailed };
    const outcome = { checked: 3, randomlyChecked: 3, failed, against };
    return story.happen({ type: "audited", effectId, jobId, roundIndex, generation, assignmentId, ...outcome });
  };
  answer(story, sent[0]!, ASK);
  judge(sent[0]!, 0, 0);
  const other = story.out().find((assignment) => assignment.workerIndex === 0)!;
  answer(story, other, DO_NOT_ASK);
  judge(other, 2, 2);
  const liars = [sent[0]!, other].map(volunteerOf);
  for (const liar of liars) expect(story.state.volunteers.get(liar)!.quarantine).not.toBeNull();
  const again = story.out().filter(({ workerIndex }) => workerIndex === 0);
  for (const assignment of again) expect(liars).not.toContain(volunteerOf(assignment));
});

test("[VF8] whoever shares the network of the first is not asked; where nobody else is there, the batch stays without", () => {
  const story = new Story();
  for (let n = 1; n <= 6; n++) story.join(n, `s${n}`, { addressGroup: "one household" });
  story.submit("job", JOB, 40);
  for (const assignment of story.out()) answer(story, assignment, ASK);
  expect(story.asked("sendAssignment")).toHaveLength(5);
  expect(story.jobState("job")).toBe("done");

  const mixed = new Story();
  for (let n = 1; n <= 6; n++) mixed.join(n, `s${n}`, { addressGroup: n < 6 ? "one household" : "another" });
  mixed.submit("job", JOB, 40);
  const first = mixed.out().find(({ sessionId, workerIndex }) => sessionId !== "s6" && workerIndex < 4)!;
  const busy = mixed.out().find(({ sessionId }) => sessionId === "s6");
  answer(mixed, first, ASK);
  if (busy) answer(mixed, busy, DO_NOT_ASK);
  const asked = mixed.out().filter(({ workerIndex }) => workerIndex === first.workerIndex);
  expect(asked.map(({ sessionId }) => sessionId)).toEqual(["s6"]);
});

test("[VF8] where the only stranger was asked in vain, no neighbour of the first is asked in its place", () => {
  const story = new Story();
  for (let n = 1; n <= 6; n++) story.join(n, `s${n}`, { addressGroup: n < 6 ? "one household" : "another" });
  story.submit("job", JOB, 40);
  const first = story.out().find(({ sessionId, workerIndex }) => sessionId !== "s6" && workerIndex < 4)!;
  const busy = story.out().find(({ sessionId }) => sessionId === "s6");
  answer(story, first, ASK);
  if (busy) answer(story, busy, DO_NOT_ASK);
  const [asked] = story.out().filter(({ workerIndex }) => workerIndex === first.workerIndex);
  expect(asked).toMatchObject({ sessionId: "s6" });
  story.happen({ type: "sessionClosed", sessionId: "s6" });
  while (story.out().length > 0) answer(story, story.out()[0]!, DO_NOT_ASK);
  const sent = story.asked("sendAssignment").filter(({ workerIndex }) => workerIndex === first.workerIndex);
  expect(sent.map(({ sessionId }) => sessionId)).toEqual([first.sessionId, "s6"]);
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("audit").every(({ against }) => against === null)).toBe(true);
});

test("[VF7] an opinion that is late, or that nobody is there to give, holds no round up", () => {
  const { story, sent } = begin();
  answer(story, sent[0]!, ASK);
  const asked = story.out().find((assignment) => assignment.workerIndex === 0)!;
  for (const assignment of sent.slice(1)) if (assignment !== asked) answer(story, assignment, DO_NOT_ASK);
  expect(story.jobState("job")).toBe("running");
  story.pass(120_000);
  expect(story.jobState("job")).toBe("done");
  expect(story.job("job").finishedRounds.get(0)!.sources[0]).toMatchObject({ opinionBy: null });

  const alone = new Story();
  alone.crowd(1);
  alone.submit("job", JOB, 40);
  alone.draw = ASK;
  alone.answerAll();
  expect(alone.jobState("job")).toBe("done");
});

test("[VF9] what an answer's bound is made of is what was done: audits, the record, an opinion, and who was caught since", () => {
  const story = new Story();
  story.crowd(2);
  const { state } = story;
  const alone = batchBound(state, batchSource("v1"), 10);
  const source = { ...batchSource("v1"), opinionBy: "v2" };
  expect(batchBound(state, source, 10)).toBeCloseTo(0.1 * alone, 12);
  expect(batchBound(state, { ...source, auditedRows: 10 }, 10)).toBe(0);
  state.volunteers.get("v1")!.auditsPassed = 1_000;
  expect(batchBound(state, batchSource("v1"), 10)).toBeLessThan(1e-4);
  state.volunteers.get("v2")!.quarantine = { atMs: 1, jobId: "job", roundIndex: 0, reason: "" };
  expect(batchBound(state, source, 10)).toBe(batchBound(state, batchSource("v1"), 10));
  state.volunteers.get("v1")!.quarantine = { atMs: 1, jobId: "job", roundIndex: 0, reason: "" };
  expect(batchBound(state, source, 10)).toBe(1);
});

test("[VF9] batches that an opinion brought to the job's bound need no audits at its end, the others do", () => {
  const { story } = begin({ hold: ["topUp"] }, 10);
  story.draw = ASK;
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  expect(story.asked("topUp")).toEqual([]);
  const without = begin({ hold: ["topUp"] }, 10).story;
  without.draw = DO_NOT_ASK;
  without.answerAll();
  expect(without.jobState("job")).toBe("auditing");
});

test("[VF10] where the operator's cap leaves no audit, results are taken in unchecked, and everybody is asked for another's opinion", () => {
  const { story, sent } = begin({ settings: { auditShareMax: 0 }, hold: ["audit"] }, 12);
  for (const assignment of sent) answer(story, assignment, DO_NOT_ASK);
  expect(story.asked("audit")).toEqual([]);
  const { results } = story.asked("decode")[0]!;
  expect(results.every(({ auditedRows, opinionBy }) => auditedRows === 0 && opinionBy === null)).toBe(true);
  const opinions = story.out().filter(({ workerIndex }) => workerIndex < 4);
  expect(opinions).toHaveLength(4);
  // What an opinion is compared with is recomputed only where the two differ.
  for (const assignment of opinions) answer(story, assignment, DO_NOT_ASK);
  expect(story.asked("audit").map(({ randomRows }) => randomRows)).toEqual([0, 0, 0, 0]);
  expect(story.asked("audit").every(({ against }) => against !== null)).toBe(true);
});

test("[PC5] [VF8] what is found wrong of somebody of whom too few rows were looked at stands no longer, has no opinion and earns nothing", () => {
  for (const isPublished of [false, true]) {
    const { story, sent } = begin({ settings: { auditShareMax: 0 }, hold: ["audit"] }, 12);
    const [first, ...others] = sent as [Sent, ...Sent[]];
    answer(story, first, DO_NOT_ASK);
    if (isPublished) for (const assignment of others.slice(0, 3)) answer(story, assignment, DO_NOT_ASK);
    const isOpinion = (assignment: Sent) => assignment.workerIndex === 0 && assignment !== first;
    const other = story.out().find(isOpinion)!;
    answer(story, other, DO_NOT_ASK);
    const { crossChecked: _none, ...asked } = story.asked("audit")[0]!;
    const { effectId, jobId, roundIndex, generation, assignmentId } = asked;
    const outcome = { checked: 1, randomlyChecked: 0, failed: 0, against: { randomlyChecked: 0, failed: 1 } };
    story.happen({ type: "audited", effectId, jobId, roundIndex, generation, assignmentId, ...outcome });
    const round = story.job("job").openRounds.get(0)!;
    expect(story.state.volunteers.get(volunteerOf(first))!.quarantine).toBeNull();
    expect(round.slots[0]!.accepted).toMatchObject({ volunteerId: volunteerOf(other), opinionBy: null });
    expect([first, other].map((one) => round.credits.get(volunteerOf(one))?.assignments)).toEqual([undefined, 1]);
    expect(round.takenOut).toMatchObject([{ volunteerId: volunteerOf(first), wrongAssignmentId: first.assignmentId }]);
    expect(story.asked("withdraw").length > 0, `published: ${isPublished}`).toBe(isPublished);
  }
});

test("[VF10] the cap holds for audits at the end of a job too, and counts what was recomputed before a restart", () => {
  const story = new Story({ settings: { auditShareMax: 0.5 }, hold: ["topUp"] });
  story.crowd(12);
  story.draw = DO_NOT_ASK;
  story.submit("job", { ...JOB, roundsInFlight: 2 }, 200);
  story.answerAll();
  const asked = story.asked("audit").reduce((sum, { randomRows }) => sum + randomRows, 0);
  const toppedUp = story.asked("topUp").reduce((sum, { rows }) => sum + rows, 0);
  expect(asked).toBeGreaterThan(50);
  expect(asked + toppedUp).toBeLessThanOrEqual(100);
});

test("[VF4] [VF10] a batch that only a liar vouched for does not stay", () => {
  const story = new Story({ settings: { auditShareMax: 0 }, hold: ["audit"] });
  story.crowd(6);
  story.submit("job", JOB, 400);
  const judge = (isLiar: (volunteerId: string) => boolean) => {
    for (const { effectId, assignmentId, against, ...reference } of story.asked("audit")) {
      const pending = story.job("job").auditsPending.get(effectId);
      if (pending === undefined) continue;
      const { jobId, roundIndex, generation } = reference;
      const outcome = { checked: 2, randomlyChecked: 0, failed: isLiar(pending.volunteerId) ? 1 : 0 };
      const of = { effectId, assignmentId, jobId, roundIndex, generation };
      const failed = against !== null && isLiar(against.volunteerId) ? 1 : 0;
      story.happen({ type: "audited", ...of, ...outcome, against: against && { randomlyChecked: 0, failed } });
    }
  };
  const job = story.job("job");
  for (let n = 0; n < 20 && job.finishedRounds.size === 0; n++) {
    for (const assignment of story.out()) answer(story, assignment, DO_NOT_ASK);
    judge(() => false);
  }
  const { opinionBy } = job.finishedRounds.get(0)!.sources[0]!;
  expect(opinionBy).not.toBeNull();
  for (let n = 0; n < 20 && story.asked("withdraw").length === 0; n++) {
    for (const assignment of story.out()) answer(story, assignment, DO_NOT_ASK);
    judge((volunteerId) => volunteerId === opinionBy);
  }
  expect(story.state.volunteers.get(opinionBy!)!.quarantine).not.toBeNull();
  expect(job.toRedo.has(0) || job.openRounds.has(0)).toBe(true);
  expect(story.asked("withdraw")).toContainEqual(expect.objectContaining({ roundIndex: 0, workerIndex: 0 }));
});

test("[PC2] of two that agree the one that computes in float32 stands, and both did the work", () => {
  const story = new Story();
  story.join(1, "s1", { precision: "float16" });
  story.submit("job", { ...JOB, queriesPerGroup: 1, stragglers: 0, completion: "fast" }, 10);
  const [coarse] = story.out() as [Sent];
  for (const n of [2, 3]) story.join(n);
  answer(story, coarse, ASK);
  const [fine] = story.out() as [Sent];
  const patches = story.asked("patch").length;
  answer(story, fine, DO_NOT_ASK);
  const stands = { volunteerId: volunteerOf(fine), precision: "fixed32", opinionBy: volunteerOf(coarse) };
  const [round] = story
    .asked("persist")
    .flatMap(({ records }) => records.filter(({ kind }) => kind === "round")) as Extract<
    AskedRecord,
    { kind: "round" }
  >[];
  expect(round!.sources[0]).toMatchObject(stands);
  expect(story.asked("patch").slice(patches)).toMatchObject([{ results: [stands] }]);
  for (const one of [coarse, fine]) expect(story.state.volunteers.get(volunteerOf(one))!.creditAssignments).toBe(1);
});
