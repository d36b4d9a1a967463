import { expect, test } from "vitest";
import { GOOD_DECODE, referenceOf, Story, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import type { FinishedRound } from "./job.ts";

function volunteersOf({ sources }: FinishedRound): (string | undefined)[] {
  return sources.map((source) => source?.volunteerId);
}

function auditOf(story: Story, assignmentId: number) {
  return story.asked("audit").find((effect) => effect.assignmentId === assignmentId)!;
}

function judge(story: Story, assignmentId: number, failed: number) {
  const audit = auditOf(story, assignmentId);
  return story.happen({
    type: "audited",
    ...referenceOf(audit),
    assignmentId,
    checked: audit.randomRows,
    randomlyChecked: audit.randomRows,
    failed,
    against: null,
  });
}

test("[VF1] a result is decoded only after its audit, and every batch is audited", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  expect(sent).toHaveLength(7);
  for (const assignment of sent) story.answer(assignment, 1);
  expect(story.asked("audit").map((audit) => audit.assignmentId)).toEqual(sent.map((a) => a.assignmentId));
  expect(story.asked("audit").every((audit) => audit.randomRows >= 1)).toBe(true);
  expect(story.asked("decode")).toEqual([]);
  for (const { assignmentId } of sent) judge(story, assignmentId, 0);
  expect(story.asked("decode")).toHaveLength(1);
});

test("[VF3] [VF4] a failed audit quarantines the volunteer and its slot goes to another", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  const liar = story.out()[2]!;
  story.answer(liar);
  const effects = judge(story, liar.assignmentId, 1);
  expect(story.state.volunteers.get("v3")!.quarantine).toMatchObject({ jobId: "job", roundIndex: 0 });
  expect(effects).toContainEqual(
    expect.objectContaining({
      type: "persist",
      records: [expect.objectContaining({ kind: "crowd" }), expect.objectContaining({ kind: "volunteer" })],
    }),
  );
  const again = effects.filter((effect) => effect.type === "sendAssignment");
  expect(again).toMatchObject([{ workerIndex: liar.workerIndex }]);
  expect(again[0]).not.toMatchObject({ sessionId: liar.sessionId });
});

test("[VF3] a newcomer that lies and goes before its audit is done is quarantined, and its slot goes to another", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  const [liar, honest] = story.out();
  for (const { assignmentId, sessionId } of [liar!, honest!]) {
    story.answer({ assignmentId, sessionId });
    story.happen({ type: "sessionClosed", sessionId });
  }
  const effects = judge(story, liar!.assignmentId, 1);
  expect(story.state.volunteers.get("v1")!.quarantine).toMatchObject({ jobId: "job", roundIndex: 0 });
  expect(effects.filter(({ type }) => type === "sendAssignment")).toMatchObject([{ workerIndex: liar!.workerIndex }]);
  judge(story, honest!.assignmentId, 0);
  expect(story.state.volunteers.get("v2")).toMatchObject({ quarantine: null, auditsPassed: expect.any(Number) });
  // Who comes and goes and sends nothing is not kept.
  story.happen({ type: "sessionClosed", sessionId: "s12" });
  expect(story.state.volunteers.has("v12")).toBe(false);
});

test("[VF4] [RD6] a liar found in a later round has its part of durable rounds redone, under a new generation", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(8);
  story.submit("job", SYSTEMATIC, 120);
  const settleRound = () => {
    for (const assignment of [...story.out()]) {
      story.answer(assignment, 1);
      if (auditOf(story, assignment.assignmentId)) judge(story, assignment.assignmentId, 0);
    }
  };
  settleRound();
  const job = story.job("job");
  expect(job.finishedRounds.size).toBe(1);
  const liarId = job.finishedRounds.get(0)!.sources[0]!.volunteerId;
  const lie = story.out().find((assignment) => `v${assignment.sessionId.slice(1)}` === liarId)!;
  story.answer(lie, 1);
  judge(story, lie.assignmentId, 1);
  expect(story.asked("withdraw")).toMatchObject([{ roundIndex: 0, workerIndex: 0, generation: 0 }]);
  // One round in flight is all the job may have: it waits its turn.
  expect([...job.toRedo]).toEqual([0]);
  expect([...job.openRounds.keys()]).toEqual([1]);
  for (let n = 0; n < 200 && story.jobState("job") !== "done"; n++) settleRound();
  expect(job.finishedRounds.get(0)!.generation).toBe(1);
  expect(story.jobState("job")).toBe("done");
  for (const finished of job.finishedRounds.values()) expect(volunteersOf(finished)).not.toContain(liarId);
});

