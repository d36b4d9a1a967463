/** What an operator's word does for a quarantined volunteer, and what it does not. */
import { expect, test } from "vitest";
import { answerShare, fetchAll, sharesOut, submitRun } from "../coded/testing/coded-story.ts";
import { batchBound } from "../kinds/inference/core/batch-bounds.ts";
import type { InferenceJob } from "../kinds/inference/core/job.ts";
import { Story, SYSTEMATIC } from "./testing/story.ts";

const release = (story: Story, volunteerId: string) =>
  story.happen({ type: "volunteerReleased", volunteerId, reason: "a driver, since mended" });

function judgeAll(story: Story, lies: (volunteerId: string) => boolean): void {
  for (const assignment of [...story.out()]) {
    story.answer(assignment, 1);
    const audit = story.asked("audit").find(({ assignmentId }) => assignmentId === assignment.assignmentId);
    if (audit === undefined) continue;
    const { effectId, jobId, roundIndex, generation, assignmentId, randomRows } = audit;
    const failed = lies(`v${assignment.sessionId.slice(1)}`) ? 1 : 0;
    const counts = { checked: randomRows, randomlyChecked: randomRows, failed, against: null };
    story.happen({ type: "audited", effectId, jobId, roundIndex, generation, assignmentId, ...counts });
  }
}

/** Durable rounds with a part of v1, then its first lie: they wait in line to be opened again. */
function caughtLate(hold: ("audit" | "persist")[] = ["audit"]): { story: Story; job: InferenceJob } {
  const story = new Story({ hold });
  story.crowd(8);
  story.submit("job", SYSTEMATIC, 200);
  const job = story.job("job");
  while (job.finishedRounds.size < 2) judgeAll(story, () => false);
  for (let n = 0; n < 20 && job.toRedo.size === 0; n++) judgeAll(story, (volunteerId) => volunteerId === "v1");
  expect(job.toRedo.size).toBeGreaterThan(0);
  return { story, job };
}

test("[VF11] what was withdrawn is done again, though its volunteer has been released meanwhile", () => {
  const { story, job } = caughtLate();
  const withdrawn = [...job.toRedo];
  release(story, "v1");
  expect([...job.toRedo]).toEqual(withdrawn);
  for (let n = 0; n < 200 && story.jobState("job") !== "done"; n++) judgeAll(story, () => false);
  expect(story.jobState("job")).toBe("done");
  for (const roundIndex of withdrawn) expect(job.finishedRounds.get(roundIndex)!.generation).toBe(1);
  expect(job.contributions.get("v1")!.withdrawnAssignments).toBeGreaterThanOrEqual(withdrawn.length);
});

test("[VF11] a released volunteer gets work again as a newcomer, and one more wrong row quarantines it again", () => {
  const { story } = caughtLate();
  const volunteer = story.state.volunteers.get("v1")!;
  expect(volunteer.auditsPassed).toBeGreaterThan(0);
  const { quarantine } = volunteer;
  release(story, "v1");
  expect(volunteer).toMatchObject({ quarantine: null, auditsPassed: 0, auditsFailed: 1 });
  expect(volunteer.released).toEqual({ atMs: story.nowMs, reason: "a driver, since mended", from: quarantine });
  expect(story.state.quarantinedCount).toBe(0);
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  story.join(1);
  const facts = { volunteerId: "v1", precision: "float32", auditedRows: 1, opinionBy: null } as const;
  const newcomer = { ...facts, volunteerId: "never seen" };
  expect(batchBound(story.state, facts, 10)).toBe(batchBound(story.state, newcomer, 10));
  for (let n = 0; n < 30 && volunteer.quarantine === null; n++) judgeAll(story, (id) => id === "v1");
  expect(volunteer.quarantine).not.toBeNull();
  expect(volunteer.auditsFailed).toBe(2);
});

test("[VF11] the release is told once it is durable, and of nobody who is not quarantined", () => {
  const story = new Story({ hold: ["persist"] });
  story.crowd(2);
  expect(release(story, "v1")).toEqual([]);
  expect(release(story, "nobody")).toEqual([]);
  story.state.volunteers.get("v1")!.quarantine = { atMs: 1, jobId: "job", roundIndex: 0, reason: "audit" };
  story.state.quarantinedCount++;
  const [persist] = release(story, "v1");
  expect(persist).toMatchObject({ type: "persist", records: [{ kind: "volunteer" }] });
  expect(story.asked("answerRelease")).toEqual([]);
  story.happen({ type: "persisted", effectId: persist!.effectId });
  expect(story.asked("answerRelease")).toMatchObject([{ volunteerId: "v1" }]);
});

test("[VF11] a training goes on without whom it has named, released or not", () => {
  const story = new Story({ hold: ["run"] });
  story.crowd(4);
  const job = submitRun(story, "job", { iterations: 10 });
  const outcome = (type: "prepared" | "encoded" | "broadcastReady") => {
    const { effectId } = story.asked("run").at(-1)!.run;
    story.happen({ type: "ran", jobId: "job", run: { type, effectId } });
  };
  outcome("prepared");
  outcome("encoded");
  fetchAll(story);
  outcome("broadcastReady");
  const product = sharesOut(story, "product")[0]!;
  answerShare(story, product);
  const { effectId } = story.asked("run").at(-1)!.run;
  story.happen({ type: "ran", jobId: "job", run: { type: "verified", effectId, isRight: false } });
  const { volunteerId } = story.state.sessions.get(product.sessionId)!;
  expect(story.state.volunteers.get(volunteerId)!.quarantine).not.toBeNull();
  release(story, volunteerId);
  story.happen({ type: "sessionClosed", sessionId: product.sessionId });
  story.join(Number(volunteerId.slice(1)), "again");
  expect(story.state.sessions.get("again")!.state).toBe("ready");
  expect(job.seats.has(volunteerId)).toBe(false);
  expect(job.run!.volunteers.get(volunteerId)!.isPresent).toBe(false);
});

test("[VF11] a released volunteer that did nothing else is remembered when its last tab closes", () => {
  const story = new Story({ hold: ["run"] });
  story.crowd(4);
  submitRun(story, "job", { iterations: 10 });
  const tell = (outcome: Record<string, unknown>) => {
    const { effectId } = story.asked("run").at(-1)!.run;
    story.happen({ type: "ran", jobId: "job", run: { ...outcome, effectId } as never });
  };
  tell({ type: "prepared" });
  tell({ type: "encoded" });
  fetchAll(story);
  tell({ type: "broadcastReady" });
  const { sessionId } = sharesOut(story, "product")[0]!;
  answerShare(story, sharesOut(story, "product")[0]!);
  tell({ type: "verified", isRight: false });
  const { volunteerId } = story.state.sessions.get(sessionId)!;
  release(story, volunteerId);
  story.happen({ type: "sessionClosed", sessionId });
  expect(story.state.volunteers.get(volunteerId)?.released).not.toBeNull();
});
