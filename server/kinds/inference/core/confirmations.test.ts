import { describe, expect, test } from "vitest";
import { type Asked, type AskedOf, Story } from "../../../coordinator/testing/story.ts";
import { changeRecord } from "../../../coordinator/verified-work.ts";
import { waitsForVerdict } from "./confirmations.ts";
import type { RowVerdict } from "./work.ts";

const JOB = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, groupsPerRound: 4, roundsInFlight: 1 };

/** One of eight volunteers differs in its first batch; what is computed again is left for the test. */
function differing(
  settings: object = {},
  crowd = 8,
): { story: Story; confirm: AskedOf<"confirm">; volunteerId: string } {
  const story = new Story({ hold: ["audit", "confirm"] });
  story.crowd(crowd);
  story.submit("job", { ...JOB, ...settings }, 16);
  const [sent] = story.out();
  story.answer(sent!);
  fail(story, story.asked("audit").at(-1)!);
  return { story, confirm: story.asked("confirm").at(-1)!, volunteerId: sent!.volunteerId };
}

function fail(story: Story, audit: AskedOf<"audit">, failed = 1): Asked[] {
  return audited(story, audit, { checked: audit.randomRows, failed });
}

function audited(
  story: Story,
  { effectId, jobId, roundIndex, generation, assignmentId }: AskedOf<"audit">,
  { checked, failed }: { readonly checked: number; readonly failed: number },
): Asked[] {
  const counts = { checked, randomlyChecked: checked, failed, against: null };
  return story.happen({ type: "audited", effectId, jobId, roundIndex, generation, assignmentId, ...counts });
}

/** Both of two volunteers, or of more, have answered a batch, and it is asked what of it differs. */
function twoAnswered(crowd: number): {
  story: Story;
  one: string;
  asked: readonly [AskedOf<"audit">, AskedOf<"audit">];
} {
  const story = new Story({ hold: ["audit", "confirm"] });
  story.crowd(crowd);
  story.submit("job", JOB, 16);
  const [one, other] = story.out();
  story.answer(one!);
  story.answer(other!);
  const [first, second] = story.asked("audit");
  return { story, one: one!.volunteerId, asked: [first!, second!] };
}

/** One of eight volunteers has answered three batches before it is known what of them differs. */
function answeredThrice(): { story: Story; volunteerId: string; asked: readonly AskedOf<"audit">[] } {
  const story = new Story({ hold: ["audit", "confirm"] });
  story.crowd(8);
  story.submit("job", { ...JOB, roundsInFlight: 4 }, 64);
  const { volunteerId } = story.out()[0]!;
  for (let n = 0; n < 3; n++) story.answer(story.out().find((sent) => sent.volunteerId === volunteerId)!);
  return { story, volunteerId, asked: story.asked("audit") };
}

function judge(story: Story, confirm: AskedOf<"confirm">, verdict: RowVerdict): Asked[] {
  const { effectId, jobId, assignmentId, volunteerIds } = confirm;
  const judged = volunteerIds.map((volunteerId) => ({ volunteerId, verdict, spread: 0.2 }));
  return story.happen({ type: "confirmed", effectId, jobId, assignmentId, judged });
}

const quarantineOf = (story: Story, volunteerId: string) => story.state.volunteers.get(volunteerId)!.quarantine;