test("[DP3] [VF5] a liar's part of many durable rounds is withdrawn at once and opened again a few at a time", () => {
  const story = new Story({ hold: ["audit", "persist"] });
  story.crowd(9);
  const write = () => {
    for (const { effectId } of story.asked("persist"))
      if (story.state.write?.effectId === effectId) story.happen({ type: "persisted", effectId });
  };
  story.submit("job", { ...SYSTEMATIC, roundsInFlight: 2 }, 400);
  write();
  write();
  const job = story.job("job");
  const answer = (isLie: (volunteerId: string) => boolean) => {
    for (const assignment of [...story.out()]) {
      story.answer(assignment, 1);
      const lies = isLie(`v${assignment.sessionId.slice(1)}`);
      if (auditOf(story, assignment.assignmentId)) judge(story, assignment.assignmentId, lies ? 1 : 0);
      write();
    }
  };
  while (job.finishedRounds.size < 6) answer(() => false);
  const withLiar = [...job.finishedRounds]
    .filter(([, finished]) => volunteersOf(finished).includes("v1"))
    .map(([index]) => index);
  expect(withLiar.length).toBeGreaterThan(2);
  for (let n = 0; n < 20 && job.toRedo.size === 0; n++) answer((volunteerId) => volunteerId === "v1");
  expect(new Set(story.asked("withdraw").map(({ roundIndex }) => roundIndex))).toEqual(new Set(withLiar));
  for (let n = 0; n < 100 && story.jobState("job") !== "done"; n++) {
    answer(() => false);
    expect(job.openRounds.size).toBeLessThanOrEqual(2);
    for (const { effectId, jobId, volunteerId, rows } of story.asked("topUp")) {
      story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 0 });
    }
    write();
  }
  expect(story.jobState("job")).toBe("done");
  for (const finished of job.finishedRounds.values()) expect(volunteersOf(finished)).not.toContain("v1");
});

