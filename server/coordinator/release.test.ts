/** What an operator's word does for a quarantined volunteer, and what it does not. */
import { expect, test } from "vitest";
import { answerShare, fetchAll, sharesOut, submitRun } from "../coded/testing/coded-story.ts";
import { CORE_KINDS } from "../kinds/core-kinds.ts";
import { RowsStory } from "../kinds/inference/rows/testing/rows-story.ts";
import { recordChecks } from "./reputation.ts";
import { startStep } from "./step-context.ts";
import { Story } from "./testing/story.ts";

const release = (story: Story, volunteerId: string) =>
  story.happen({ type: "volunteerReleased", volunteerId, reason: "a driver, since mended" });

test("[VF11] what was taken out of a running job is answered anew, though its volunteer has been released meanwhile; that gets work again, as a newcomer", () => {
  let isLying = false;
  const told = new RowsStory({ lies: (volunteerId, place) => isLying && volunteerId === "v1" && place % 2 === 0 });
  told.crowd(8);
  told.submit("job", 20_000, { macsPerQuery: 1e9 });
  const { state } = told;
  const volunteer = () => state.volunteers.get("v1")!;
  for (let n = 0; n < 16; n++) told.answer(told.out()[0]!, 1);
  isLying = true;
  for (let n = 0; n < 400 && (volunteer()?.quarantine ?? null) === null; n++) told.answer(told.out()[0]!, 1);
  const { quarantine } = volunteer();
  expect(quarantine).not.toBeNull();
  told.happen({ type: "volunteerReleased", volunteerId: "v1", reason: "a driver, since mended" });
  expect(volunteer()).toMatchObject({ quarantine: null, auditsPassed: 0 });
  expect(volunteer().released).toEqual({ atMs: told.nowMs, reason: "a driver, since mended", from: quarantine });
  expect(state.quarantinedCount).toBe(0);
  isLying = false;
  told.join(1, { sessionId: "again" });
  expect(state.sessions.get("again")!.state).toBe("ready");
  expect(told.out().map(({ sessionId }) => sessionId)).toContain("again");
  told.answerAll();
  expect(told.stateOf("job")).toBe("done");
  expect(told.durableRows("job")).toHaveLength(20_000);
  expect(told.job("job").contributions.get("v1")!.withdrawnRows).toBeGreaterThan(0);
  // One more wrong row quarantines it again.
  const found = { jobId: "job", roundIndex: 0 };
  const step = startStep(CORE_KINDS, state, told.nowMs);
  recordChecks(step, "v1", found, { checked: 1, randomlyChecked: 1, failed: 1 });
  expect(volunteer().quarantine).not.toBeNull();
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