describe("[VF15] rows that differ", () => {
  test("are computed again before anybody is named; meanwhile the batch is another's, and its volunteer gets nothing of the job", () => {
    const { story, confirm, volunteerId } = differing();
    expect(confirm).toMatchObject({ volunteerIds: [volunteerId], of: story.asked("audit").at(-1)!.effectId });
    expect(quarantineOf(story, volunteerId)).toBeNull();
    const place = story.state.assignments.get(confirm.assignmentId!)!;
    const again = story.out().filter(({ workerIndex }) => workerIndex === place.workerIndex);
    expect(again).toHaveLength(1);
    expect(story.out().some((sent) => sent.volunteerId === volunteerId)).toBe(false);
    judge(story, confirm, "differs");
    expect(quarantineOf(story, volunteerId)).toMatchObject({ jobId: "job" });
  });

  test("and agree after all count as recomputed and right: the result stands, nobody is named", () => {
    const { story, confirm, volunteerId } = differing();
    judge(story, confirm, "agrees");
    expect(quarantineOf(story, volunteerId)).toBeNull();
    const { auditsPassed, auditsFailed } = story.state.volunteers.get(volunteerId)!;
    expect([auditsPassed > 0, auditsFailed]).toEqual([true, 0]);
    expect(story.state.assignments.get(confirm.assignmentId!)?.state).toBe("accepted");
    expect(story.job("job").stored.failedAudits).toBe(0);
  });

  test("whoever is looked at gets nothing of the job, though nobody else is there; and more of it once it agrees", () => {
    const { story, confirm } = differing({}, 1);
    // What it had been sent by then it may answer.
    for (const sent of story.out()) story.answer(sent);
    expect(story.out()).toEqual([]);
    judge(story, confirm, "agrees");
    expect(story.out().length).toBeGreaterThan(0);
  });

  test("and cannot be computed again fail the job, and name nobody", () => {
    const { story, confirm, volunteerId } = differing();
    const { effectId, jobId } = confirm;
    story.happen({ type: "confirmFailed", effectId, jobId, message: "out of memory" });
    expect(story.job("job").stored.error).toMatch(/could not recompute rows of this model: out of memory/);
    expect(quarantineOf(story, volunteerId)).toBeNull();
  });

  test("and are judged twice, or for nobody, change nothing the second time", () => {
    const { story, confirm, volunteerId } = differing();
    judge(story, confirm, "differs");
    const before = quarantineOf(story, volunteerId);
    expect(judge(story, confirm, "unstable")).toEqual([]);
    expect(quarantineOf(story, volunteerId)).toBe(before);
    expect(story.job("job").stored.suspended).toBeNull();
  });

  test("of several batches of one volunteer are computed again one after the other, and no more once it is named", () => {
    const { story, volunteerId, asked } = answeredThrice();
    for (const audit of asked) fail(story, audit);
    expect(story.asked("confirm")).toHaveLength(1);
    // None of them holds up who could compute it too.
    for (const { assignmentId } of asked) expect(waitsForVerdict(story.job("job"), assignmentId)).toBe(true);
    judge(story, story.asked("confirm")[0]!, "differs");
    expect(quarantineOf(story, volunteerId)).toMatchObject({ jobId: "job" });
    expect(story.asked("confirm")).toHaveLength(1);
    // They count all the same: a row of each was recomputed, and differs.
    expect(story.job("job").stored.failedAudits).toBe(asked.length);
    const { confirmations, confirmationsWaiting } = story.job("job");
    expect([confirmations.size, confirmationsWaiting.length]).toEqual([0, 0]);
  });

  test("of several batches of one volunteer that agree after all are each computed again, and stand", () => {
    const { story, volunteerId, asked } = answeredThrice();
    for (const audit of asked) fail(story, audit);
    for (const [n, { assignmentId }] of asked.entries()) {
      expect(story.asked("confirm")).toHaveLength(n + 1);
      expect(story.asked("confirm")[n]).toMatchObject({ assignmentId, volunteerIds: [volunteerId] });
      judge(story, story.asked("confirm")[n]!, "agrees");
      expect(story.state.assignments.get(assignmentId)?.state).toBe("accepted");
    }
    expect(story.asked("confirm")).toHaveLength(asked.length);
    expect(quarantineOf(story, volunteerId)).toBeNull();
    expect(story.job("job").stored.failedAudits).toBe(0);
  });

  test("of a volunteer that another job has named are not computed again", () => {
    const story = new Story({ hold: ["audit", "confirm"] });
    story.crowd(8);
    story.submit("job", { ...JOB, roundsInFlight: 4 }, 64);
    story.submit("other", { ...JOB, roundsInFlight: 4 }, 64);
    const { volunteerId } = story.out()[0]!;
    const auditOf = (jobId: string) => story.asked("audit").find((audit) => audit.jobId === jobId);
    for (let n = 0; n < 8 && (auditOf("job") === undefined || auditOf("other") === undefined); n++)
      story.answer(story.out().find((sent) => sent.volunteerId === volunteerId)!);
    const [first, other] = [auditOf("job")!, auditOf("other")!];
    fail(story, first);
    judge(story, story.asked("confirm")[0]!, "differs");
    expect(quarantineOf(story, volunteerId)).toMatchObject({ jobId: "job" });
    fail(story, other);
    expect(story.asked("confirm")).toHaveLength(1);
    expect(story.job("other").confirmations.size).toBe(0);
  });

  test("and wait for a verdict when the job is cancelled, or cannot be checked, name nobody", () => {
    for (const verdict of ["agrees", "unstable"] as const) {
      const { story, asked } = answeredThrice();
      for (const audit of asked) fail(story, audit);
      if (verdict === "agrees") story.happen({ type: "jobCancelled", jobId: "job" });
      judge(story, story.asked("confirm")[0]!, verdict);
      expect(story.asked("confirm")).toHaveLength(1);
      expect(story.state.quarantinedCount).toBe(0);
      expect(story.job("job").confirmationsWaiting).toEqual([]);
    }
  });

  test("the job does not end before they are judged", () => {
    const { story, confirm } = differing();
    for (let n = 0; n < 60 && story.jobState("job") === "running"; n++) {
      for (const audit of story.asked("audit"))
        if (story.job("job").auditsPending.has(audit.effectId)) fail(story, audit, 0);
      const [next] = story.out();
      if (next !== undefined) story.answer(next);
    }
    expect(story.job("job").finishedRounds.size).toBe(story.job("job").schedule.roundCount);
    expect(story.jobState("job")).toBe("running");
    judge(story, confirm, "differs");
    expect(story.jobState("job")).not.toBe("running");
  });
});