test("[VF2] rows that disagree with their estimate are audited before anything is published", () => {
  const story = new Story({ hold: ["decode"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  for (const assignment of story.out()) story.answer(assignment, 1);
  const decode = story.asked("decode")[0]!;
  expect(decode.auditSuspects).toBe(true);
  const suspect = decode.results[1]!;
  story.happen({
    type: "decoded",
    ...referenceOf(decode),
    outcome: { ...GOOD_DECODE, suspectAudits: [{ workerIndex: suspect.workerIndex, checked: 2, failed: 1 }] },
  });
  expect(story.asked("publish")).toEqual([]);
  expect(story.state.volunteers.get(suspect.volunteerId)!.quarantine).not.toBeNull();
});

test("[RD3] what a suspect that lied was part of is decoded again without it, and only that is published", () => {
  const story = new Story({ hold: ["decode"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  for (const assignment of story.out()) story.answer(assignment, 1);
  const decode = story.asked("decode")[0]!;
  const { workerIndex, volunteerId } = decode.results[1]!;
  const suspectAudits = [{ workerIndex, checked: 2, failed: 1 }];
  story.happen({ type: "decoded", ...referenceOf(decode), outcome: { ...GOOD_DECODE, suspectAudits } });
  while (story.asked("decode").length === 1) story.answer(story.out()[0]!, 1);
  const again = story.asked("decode")[1]!;
  expect(again.results.map((result) => result.volunteerId)).not.toContain(volunteerId);
  story.happen({ type: "decoded", ...referenceOf(again), outcome: GOOD_DECODE });
  expect(story.asked("publish").map(({ decodeEffectId }) => decodeEffectId)).toEqual([again.effectId]);
});

test("[EV3] [VF4] the outcome of a decode that a quarantine overtook is not published", () => {
  const story = new Story({ hold: ["decode", "audit"] });
  story.crowd(7);
  story.join(1, "s1b");
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  expect(sent).toHaveLength(7);
  story.submit("other", { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound: 5 }, 5);
  const lie = story.out().find((assignment) => assignment.jobId === "other")!;
  expect(lie.sessionId).toBe("s1b");
  for (const assignment of sent) story.answer(assignment, 1);
  for (const { assignmentId } of sent) judge(story, assignmentId, 0);
  const decode = story.asked("decode")[0]!;
  expect(decode.results.map((result) => result.volunteerId)).toContain("v1");
  // Its other tab is caught while the round is being decoded.
  story.answer(lie, 1);
  judge(story, lie.assignmentId, 1);
  const effects = story.happen({ type: "decoded", ...referenceOf(decode), outcome: GOOD_DECODE });
  expect(effects.filter((effect) => effect.type === "publish")).toEqual([]);
});

test("[VF3] a lie counts even where another result was taken before its audit was back", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  const lost = sent[0]!;
  for (const assignment of sent.slice(1, 6)) {
    story.answer(assignment, 1);
    judge(story, assignment.assignmentId, 0);
  }
  const backup = story.out().find((assignment) => assignment.workerIndex === lost.workerIndex && assignment !== lost)!;
  story.answer(lost, 1);
  story.answer(backup, 1);
  judge(story, lost.assignmentId, 0);
  expect(story.jobState("job")).toBe("done");
  judge(story, backup.assignmentId, 1);
  expect(story.state.volunteers.get(`v${backup.sessionId.slice(1)}`)!.quarantine).not.toBeNull();
});

test("[VF4] in a fast job, estimates that a liar's results went into are asked again", () => {
  const story = new Story({ hold: ["audit", "decode", "topUp"] });
  story.crowd(12);
  story.submit("job", { ...SYSTEMATIC, completion: "fast" }, 40);
  const sent = story.out();
  for (const assignment of sent.slice(2)) {
    story.answer(assignment, 1);
    judge(story, assignment.assignmentId, 0);
  }
  const decode = story.asked("decode")[0]!;
  story.happen({ type: "decoded", ...referenceOf(decode), outcome: { ...GOOD_DECODE, estimatedRows: 20 } });
  expect(story.jobState("job")).toBe("auditing");
  const topUp = story.asked("topUp").find((effect) => effect.volunteerId === "v3")!;
  story.happen({ type: "toppedUp", effectId: topUp.effectId, jobId: "job", volunteerId: "v3", checked: 5, failed: 1 });
  // Its own worker index 2, and 0 and 1, which were only estimated.
  const withdrawn = new Set(story.asked("withdraw").map((effect) => effect.workerIndex));
  expect([...withdrawn].sort()).toEqual([0, 1, 2]);
  expect(new Set(story.out().map((assignment) => assignment.workerIndex))).toEqual(new Set([0, 1, 2]));
});

test("[ES3] [RD4] in a fast job a query whose estimate may not be told is computed again, and ends the round", () => {
  const story = new Story({ hold: ["decode"] });
  story.crowd(12);
  story.submit("job", { ...SYSTEMATIC, completion: "fast" }, 40);
  const sent = story.out();
  for (const assignment of sent.slice(2)) story.answer(assignment, 1);
  const decode = story.asked("decode")[0]!;
  const before = story.asked("sendAssignment").length;
  story.happen({
    type: "decoded",
    ...referenceOf(decode),
    outcome: { ...GOOD_DECODE, estimatedRows: 17, unanswered: [sent[1]!.workerIndex] },
  });
  expect(story.asked("publish")).toHaveLength(1);
  const again = story.asked("sendAssignment").slice(before);
  expect(again).toMatchObject([{ workerIndex: sent[1]!.workerIndex }]);
  expect(story.job("job").openRounds.size).toBe(1);
  story.answer(again[0]!, 1);
  expect(story.jobState("job")).toBe("done");
});

test("[VF3] rows that a suspicion chose do not count for a record", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  const assignment = story.out()[0]!;
  story.answer(assignment);
  const audit = auditOf(story, assignment.assignmentId);
  const { assignmentId } = assignment;
  story.happen({
    type: "audited",
    ...referenceOf(audit),
    assignmentId,
    checked: 8,
    randomlyChecked: 3,
    failed: 0,
    against: null,
  });
  expect(story.state.volunteers.get("v1")!.auditsPassed).toBe(3);
  expect(story.job("job").stored.auditedRows).toBe(8);
});

test("[VF6] baselines are believed: no audit, no quarantine", () => {
  for (const scheme of ["uncoded", "replication", "approxifer"]) {
    const story = new Story();
    story.crowd(12);
    story.submit("job", { ...SYSTEMATIC, scheme }, 40);
    story.answerAll();
    expect(story.asked("audit"), scheme).toEqual([]);
    expect(story.jobState("job"), scheme).toBe("done");
  }
});

test("[JB4] volunteers without a record are audited up to the bound before the job ends", () => {
  const story = new Story({ hold: ["topUp"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 120);
  story.answerAll();
  expect(story.jobState("job")).toBe("auditing");
  const topUps = story.asked("topUp");
  expect(topUps.length).toBeGreaterThan(0);
  expect(topUps.reduce((sum, effect) => sum + effect.rows, 0)).toBeLessThanOrEqual(60);
  for (const { effectId, jobId, volunteerId, rows } of topUps) {
    story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 0 });
  }
  expect(story.jobState("job")).toBe("done");
  // What the last audits added to the records is written with the job's end.
  const end = story.asked("persist").at(-1)!.records;
  expect(end.filter((record) => record.kind === "volunteer")).toHaveLength(
    new Set(topUps.map((t) => t.volunteerId)).size,
  );
});

test("[JB4] [VF4] a lie found by the last audits opens the job again", () => {
  const story = new Story({ hold: ["topUp"] });
  story.crowd(12);
  story.submit("job", SYSTEMATIC, 120);
  story.answerAll();
  const { effectId, jobId, volunteerId, rows } = story.asked("topUp")[0]!;
  story.happen({ type: "toppedUp", effectId, jobId, volunteerId, checked: rows, failed: 1 });
  expect(story.jobState("job")).toBe("running");
  expect(story.out().length).toBeGreaterThan(0);
});

test("[CR1] credit is given once, with the round, and never to who was quarantined", () => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 40);
  const sent = story.out();
  for (const assignment of sent) story.answer(assignment, 1);
  judge(story, sent[0]!.assignmentId, 1);
  for (const { assignmentId } of sent.slice(1)) judge(story, assignmentId, 0);
  for (const assignment of story.out()) {
    story.answer(assignment, 1);
    if (auditOf(story, assignment.assignmentId)) judge(story, assignment.assignmentId, 0);
  }
  expect(story.jobState("job")).toBe("done");
  expect(story.state.volunteers.get("v1")!.creditMacs).toBe(0);
  const credited = [...story.state.volunteers.values()].reduce((sum, v) => sum + v.creditAssignments, 0);
  const [round] = story
    .asked("persist")
    .flatMap(({ records }) => records.flatMap((r) => (r.kind === "round" ? [r] : [])));
  expect(credited).toBeGreaterThan(0);
  expect(credited).toBe(round!.sources.filter((source) => source !== null).length);
});