describe("[VF14] trusted runs that differ", () => {
  test("suspend the job: nothing is sent, what is out is let go, whoever it named has its record back", () => {
    const { story, confirm, volunteerId } = differing();
    changeRecord(story.state.verifiedWork, story.state.volunteers.get(volunteerId)!, (record) => {
      record.auditsPassed = 50;
    });
    judge(story, confirm, "differs");
    expect(story.state.quarantinedCount).toBe(1);
    const [sent] = story.out();
    story.answer(sent!);
    fail(story, story.asked("audit").at(-1)!);
    judge(story, story.asked("confirm").at(-1)!, "unstable");
    expect(story.job("job").stored.suspended?.reason).toMatch(/trusted runs of one row.* differ by 20 % of its size/);
    expect(story.out()).toEqual([]);
    expect(quarantineOf(story, volunteerId)).toBeNull();
    expect(quarantineOf(story, sent!.volunteerId)).toBeNull();
    expect(story.state.quarantinedCount).toBe(0);
    expect(story.state.volunteers.get(volunteerId)!.auditsPassed).toBeGreaterThanOrEqual(50);
    expect(story.state.volunteers.get(volunteerId)).toMatchObject({
      auditsFailed: 0,
      released: { reason: expect.stringMatching(/^the job cannot be checked/), from: { jobId: "job" } },
    });
    story.pass(60_000);
    expect(story.jobState("job")).toBe("running");
    story.happen({ type: "jobCancelled", jobId: "job" });
    expect(story.jobState("job")).toBe("cancelled");
  });

  test("and a submitter who takes its answers as they come: it ends, nobody is audited, nobody is named", () => {
    const { story, confirm } = differing();
    judge(story, confirm, "unstable");
    const audits = story.asked("audit").length;
    story.happen({ type: "goOnUnchecked", jobId: "job" });
    story.answerAll();
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("audit")).toHaveLength(audits);
    expect(story.asked("uncheck")).toHaveLength(1);
    expect(story.state.quarantinedCount).toBe(0);
    story.happen({ type: "goOnUnchecked", jobId: "job" });
    expect(story.asked("uncheck")).toHaveLength(1);
  });

  test("what is found while it is suspended names nobody", () => {
    const { story, asked } = twoAnswered(8);
    fail(story, asked[0]);
    judge(story, story.asked("confirm")[0]!, "unstable");
    fail(story, asked[1]);
    expect(story.asked("confirm")).toHaveLength(1);
    expect(story.state.quarantinedCount).toBe(0);
  });

  test("what was found wrong before it was suspended names nobody later either: rows that are right do not make a liar", () => {
    const { story, one, asked } = twoAnswered(2);
    // One wrong row and none that is right: nothing can be told yet.
    audited(story, asked[0], { checked: 1, failed: 1 });
    judge(story, story.asked("confirm")[0]!, "differs");
    expect(story.state.quarantinedCount).toBe(0);
    const again = story.out().find(({ volunteerId }) => volunteerId === one);
    story.answer(again!);
    fail(story, asked[1]);
    judge(story, story.asked("confirm")[1]!, "unstable");
    expect(story.job("job").stored.suspended).not.toBeNull();
    const third = story.asked("audit").find(({ assignmentId }) => assignmentId === again!.assignmentId);
    audited(story, third!, { checked: 1, failed: 0 });
    expect(story.state.quarantinedCount).toBe(0);
  });

  test("in half precision alone: nobody is named, and no half-precision tab gets more of the job", () => {
    const story = new Story({ hold: ["audit", "confirm"] });
    story.join(1, "s1", { precision: "float16" });
    story.submit("job", { ...JOB, completion: "fast" }, 16);
    story.answer(story.out()[0]!);
    fail(story, story.asked("audit")[0]!);
    const sentIn = (asked: readonly Asked[]) =>
      asked.flatMap((effect) => (effect.type === "sendAssignment" ? [effect.sessionId] : []));
    const another = (n: number) => sentIn(story.join(n, `half-${n}`, { precision: "float16" }));
    expect(another(20)).toEqual(["half-20"]);
    expect(sentIn(judge(story, story.asked("confirm")[0]!, "unstable in half precision"))).toEqual([]);
    expect(another(21)).toEqual([]);
    expect(story.state.quarantinedCount).toBe(0);
    expect(story.job("job").stored.suspended).toBeNull();
    const sent = Array.from({ length: 8 }, (_, n) => sentIn(story.join(n + 2))).flat();
    expect(sent.length).toBeGreaterThan(0);
    expect(sent).not.toContain("s1");
  });
});
